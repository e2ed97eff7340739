"""Finds the slip in words that do not stand together: one wrong, missing or too many, or two that changed places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from .cutting import gapped_ways, ways
from .field import DATA, SYMBOLS, missing, one_missing, one_wrong, sums, swapped
from .lexicon import Lexicon, distance
from .mistyped import MOST_NAMED, Doubt, Findings
from .reading import Read, best_cut

ENTROPY = 12  # bytes
BITS = 11  # of a word
SPARE = DATA * BITS - 8 * ENTROPY  # bits that are zero
NEAR = 2.0  # edits between what was typed and what the check symbols call for, that one slip may leave


def entropy_of(numbers: Sequence[int]) -> bytes | None:
    """The bytes of eleven numbers that stand together; None for any others."""
    if len(numbers) != SYMBOLS or sums(numbers) != (0, 0):
        return None
    value = 0
    for number in numbers[:DATA]:
        value = value << BITS | number
    return None if value & (1 << SPARE) - 1 else (value >> SPARE).to_bytes(ENTROPY, "big")


def diagnosed(tokens: list[str], words: Lexicon) -> Findings:
    """The likeliest way to read runs of letters that are not eleven words, and what is wrong with it."""
    run = "".join(tokens)
    spaced = [one for token in tokens for one in best_cut(token, words)]
    whole = [found_in(way, words) for way in ways(run, words)]
    known = all(one.number is not None for one in spaced)
    if (known and not whole) or (len(spaced) == SYMBOLS and len(tokens) > 1):
        return found_in(spaced, words)
    explained = next((found for found in (*whole, *_gapped(run, words)) if _explained(found)), None)
    if explained or whole:
        return explained or whole[0]
    if len(tokens) > 2 * SYMBOLS:  # far too many words, or letters far apart
        spaced = min(spaced, best_cut(run, words), key=lambda read: sum(one.number is None for one in read))
    return found_in(spaced, words)


def found_in(read: Sequence[Read], words: Lexicon) -> Findings:
    """What is wrong with words read one by one."""
    texts = tuple(one.text for one in read)
    numbers = [one.number or 0 for one in read]
    unknown = [place for place, one in enumerate(read) if one.number is None]
    if len(read) > 2 * SYMBOLS:  # not words with a slip: their number says enough
        return Findings(words, texts)
    if unknown:
        told = _told(read, numbers, unknown, words)
        told |= {at: words.near(texts[at]) for at in unknown[:MOST_NAMED] if at not in told}
        return Findings(words, texts, tuple(_doubt(read, at, told.get(at, ())) for at in unknown))
    if len(read) != SYMBOLS:
        return Findings(words, texts, missing=_place_missing(numbers), extra=_place_extra(numbers))
    wrong = one_wrong(numbers)
    if wrong and _fits(numbers, *wrong):
        return Findings(words, texts, (_doubt(read, wrong[0], [words.words[wrong[1]]]),))
    pairs = [(first, second) for first, second in swapped(numbers) if _swap_fits(numbers, first, second)]
    return Findings(words, texts, swapped=tuple((first + 1, second + 1) for first, second in pairs))


def _gapped(run: str, words: Lexicon) -> Iterator[Findings]:
    """Of the ways to cut it around one or two pieces that are no words, those the check symbols find words for."""
    for way in chain(gapped_ways(run, words, gaps=1), gapped_ways(run, words, gaps=2)):
        unknown = [at for at, one in enumerate(way) if one.number is None]
        told = _told(way, [one.number or 0 for one in way], unknown, words)
        if told:
            yield Findings(words, tuple(one.text for one in way), tuple(_doubt(way, at, told[at]) for at in unknown))


def _explained(found: Findings) -> bool:
    """Whether the check symbols name a slip that a hand would make: a swap, or words near the right ones."""
    return bool(found.swapped or found.doubts) and all(
        distance(doubt.text, doubt.meant[0]) <= NEAR for doubt in found.doubts
    )


def _doubt(read: Sequence[Read], place: int, meant: Sequence[str]) -> Doubt:
    return Doubt(place + 1, read[place].text, tuple(meant), listed=read[place].number is not None)


def _told(read: Sequence[Read], numbers: list[int], unknown: list[int], words: Lexicon) -> dict[int, list[str]]:
    """The words the check symbols call for at the unknown places, if they can tell."""
    if len(read) != SYMBOLS:
        return {}
    if len(unknown) == 1:
        number = one_missing(numbers, unknown[0])
        fits = number is not None and _fits(numbers, unknown[0], number)
        return {unknown[0]: [words.words[number]]} if number is not None and fits else {}
    if len(unknown) == 2:  # any two can be filled in: believed only where both are near
        filled = {at: words.words[number] for at, number in zip(unknown, missing(numbers, *unknown), strict=True)}
        if all(distance(read[at].text, word) <= NEAR for at, word in filled.items()):
            return {at: [word] for at, word in filled.items()}
    return {}


def _fits(numbers: Sequence[int], place: int, number: int) -> bool:
    return entropy_of([*numbers[:place], number, *numbers[place + 1 :]]) is not None


def _swap_fits(numbers: Sequence[int], first: int, second: int) -> bool:
    changed = list(numbers)
    changed[first], changed[second] = changed[second], changed[first]
    return entropy_of(changed) is not None


def _place_missing(numbers: list[int]) -> int | None:
    """The one place where a word put in would make all stand together."""
    if len(numbers) != SYMBOLS - 1:
        return None
    places = []
    for place in range(SYMBOLS):
        hole = [*numbers[:place], 0, *numbers[place:]]
        number = one_missing(hole, place)
        if number is not None and _fits(hole, place, number):
            places.append(place + 1)
    return places[0] if len(places) == 1 else None


def _place_extra(numbers: list[int]) -> int | None:
    """The last place whose word could be left out for the rest to stand together: of a word typed twice, the second."""
    fitting = [at + 1 for at in range(len(numbers)) if entropy_of([*numbers[:at], *numbers[at + 1 :]]) is not None]
    return fitting[-1] if fitting else None
