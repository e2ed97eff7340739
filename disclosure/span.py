"""What can be worked out from figures by adding and subtracting: whether a further one would bare a few sources.

Each figure is the sum over a set of sources, so it is a row of zeros and ones, and whatever is derived from figures
is a vector of the space the rows span. A derived figure is *light* when fewer than `enough` sources have a part in
it: then k − 1 of them could leave fewer than k others. Sources that stand behind the very same figures are one
*atom*, whose weight is their number: nothing tells them apart. Atoms of `enough` sources or more cannot have a part in
what is light, so those columns are eliminated first; what is left of the figures lies on small atoms alone, and whether
a light vector is among that is asked of `lightness`. Where it takes too long to know, nothing is told (`TooIntricate`).

Computed modulo the prime 2⁶¹ − 1. What is derived with fractions is derived modulo the prime too, unless the prime
divides a minor of the matrix: minors of up to 36 rows are too small for that (Hadamard's bound), and larger ones meet
it by a chance of 2⁻⁶¹.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from heapq import heapify, heappop, heappush

from disclosure.lightness import PRIME, Meter, Vector, has_light, subtract

MOST_WORK = 3_000_000  # entries touched in one check: about two seconds


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

    def forget(self, rows: int) -> None:
        """The rows after the first so many."""
        for pivot, _row in self.rows[rows:]:
            del self._place[pivot]
        del self.rows[rows:]


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
        self._rests: list[Vector] = []  # what the known figures are on small atoms, independent of each other

    def learn(self, place: int) -> None:
        """The figure over `sets[place]` is known."""
        self._keep(*self._rest(place))

    def bares(self, place: int) -> bool:
        """Whether the figure over `sets[place]` would let something light be derived."""
        big, small = self._rest(place)
        return not big and bool(self._small.reduced(small)) and self._bares(small)

    def bare_any(self, places: Sequence[int]) -> bool:
        """Whether all these figures together would."""
        rests, rows = len(self._rests), (len(self._big.rows), len(self._small.rows))
        for place in places:
            self.learn(place)
        bare = len(self._rests) > rests and has_light(self._rests, self._weights, self._enough, self._meter)
        del self._rests[rests:]
        self._big.forget(rows[0])
        self._small.forget(rows[1])
        return bare

    def _rest(self, place: int) -> tuple[Vector, Vector]:
        """What is new about the figure: on big atoms; or, where nothing is on these, what is left on small ones."""
        rest = self._big.reduced(self._vectors[place])
        heavy = any(self._weights[atom] >= self._enough for atom in rest)
        return (rest, {}) if heavy else ({}, rest)

    def _keep(self, big: Vector, small: Vector) -> None:
        if big:  # the pivot that the fewest figures share makes the least work later
            heavy = (atom for atom in big if self._weights[atom] >= self._enough)
            self._big.add(big, min(heavy, key=lambda atom: (self._degrees[atom], atom)))
        elif new := self._small.reduced(small):
            self._small.add(new, min(new, key=lambda atom: (self._degrees[atom], atom)))
            self._rests.append(small)

    def _bares(self, vector: Vector) -> bool:
        """Whether something light is derived from the vector with those that share an atom with it, and so on."""
        near, atoms, waiting = [vector], set(vector), self._rests
        while touching := [row for row in waiting if not atoms.isdisjoint(row)]:
            waiting = [row for row in waiting if atoms.isdisjoint(row)]
            near += touching
            atoms = atoms.union(*touching)
        return has_light(near, self._weights, self._enough, self._meter)
