"""Cuts a run of letters without spaces into eleven words, in every way there is: some words begin with others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from .field import SYMBOLS
from .lexicon import Lexicon
from .reading import LOOSE, Read

SLACK = 12  # letters a run of eleven words may be too long by and still be taken for one
# The chance that eleven words at random stand together is 2^-25; so many ways of cutting a run keep it below 2^-22.
# Of 3,000 receipts in each language at random, none had more than two ways.
MOST_WAYS = 8
MOST_GAPPED_WAYS = 1000


def ways(run: str, words: Lexicon) -> list[list[Read]]:
    """The first few ways to cut it into eleven words of the list."""
    return list(islice(_Cutter(run, words).from_start(gaps=0), MOST_WAYS))


def gapped_ways(run: str, words: Lexicon, *, gaps: int) -> list[list[Read]]:
    """The first ways to cut it into eleven pieces of which so many are no words of the list."""
    return list(islice(_Cutter(run, words).from_start(gaps=gaps), MOST_GAPPED_WAYS))


class _Cutter:
    def __init__(self, run: str, words: Lexicon) -> None:
        self.run, self.numbers = run, words.numbers
        self.lengths = range(1, words.longest + LOOSE + 1)
        self.bounded = len(run) <= SYMBOLS * words.longest + SLACK
        self.known: dict[tuple[int, int, int], bool] = {}

    def from_start(self, *, gaps: int) -> Iterator[list[Read]]:
        return self._walk(0, SYMBOLS, gaps) if self.bounded and self._ends(0, SYMBOLS, gaps) else iter(())

    def _ends(self, at: int, left: int, gaps: int) -> bool:
        """Whether exactly so many words and gaps lead from here to the end: no way is begun that does not."""
        if not left:
            return at == len(self.run) and not gaps
        state = (at, left, gaps)
        if state not in self.known:
            self.known[state] = any(True for _ in self._steps(*state))
        return self.known[state]

    def _steps(self, at: int, left: int, gaps: int) -> Iterator[tuple[Read, int]]:
        for length in self.lengths:
            piece = self.run[at : at + length]
            if len(piece) < length:
                return
            number = self.numbers.get(piece)
            gaps_left = gaps - (number is None)
            if gaps_left >= 0 and self._ends(at + length, left - 1, gaps_left):
                yield Read(piece, number), gaps_left

    def _walk(self, at: int, left: int, gaps: int) -> Iterator[list[Read]]:
        if not left:
            yield []
            return
        for read, gaps_left in self._steps(at, left, gaps):
            for rest in self._walk(at + len(read.text), left - 1, gaps_left):
                yield [read, *rest]
