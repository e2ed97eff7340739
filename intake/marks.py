"""A text cut at the places that could give its writer away, as the preview shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

MOST_LISTED = 40


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
    advice: Any


@dataclass
class Marked:
    parts: list[Part] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)


def marked(parts: Iterable[tuple[Any, str]]) -> Marked:
    """The parts, each a label and its text."""
    result = Marked()
    for label, text in parts:
        result.parts.append(Part(label, [Piece(text)]))
    return result
