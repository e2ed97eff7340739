"""Finds in a text what could give its writer away: shown in the preview, before anything is sent.

Part numbers, names, dates, places, figures: whoever knows the trade can tell from them which firm writes, and inside
the firm who. The finding is advice, never a refusal, and leaves the text as it is. Each pattern reads every character
a bounded number of times, so that a long text made to be slow takes no longer than another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .giveaway_kinds import Kind
from .giveaway_patterns import PATTERNS

__all__ = ["Finding", "Kind", "findings", "in_file_name", "marked"]


COMPILED = [(kind, re.compile(pattern)) for kind, pattern in PATTERNS]
ORDER = {kind: place for place, kind in enumerate(Kind)}
LONGEST = 100_000  # characters that are looked at: more than a form takes
# Wide letters, figures and signs are read as narrow ones, each for one, so that places in the text stay what they are.
NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@dataclass(frozen=True)
class Finding:
    """A stretch of the text, `text[start:end]`."""

    kind: Kind
    start: int
    end: int
    text: str


def findings(text: str) -> list[Finding]:
    """What could give the writer away, in the order of the text, none over another."""
    narrow = text[:LONGEST].translate(NARROW)
    found = [
        Finding(kind, match.start(), match.end(), text[match.start() : match.end()])
        for kind, pattern in COMPILED
        for match in pattern.finditer(narrow)
    ]
    found.sort(key=lambda one: (ORDER[one.kind], one.start, -one.end))
    taken = bytearray(len(text))
    kept = []
    for one in found:
        if one.end > one.start and not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def marked(text: str) -> list[tuple[str, Kind | None]]:
    """The whole text in stretches, each with what was found in it or None: for a template to draw marks."""
    stretches: list[tuple[str, Kind | None]] = []
    at = 0
    for one in findings(text):
        if one.start > at:
            stretches.append((text[at : one.start], None))
        stretches.append((one.text, one.kind))
        at = one.end
    if at < len(text):
        stretches.append((text[at:], None))
    return stretches


def in_file_name(name: str) -> list[Finding]:
    """The same of a file's name, whose ending says nothing and whose strokes and dots stand for spaces."""
    stem, dot, ending = name.rpartition(".")
    return findings((stem if dot and len(ending) <= 5 else name).replace("_", " "))
