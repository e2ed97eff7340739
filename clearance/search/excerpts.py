"""Where in a text the words of a question stand: a few lines around them, for the list of what was found. Pure.

Words are found in the folded text, shown is the text as it was written: folding joins and parts characters (half-width
ｶﾞ becomes ガ), so each folded character knows which of the written ones it comes from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .grams import folded, words_of

AROUND = 40
PASSAGES = 3
HALF_WIDTH_MARKS = "ﾞﾟ"
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Bit:
    """Some of the text, and whether it is one of the words."""

    text: str
    hit: bool = False


def excerpt(text: str, asked: str) -> list[Bit]:
    """The passages of a text around the words asked for, in its own spelling; its beginning where it has none."""
    plain = " ".join(text.split())
    found = _found(plain, words_of(asked))
    hits = _joined(span for spans in found for span in spans)
    passages = _joined(
        (max(0, spans[0][0] - AROUND), min(len(plain), spans[0][1] + AROUND)) for spans in found[:PASSAGES] if spans
    )
    bits: list[Bit] = []
    for start, end in passages or [(0, 2 * AROUND)]:
        bits.append(Bit("…" if start else ""))
        at = start
        for begin, stop in hits:
            if start <= begin and stop <= end:
                bits += [Bit(plain[at:begin]), Bit(plain[begin:stop], hit=True)]
                at = stop
        bits.append(Bit(plain[at:end]))
    bits.append(Bit("…" if (passages or [(0, 2 * AROUND)])[-1][1] < len(plain) else ""))
    return [bit for bit in bits if bit.text]


def _found(plain: str, words: Sequence[str]) -> list[list[Span]]:
    """For each word where it stands, in written characters."""
    places: list[Span] = []
    parts: list[str] = []
    for start, end in _clusters(plain):
        parts.append(folded(plain[start:end]))
        places += [(start, end)] * len(parts[-1])
    whole = "".join(parts)
    return [
        [(places[match.start()][0], places[match.end() - 1][1]) for match in re.finditer(re.escape(word), whole)]
        for word in words
    ]


def _clusters(text: str) -> Iterator[Span]:
    """Each character with the marks that join it."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not (text[at] in HALF_WIDTH_MARKS or unicodedata.combining(text[at])):
            yield start, at
            start = at


def _joined(spans: Iterator[Span]) -> list[Span]:
    """In order, those that touch made one."""
    made: list[Span] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = made[-1][0], max(made[-1][1], end)
        else:
            made.append((start, end))
    return made
