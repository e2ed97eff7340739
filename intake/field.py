"""The check symbols of the receipt words: a Reed-Solomon code of 11 symbols, 2 of them checks, over GF(2^11).

A symbol is a word's number in its list of 2048. The numbers r0 … r10 stand together when Σ r_i = 0 and Σ r_i·α^i = 0
(roots α^0 and α^1, distance 3). One wrong symbol leaves e and e·α^i, whose ratio is its place; two symbols that changed
places leave a first sum of 0, which a single wrong one never does, so the two slips cannot be taken for each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

SYMBOLS, CHECKS = 11, 2
DATA = SYMBOLS - CHECKS
SIZE = 1 << 11
POLYNOMIAL = 0b1000_0000_0101  # x^11 + x^2 + 1, primitive: α = x runs through every element but 0


def _powers() -> Iterator[int]:
    value = 1
    for _ in range(SIZE - 1):
        yield value
        value <<= 1
        if value & SIZE:
            value ^= POLYNOMIAL


ORDER = SIZE - 1
EXP = tuple(_powers())
LOG = {value: power for power, value in enumerate(EXP)}


def times(first: int, second: int) -> int:
    return EXP[(LOG[first] + LOG[second]) % ORDER] if first and second else 0


def over(first: int, second: int) -> int:
    """`second` is not 0."""
    return EXP[(LOG[first] - LOG[second]) % ORDER] if first else 0


def sums(symbols: Sequence[int]) -> tuple[int, int]:
    """The two sums, 0 and 0 where the symbols stand together; beginnings of fewer symbols are summed alike."""
    plain = weighted = 0
    for place, symbol in enumerate(symbols):
        plain ^= symbol
        weighted ^= times(symbol, EXP[place])
    return plain, weighted


def with_checks(data: Sequence[int]) -> list[int]:
    """The nine symbols and the two that make them stand together."""
    first, second = missing([*data, 0, 0], DATA, DATA + 1)
    return [*data, first, second]


def missing(symbols: Sequence[int], first: int, second: int) -> tuple[int, int]:
    """What must stand at two places, whatever stands there now, for all to stand together."""
    rest = [0 if place in (first, second) else symbol for place, symbol in enumerate(symbols)]
    plain, weighted = sums(rest)
    at_first = over(weighted ^ times(plain, EXP[second]), EXP[first] ^ EXP[second])
    return at_first, at_first ^ plain


def one_missing(symbols: Sequence[int], place: int) -> int | None:
    """What must stand at one place; None where another place must be wrong as well."""
    plain, weighted = sums([0 if at == place else symbol for at, symbol in enumerate(symbols)])
    return plain if times(plain, EXP[place]) == weighted else None


def one_wrong(symbols: Sequence[int]) -> tuple[int, int] | None:
    """The place of the single wrong symbol, and the right one. None where no single change helps."""
    plain, weighted = sums(symbols)
    if not plain or not weighted:
        return None
    place = LOG[over(weighted, plain)]
    return (place, symbols[place] ^ plain) if place < len(symbols) else None


def swapped(symbols: Sequence[int]) -> list[tuple[int, int]]:
    """The pairs of places whose exchange makes all stand together: neighbours alone where there are such."""
    plain, weighted = sums(symbols)
    if plain or not weighted:
        return []
    pairs = [
        (first, second)
        for first, second in combinations(range(len(symbols)), 2)
        if times(symbols[first] ^ symbols[second], EXP[first] ^ EXP[second]) == weighted
    ]
    return [pair for pair in pairs if pair[1] - pair[0] == 1] or pairs
