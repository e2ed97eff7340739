"""What a text is cut into for the index, and a word for a question. Pure.

Two neighbouring characters (bigrams) are what Japanese is searched by: no dictionary is needed, and a two-kanji word
is one of them. Of Latin letters and digits there are so few pairs that nearly each text has them all, so their runs are
cut into threes as well, and a word asks for these where it is long enough. A single character is no gram: there are
some two thousand kanji of well-known frequency, the first that a count of tokens would give away, so one alone is
looked for in the texts themselves. Nothing crosses a space: a word has none.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

LATIN = re.compile(r"[a-z0-9]{3,}")
PAIR, TRIPLE, FACET = b"\x01", b"\x02", b"\x03"


def folded(text: str) -> str:
    """Full and half width, upper and lower case alike."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(asked: str) -> list[str]:
    """The words of a question, folded; each must be in a text, wherever."""
    return list(dict.fromkeys(folded(asked).split()))


def has_all(text: str, wanted: Sequence[str]) -> bool:
    """Whether a text has each of the words of a question (`words_of`)."""
    whole = folded(text)
    return all(word in whole for word in wanted)


def of_text(text: str) -> set[bytes]:
    """Every gram that a question could ask this text for."""
    whole = folded(text)
    return {PAIR + _bytes(pair) for _at, pair in _pairs(whole)} | {TRIPLE + _bytes(each) for each in _triples(whole)}


def of_word(word: str) -> set[bytes]:
    """The grams that a text with this folded word has, without those that others of them make needless."""
    runs = [run.span() for run in LATIN.finditer(word)]
    within = {at for start, end in runs for at in range(start, end - 1)}
    pairs = {PAIR + _bytes(pair) for at, pair in _pairs(word) if at not in within}
    return pairs | {TRIPLE + _bytes(each) for each in _triples(word)}


def of_facet(code: str) -> bytes:
    """A code that is narrowed by (a sector, a commodity, a step), of any length."""
    return FACET + hashlib.sha256(folded(code).encode()).digest()[:15]


def _pairs(text: str) -> Iterator[tuple[int, str]]:
    for at, (first, second) in enumerate(pairwise(text)):
        if not (first.isspace() or second.isspace()):
            yield at, first + second


def _triples(text: str) -> Iterator[str]:
    for run in LATIN.findall(text):
        for at in range(len(run) - 2):
            yield run[at : at + 3]


def _bytes(gram: str) -> bytes:
    return gram.encode("utf-8", "surrogatepass")
