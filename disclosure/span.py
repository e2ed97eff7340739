"""What can be worked out from figures by adding and subtracting: whether a further one would bare a few sources.

Each figure is the sum over a set of sources, so it is a row of zeros and ones, and whatever is derived from figures
is a vector of the space the rows span. A derived figure is *light* when fewer than `enough` sources have a part in
it: then k − 1 of them could leave fewer than k others. Sources that stand behind the very same figures are one
*atom*, whose weight is their number: nothing tells them apart.

Atoms of `enough` sources or more cannot have a part in what is light, so those columns are eliminated first; what is
left of a figure after that lies on small atoms alone, and the lightest vector of its coset is searched for: exactly,
with a bound on the work. Past the bound nothing is released (`TooIntricate`): the problem (the distance of a linear
code) has no quick solution in general.

Computed modulo the prime 2⁶¹ − 1. What is derived with fractions is derived modulo the prime too, unless the prime
divides a minor of the matrix, which minors of up to 36 rows are too small for (Hadamard's bound) and larger ones meet
by chance of 2⁻⁶¹.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from heapq import heapify, heappop, heappush

PRIME = 2**61 - 1
MOST_WORK = 4_000_000  # entries touched in one check: some seconds

Vector = dict[int, int]  # atom → entry other than zero, modulo PRIME


class TooIntricate(Exception):
    """It was not found out whether the figures bare somebody: too many overlap."""


class Meter:
    """Counts the work of one check. Raises TooIntricate."""

    def __init__(self, most: int) -> None:
        self.left = most

    def spend(self, entries: int) -> None:
        self.left -= entries
        if self.left < 0:
            raise TooIntricate


class Echelon:
    """Rows in echelon form: each is 1 at a pivot of its own and 0 at the pivots of the rows before it."""

    def __init__(self, meter: Meter) -> None:
        self.rows: list[tuple[int, Vector]] = []
        self._place: dict[int, int] = {}
        self._meter = meter

    def reduced(self, vector: Vector) -> Vector:
        """The vector less what the rows say of it: zero at each pivot."""
        rest = dict(vector)
        places = [self._place[atom] for atom in rest if atom in self._place]
        heapify(places)
        while places:
            pivot, row = self.rows[heappop(places)]
            if factor := rest.get(pivot):
                self._meter.spend(len(row))
                for atom in row.keys() - rest.keys():
                    if atom in self._place:
                        heappush(places, self._place[atom])
                subtract(rest, factor, row)
        return rest

    def add(self, vector: Vector, pivot: int) -> None:
        """A further row; reduced, and not zero at `pivot`."""
        inverse = pow(vector[pivot], -1, PRIME)
        self._place[pivot] = len(self.rows)
        self.rows.append((pivot, {atom: entry * inverse % PRIME for atom, entry in vector.items()}))


def subtract(vector: Vector, factor: int, row: Vector) -> None:
    """vector −= factor · row, in place."""
    for atom, entry in row.items():
        if left := (vector.get(atom, 0) - factor * entry) % PRIME:
            vector[atom] = left
        else:
            vector.pop(atom, None)


class Span:
    """What a growing number of known figures tells. `sets` are all that will be asked about, so that the atoms stand.

    Members below 0 weigh nothing: they stand for nobody in a cell that is empty (`judging`).
    """

    def __init__(self, sets: Sequence[frozenset[int]], enough: int, most_work: int = MOST_WORK) -> None:
        self._enough = enough
        self._meter = Meter(most_work)
        behind: dict[int, list[int]] = {}
        for place, members in enumerate(sets):
            for member in members:
                behind.setdefault(member, []).append(place)
        atoms: dict[tuple[int, ...], int] = {}
        self._weights: Counter[int] = Counter()
        self._vectors: list[Vector] = [{} for _set in sets]
        for member, theirs in behind.items():
            atom = atoms.setdefault(tuple(theirs), len(atoms))
            self._weights[atom] += member >= 0
        for places, atom in atoms.items():
            for place in places:
                self._vectors[place][atom] = 1
        self._degrees = Counter(atom for vector in self._vectors for atom in vector)
        self._big, self._small = Echelon(self._meter), Echelon(self._meter)

    def learn(self, place: int) -> None:
        """The figure over `sets[place]` is known."""
        self._keep(*self._rests(place))

    def bares(self, place: int) -> bool:
        """Whether the figure over `sets[place]` would let something light be derived; else it is known from now on."""
        big, small = self._rests(place)
        if not big and small and self._light(small, self._near(small), self._enough - 1):
            return True
        self._keep(big, small)
        return False

    def _rests(self, place: int) -> tuple[Vector, Vector]:
        """What is new about the figure: on big atoms; or, where nothing is on these, on small ones."""
        rest = self._big.reduced(self._vectors[place])
        if any(self._weights[atom] >= self._enough for atom in rest):
            return rest, {}
        return {}, self._small.reduced(rest)

    def _keep(self, big: Vector, small: Vector) -> None:
        if big:  # the pivot that the fewest figures share makes the least work later
            heavy = (atom for atom in big if self._weights[atom] >= self._enough)
            self._big.add(big, min(heavy, key=lambda atom: (self._degrees[atom], atom)))
        elif small:
            self._small.add(small, min(small, key=lambda atom: (self._degrees[atom], atom)))

    def _near(self, vector: Vector) -> list[Vector]:
        """The known rows on small atoms that share an atom with the vector, or with one that does, and so on."""
        near, atoms, waiting = list[Vector](), set(vector), [row for _pivot, row in self._small.rows]
        while touching := [row for row in waiting if not atoms.isdisjoint(row)]:
            near += touching
            atoms = atoms.union(*touching)
            waiting = [row for row in waiting if atoms.isdisjoint(row)]
        return near

    def _light(self, vector: Vector, rows: list[Vector], spare: int) -> bool:
        """Whether vector + some combination of rows weighs at most `spare`.

        Takes an atom and asks twice: for a combination that is zero there, which leaves one row fewer to combine; and
        for one that is not, which costs the atom's weight, after which the atom no longer matters.
        """
        self._meter.spend(len(vector) + sum(map(len, rows)) + 1)
        if sum(self._weights[atom] for atom in vector) <= spare:
            return True
        rows = [row for row in rows if row]
        if not rows:
            return False
        first, *others = rows
        atom = max(first, key=lambda each: (self._weights[each], each))
        weight = self._weights[atom]
        if weight <= spare:
            left = [without(row, atom) for row in rows]
            if self._light(without(vector, atom), left, spare - weight):
                return True
        if not weight:
            return False
        scale = pow(first[atom], -1, PRIME)
        for each in (zeroed := [dict(vector), *map(dict, others)]):
            if atom in each:
                subtract(each, each[atom] * scale % PRIME, first)
        return self._light(zeroed[0], zeroed[1:], spare)


def without(vector: Vector, atom: int) -> Vector:
    return {each: entry for each, entry in vector.items() if each != atom}
