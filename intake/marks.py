"""A text cut at the places that could give its writer away, as the preview shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from intake import giveaways

MOST = 20  # of one text full of numbers the list would be longer than the page may be


@dataclass(frozen=True)
class Piece:
    """A stretch of text. `number` is 0 where nothing was found in it."""

    text: str
    number: int = 0


@dataclass(frozen=True)
class Part:
    label: Any
    pieces: list[Piece]


@dataclass(frozen=True)
class Found:
    """What the list says of a mark."""

    number: int
    text: str
    label: Any
    advice: Any


@dataclass
class Marked:
    """`more`: how many places were found beyond those in the list."""

    parts: list[Part] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    more: int = 0


def marked(parts: Iterable[tuple[Any, str]]) -> Marked:
    """The parts, each a label and its text. The same words found again have the same number."""
    result, numbers = Marked(), dict[tuple[str, str], int]()
    for label, text in parts:
        pieces = []
        for stretch, kind in giveaways.marked(text):
            if kind is None:
                pieces.append(Piece(stretch))
                continue
            known = numbers.setdefault((kind.value, stretch), len(numbers) + 1)
            pieces.append(Piece(stretch, known))
            if known > len(result.found) + result.more:
                if known <= MOST:
                    result.found.append(Found(known, stretch, kind.label, kind.advice))
                else:
                    result.more += 1
        result.parts.append(Part(label, pieces))
    return result
