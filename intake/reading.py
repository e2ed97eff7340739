"""Reads receipt words out of what was typed: with or without spaces, in kana of any kind and width, numbered or not."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from .lexicon import ENGLISH, JAPANESE, Lexicon

LONGEST_TEXT = 10_000
LOOSE = 2  # letters a misread word may be longer than the longest of the list
UNKNOWN_COST = 4  # of a piece that is no word, in words of the list

SPACED_MARKS = str.maketrans({"゛": "\u3099", "゜": "\u309a"})  # NFKC would put a space before them
KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
TOKENS = re.compile(r"[a-z]+|[^\W\d_a-z]+")
ENGLISH_LETTER = re.compile(r"[a-z]")


@dataclass(frozen=True)
class Read:
    """One word as it was read; `number` is None where the list does not have it."""

    text: str
    number: int | None


def tokens_of(text: str) -> list[str]:
    """The runs of letters, in small English letters and hiragana; all else is taken for what stands between words."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT].translate(SPACED_MARKS))[:LONGEST_TEXT]  # it may grow
    plain = plain.lower().translate(KATAKANA)
    return TOKENS.findall("".join(letter for letter in plain if unicodedata.category(letter) not in ("Mn", "Cf")))


def language_of(tokens: list[str]) -> str:
    """The list most of the letters belong to."""
    letters = sum(len(token) for token in tokens)
    english = sum(len(token) for token in tokens if ENGLISH_LETTER.match(token))
    return ENGLISH if 2 * english > letters else JAPANESE


def best_cut(run: str, words: Lexicon) -> list[Read]:
    """The way to cut a run that leaves least of it unread; a short one that is no word is taken for one mistyped."""
    whole = words.numbers.get(run)
    if whole is not None:
        return [Read(run, whole)]
    costs: list[tuple[int, int]] = [(0, 0)]  # for each end: the least cost, and the length of the last piece
    for end in range(1, len(run) + 1):
        pieces = range(1, min(end, words.longest + LOOSE) + 1)
        costs.append(min((costs[end - size][0] + _cost(run[end - size : end], words), size) for size in pieces))
    if len(run) <= words.longest + LOOSE and costs[-1][0] >= UNKNOWN_COST:
        return [Read(run, None)]
    found, end = [], len(run)
    while end:
        piece = run[end - costs[end][1] : end]
        found.append(Read(piece, words.numbers.get(piece)))
        end -= len(piece)
    return found[::-1]


def _cost(piece: str, words: Lexicon) -> int:
    return 1 if piece in words.numbers else UNKNOWN_COST + len(piece)
