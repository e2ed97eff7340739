"""Two texts word by word, Japanese ones too: what was put in, what was taken out, what stayed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# A word: letters and figures, a run of katakana, of hiragana, or of kanji; anything else stands by itself.
WORD = re.compile(r"[A-Za-z0-9０-９Ａ-Ｚａ-ｚ_.,%-]+|[ァ-ヴーｦ-ﾟ]+|[ぁ-ゖ]+|[一-龠々〆ヶ]+|\s+|.", re.DOTALL)
# Past so many pairs of words two passages are shown one after the other: comparing them takes the square of it.
MOST = 250_000
SAME, PUT_IN, TAKEN_OUT = "", "ins", "del"


@dataclass(frozen=True)
class Piece:
    """Some text, and what became of it: "" stayed, "ins" is new, "del" is gone."""

    kind: str
    text: str


def words(text: str) -> list[str]:
    return WORD.findall(text)


def compared(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces of both, in order. Lines are matched first, words within the lines that differ."""
    found: list[Piece] = []
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(old) * len(new) > MOST:
        old, new = [before], [after]
    for piece in _pieces(old, new, deeper=True):
        if found and found[-1].kind == piece.kind:
            found[-1] = Piece(piece.kind, found[-1].text + piece.text)
        else:
            found.append(piece)
    return tuple(found)


def _pieces(before: Sequence[str], after: Sequence[str], *, deeper: bool) -> Iterator[Piece]:
    for what, start, end, begin, stop in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = "".join(before[start:end]), "".join(after[begin:stop])
        if what == "equal":
            yield Piece(SAME, come)
        elif deeper and gone and come and len(old := words(gone)) * len(new := words(come)) <= MOST:
            yield from _pieces(old, new, deeper=False)
        else:
            yield from (Piece(kind, text) for kind, text in ((TAKEN_OUT, gone), (PUT_IN, come)) if text)
