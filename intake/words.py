"""The words of a receipt: 96 random bits as nine words of a BIP-39 list and two check words, and back from typing.

The three bits left over in nine words of eleven bits are zero, and checked as well: of eleven words at random, one set
in 2^25 stands together.
"""

from __future__ import annotations

from .cutting import ways
from .field import DATA, SYMBOLS, with_checks
from .lexicon import lexicon
from .mistyped import Findings, Mistyped
from .reading import Read, language_of, tokens_of
from .slips import BITS, ENTROPY, SPARE, diagnosed, entropy_of, found_in

__all__ = ["ENTROPY", "SYMBOLS", "Mistyped", "from_text", "to_words"]


def to_words(entropy: bytes, language: str) -> list[str]:
    """Eleven words for 12 bytes; `language` is "ja" or "en". ValueError for more or fewer bytes."""
    if len(entropy) != ENTROPY:
        raise ValueError("a receipt has 96 bits")
    value = int.from_bytes(entropy, "big") << SPARE
    data = [value >> BITS * (DATA - 1 - place) & (1 << BITS) - 1 for place in range(DATA)]
    words = lexicon(language).words
    return [words[number] for number in with_checks(data)]


def from_text(text: str) -> bytes:
    """The 12 bytes the typed words stand for. Raises Mistyped."""
    tokens = tokens_of(text)
    words = lexicon(language_of(tokens))
    read = [Read(token, words.numbers.get(token)) for token in tokens]
    if len(read) == SYMBOLS and all(one.number is not None for one in read):
        entropy = entropy_of([one.number or 0 for one in read])
        if entropy is None:
            raise Mistyped(found_in(read, words))
        return entropy
    cuts = ([one.number or 0 for one in way] for way in ways("".join(tokens), words))
    found = {entropy for numbers in cuts if (entropy := entropy_of(numbers)) is not None}
    if len(found) != 1:
        raise Mistyped(Findings(words, tuple(tokens), two_ways=True) if found else diagnosed(tokens, words))
    return found.pop()
