"""Writes plain text again: UTF-8 without a mark at its start, one kind of line end, no characters nobody sees."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import IO

from telling import Refused, Teller  # type: ignore[import-not-found]

STEP = 1024 * 1024
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
TRIED = ("utf-8", "cp932", "euc_jp")
# Characters that show nothing can carry a number that tells one copy from another: joiners, marks of direction, tags,
# soft hyphens, controls. Variation selectors stay: they choose between forms of a kanji.
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e007f\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]"
)
LINE_ENDS = re.compile("\r\n?|\u0085|\u2028|\u2029")


def rehearse(kind: str) -> None:
    """What is loaded on first use is loaded while files can be opened."""
    for name in (*TRIED, "utf-16-le", "utf-16-be"):
        codecs.getincrementaldecoder(name)().decode(b"", final=True)


def clean(source: IO[bytes], kind: str, teller: Teller) -> None:
    encoding, start = _encoding(source)
    unseen = False
    for text in _decoded(source, encoding, start):
        if "\0" in text:
            raise Refused("broken")
        seen = UNSEEN.sub("", LINE_ENDS.sub("\n", text))
        unseen = unseen or UNSEEN.search(text) is not None
        teller.piece(seen.encode())
    teller.traces(["invisible"] if unseen else [])


def _encoding(source: IO[bytes]) -> tuple[str, int]:
    source.seek(0)
    head = source.read(4)
    for mark, name in MARKS:
        if head.startswith(mark):
            return name, len(mark)
    for name in TRIED:
        try:
            for _ in _decoded(source, name, 0):
                pass
        except UnicodeDecodeError:
            continue
        return name, 0
    raise Refused("broken")


def _decoded(source: IO[bytes], encoding: str, start: int) -> Iterator[str]:
    source.seek(start)
    decoder = codecs.getincrementaldecoder(encoding)()
    held = ""
    while data := source.read(STEP):
        text = held + decoder.decode(data)
        held = "\r" if text.endswith("\r") else ""  # its other half may be in the next piece
        yield text[: len(text) - len(held)]
    yield held + decoder.decode(b"", final=True)
