"""The two BIP-39 lists the receipt words come from, and which of their words are near a mistyped one."""

from __future__ import annotations

import unicodedata
from functools import cache

from mnemonic import Mnemonic

JAPANESE, ENGLISH = "ja", "en"
LISTS = {JAPANESE: "japanese", ENGLISH: "english"}
MOST_NEAR = 3
SMALL = str.maketrans("ぁぃぅぇぉゕゖっゃゅょゎ", "あいうえおかけつやゆよわ")
SOUND_MARKS = "\u3099\u309a"  # dakuten and handakuten, as combining characters


class Lexicon:
    """One list: its words in the form they are typed in (NFC), and their numbers."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.words = tuple(unicodedata.normalize("NFC", word) for word in Mnemonic(LISTS[language]).wordlist)
        self.numbers = {word: number for number, word in enumerate(self.words)}
        self.shortest, self.longest = min(map(len, self.words)), max(map(len, self.words))

    def near(self, typed: str) -> list[str]:
        """Up to three words that may have been meant, the likeliest first."""
        reach = 1 if len(typed) <= self.shortest else 2
        candidates = (word for word in self.words if abs(len(word) - len(typed)) <= reach)
        found = [(how_far, word) for word in candidates if (how_far := distance(typed, word)) <= reach]
        return [word for _, word in sorted(found, key=lambda pair: pair[0])[:MOST_NEAR]]


@cache
def lexicon(language: str) -> Lexicon:
    """Raises KeyError for a language that has no list."""
    return Lexicon(language)


def large(word: str) -> str:
    """With every small kana written large."""
    return word.translate(SMALL)


def unmarked(word: str) -> str:
    """Without dakuten and handakuten."""
    parts = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(part for part in parts if part not in SOUND_MARKS))


def distance(first: str, second: str) -> float:
    """Edits from one to the other, two neighbours that changed places being one; kana that look alike are half an edit.

    Optimal string alignment (Damerau's four edits, no part edited twice).
    """
    before: list[float] = []
    row: list[float] = [float(at) for at in range(len(second) + 1)]
    for i, here in enumerate(first, 1):
        above_before, before, row = before, row, [float(i)]
        for j, there in enumerate(second, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + _cost(here, there))
            if i > 1 and j > 1 and here == second[j - 2] and there == first[i - 2]:
                best = min(best, above_before[j - 2] + 1)
            row.append(best)
    return row[-1]


@cache
def _look(letter: str) -> str:
    return unmarked(large(letter))


def _cost(here: str, there: str) -> float:
    if here == there:
        return 0
    return 0.5 if "ぁ" <= here <= "ゖ" and "ぁ" <= there <= "ゖ" and _look(here) == _look(there) else 1
