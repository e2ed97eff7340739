"""Whether a space of vectors has one, other than zero, with little weight: the distance of a linear code.

In general a hard problem; three answers are tried, the cheap one first. An *information set* is a set of columns on
which no vector of the space but zero is zero. Of t that share no source, each vector has a part in every one. So

1. with t ≥ `enough` nothing is light;
2. else whatever is light has at most (enough − 1) / t parts in one of them, so that it is one row of the space written
   with that set as its pivots, or a sum of two: these are looked through (Brouwer and Zimmermann's way with codes);
3. else every way to spend the weight is tried, until the meter runs out (`TooIntricate`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

PRIME = 2**61 - 1

Vector = dict[int, int]  # column → entry other than zero, modulo PRIME


class TooIntricate(Exception):
    """It was not found out whether the figures bare somebody: too many overlap."""


class Meter:
    """Counts the work of one check, in entries touched. Raises TooIntricate."""

    def __init__(self, most: int) -> None:
        self.left = most

    def spend(self, entries: int) -> None:
        self.left -= entries
        if self.left < 0:
            raise TooIntricate


def subtract(vector: Vector, factor: int, row: Vector) -> None:
    """vector −= factor · row, in place."""
    for column, entry in row.items():
        if left := (vector.get(column, 0) - factor * entry) % PRIME:
            vector[column] = left
        else:
            vector.pop(column, None)


def weight_of(vector: Vector, weights: Mapping[int, int]) -> int:
    return sum(weights[column] for column in vector)


def has_light(rows: Sequence[Vector], weights: Mapping[int, int], enough: int, meter: Meter) -> bool:
    """Whether some combination of the rows, which are independent, weighs less than `enough` without being zero."""
    if any(weight_of(row, weights) < enough for row in rows):
        return True
    sets = list(information_sets(rows, weights, enough, meter))
    if len(sets) >= enough:
        return False
    if not sets:  # something is zero wherever there is weight
        return True
    parts = (enough - 1) // len(sets)
    if parts > 2:
        return any(light(row, list(rows[place + 1 :]), weights, enough - 1, meter) for place, row in enumerate(rows))
    return any(_light_sum(_solved(rows, pivots, meter), weights, enough, parts, meter) for pivots in sets)


def information_sets(
    rows: Sequence[Vector], weights: Mapping[int, int], most: int, meter: Meter
) -> Iterator[list[int]]:
    """Up to `most` information sets; a column is in as many of them as it weighs at most."""
    columns: dict[int, Vector] = {}
    for place, row in enumerate(rows):
        for column, entry in row.items():
            columns.setdefault(column, {})[place] = entry
    left = {column: weights[column] for column in columns}
    for _set in range(most):
        chosen: list[int] = []
        solved: dict[int, Vector] = {}  # by the row each is 1 at
        for column in sorted(columns, key=lambda each: (len(columns[each]), -left[each], each)):
            if left[column] and len(chosen) < len(rows):
                rest = _rest(columns[column], solved, meter)
                if rest:
                    pivot = min(rest)
                    inverse = pow(rest[pivot], -1, PRIME)
                    solved[pivot] = {place: entry * inverse % PRIME for place, entry in rest.items()}
                    chosen.append(column)
        if len(chosen) < len(rows):
            return
        for column in chosen:
            left[column] -= 1
        yield chosen


def _rest(column: Vector, solved: Mapping[int, Vector], meter: Meter) -> Vector:
    """The column less those that were chosen: zero if it depends on them. Each of them begins at its pivot."""
    rest = dict(column)
    meter.spend(len(rest))
    free: Vector = {}
    while rest:
        place = min(rest)
        if place in solved:
            meter.spend(len(solved[place]))
            subtract(rest, rest[place], solved[place])
        else:
            free[place] = rest.pop(place)
    return free


def _solved(rows: Sequence[Vector], pivots: Sequence[int], meter: Meter) -> list[Vector]:
    """The same space with rows that are 1 at one of the pivots and 0 at the others."""
    left, done = [dict(row) for row in rows], list[Vector]()
    for pivot in pivots:
        place = min((place for place, row in enumerate(left) if pivot in row), key=lambda each: len(left[each]))
        row = left.pop(place)
        inverse = pow(row[pivot], -1, PRIME)
        row = {column: entry * inverse % PRIME for column, entry in row.items()}
        for other in (*left, *done):
            if pivot in other:
                meter.spend(len(row))
                subtract(other, other[pivot], row)
        done.append(row)
    return done


def _light_sum(rows: Sequence[Vector], weights: Mapping[int, int], enough: int, parts: int, meter: Meter) -> bool:
    """Whether a row is light, or (with two parts) some multiple of one row and another together."""
    if any(weight_of(row, weights) < enough for row in rows):
        return True
    if parts < 2:
        return False
    totals = [weight_of(row, weights) for row in rows]
    for (one, weight_one), (two, weight_two) in combinations(zip(rows, totals, strict=True), 2):
        shorter, longer = (one, two) if len(one) < len(two) else (two, one)
        meter.spend(len(shorter))
        shared = [column for column in shorter if column in longer]
        common = sum(weights[column] for column in shared)
        if weight_one + weight_two - 2 * common >= enough:
            continue
        meter.spend(40 * len(shared))
        cancelled: dict[int, int] = {}
        for column in shared:
            ratio = shorter[column] * pow(longer[column], -1, PRIME) % PRIME
            cancelled[ratio] = cancelled.get(ratio, 0) + weights[column]
        if weight_one + weight_two - common - max(cancelled.values()) < enough:
            return True
    return False


def light(vector: Vector, rows: list[Vector], weights: Mapping[int, int], spare: int, meter: Meter) -> bool:
    """Whether vector + some combination of rows weighs at most `spare`.

    Takes a column and asks twice: for a combination that is zero there, which leaves one row fewer to combine; and for
    one that is not, which costs the column's weight, after which the column no longer matters.
    """
    meter.spend(len(vector) + sum(map(len, rows)) + 1)
    if weight_of(vector, weights) <= spare:
        return True
    rows = [row for row in rows if row]
    if sum(weights[column] for column in vector if not any(column in row for row in rows)) > spare:
        return False
    if not rows:
        return False
    first, *others = rows
    column = max(first, key=lambda each: (weights[each], each))
    if weights[column] <= spare:
        left = [_without(row, column) for row in rows]
        if light(_without(vector, column), left, weights, spare - weights[column], meter):
            return True
    if not weights[column]:
        return False
    scale = pow(first[column], -1, PRIME)
    for each in (zeroed := [dict(vector), *map(dict, others)]):
        if column in each:
            subtract(each, each[column] * scale % PRIME, first)
    return light(zeroed[0], zeroed[1:], weights, spare, meter)


def _without(vector: Vector, column: int) -> Vector:
    return {each: entry for each, entry in vector.items() if each != column}
