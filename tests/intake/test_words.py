"""The words of a receipt come back however they are typed, and every slip is named instead of let through."""

from __future__ import annotations

import random
import time
import unicodedata

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from intake.field import ORDER, SIZE, over, sums, times, with_checks
from intake.lexicon import lexicon
from intake.words import SYMBOLS, Mistyped, from_text, to_words
from portal.embedded import translations
from tests.thorough import FEW_CASES

translations.compile_changed()  # slips are told in both languages, however the tests are started

LANGUAGES = ("ja", "en")
ENTROPY = bytes.fromhex("9c31f0a87be2455d06cf1a72")
KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
HALF_WIDTH = {
    unicodedata.normalize("NFKC", chr(code)): chr(code) for code in [*range(0xFF66, 0xFF70), *range(0xFF71, 0xFF9E)]
}
entropies = st.binary(min_size=12, max_size=12)
languages = st.sampled_from(LANGUAGES)


def mistyped(words: list[str], gap: str = " ") -> Mistyped:
    with pytest.raises(Mistyped) as caught:
        from_text(gap.join(words))
    return caught.value


def half_width(word: str) -> str:
    parts = unicodedata.normalize("NFD", word.translate(KATAKANA))
    return "".join(HALF_WIDTH.get(part, {"\u3099": "ﾞ", "\u309a": "ﾟ"}.get(part, part)) for part in parts)


def swap(words: list[str], first: int, second: int) -> list[str]:
    changed = list(words)
    changed[first], changed[second] = changed[second], changed[first]
    return changed


@FEW_CASES
@given(entropies, languages)
def test_eleven_words_stand_for_the_bits(entropy: bytes, language: str) -> None:
    words = to_words(entropy, language)
    assert len(words) == SYMBOLS
    assert from_text(" ".join(words)) == entropy


def test_more_or_fewer_than_96_bits_have_no_words() -> None:
    with pytest.raises(ValueError, match="96 bits"):
        to_words(bytes(11), "ja")


TYPED = {
    "ideographic spaces": "\u3000".join,
    "nothing between": "".join,
    "lines": "\n".join,
    "line ends of Windows, and a last one": lambda words: "\r\n".join(words) + "\r\n",
    "commas": ", ".join,
    "Japanese commas": "、".join,
    "middle dots": "・".join,
    "numbers": lambda words: "\n".join(f"{place}. {word}" for place, word in enumerate(words, 1)),
    "circled numbers": lambda words: "".join(f"{chr(0x2460 + place)}{word}" for place, word in enumerate(words)),
    "wide numbers in brackets": lambda words: "　".join(f"（１）{word}" for word in words),
    "capitals": lambda words: " ".join(words).upper(),
    "first capitals": lambda words: " ".join(words).title(),
    "wide letters": lambda words: " ".join(words).translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
    "katakana": lambda words: " ".join(words).translate(KATAKANA),
    "katakana of half width": lambda words: " ".join(map(half_width, words)),
    "katakana of half width, nothing between": lambda words: "".join(map(half_width, words)),
    "marks apart": lambda words: unicodedata.normalize("NFD", " ".join(words)),
    "marks apart, with their own signs": lambda words: (
        unicodedata.normalize("NFD", " ".join(words)).replace("\u3099", "゛").replace("\u309a", "゜")
    ),
    "a space in a word and none elsewhere": lambda words: words[0][:2] + " " + words[0][2:] + "".join(words[1:]),
    "some spaces": lambda words: "".join(words[:5]) + " " + "".join(words[5:]),
    "a space after each letter": lambda words: " ".join("".join(words)),
    "invisible characters": lambda words: "\ufeff" + "\u200b \u00ad".join(words),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("how", TYPED)
def test_words_are_read_however_they_are_typed(how: str, language: str) -> None:
    for entropy in (ENTROPY, bytes(12), bytes(range(12))):
        assert from_text(TYPED[how](to_words(entropy, language))) == entropy


@FEW_CASES
@given(entropies, languages)
def test_nothing_between_the_words_is_no_hindrance(entropy: bytes, language: str) -> None:
    assert from_text("".join(to_words(entropy, language))) == entropy


@FEW_CASES
@given(entropies, languages, st.integers(0, SYMBOLS - 1), st.integers(1, SIZE - 1))
def test_a_single_wrong_word_is_named_with_what_was_meant(
    entropy: bytes, language: str, place: int, change: int
) -> None:
    words, listed = to_words(entropy, language), lexicon(language)
    wrong = listed.words[listed.numbers[words[place]] ^ change]
    error = mistyped([*words[:place], wrong, *words[place + 1 :]])
    (doubt,) = error.findings.doubts
    assert (doubt.place, doubt.text, doubt.meant) == (place + 1, wrong, (words[place],))
    assert error.positions == (place + 1,)


def test_every_single_wrong_word_of_one_receipt_is_located() -> None:
    symbols = with_checks([11, 2047, 0, 5, 1024, 77, 77, 1999, 8])
    for place in range(SYMBOLS):
        for wrong in set(range(SIZE)) - {symbols[place]}:
            plain, weighted = sums([*symbols[:place], wrong, *symbols[place + 1 :]])
            assert (plain, weighted) == (wrong ^ symbols[place], times(plain, 1 << place if place < 11 else 0))


@FEW_CASES
@given(entropies, languages, st.integers(0, SYMBOLS - 2), st.sampled_from(["", " "]))
def test_every_pair_of_neighbours_that_changed_places_is_named(
    entropy: bytes, language: str, first: int, gap: str
) -> None:
    words = to_words(entropy, language)
    if words[first] != words[first + 1]:
        error = mistyped(swap(words, first, first + 1), gap)
        assert (first + 1, first + 2) in error.findings.swapped
        assert not error.findings.doubts


@FEW_CASES
@given(entropies, languages, st.sets(st.integers(0, SYMBOLS - 1), min_size=2, max_size=2))
def test_words_far_apart_that_changed_places_are_never_let_through(
    entropy: bytes, language: str, places: set[int]
) -> None:
    first, second = sorted(places)
    words = to_words(entropy, language)
    if words[first] != words[second]:
        assert mistyped(swap(words, first, second)).findings.swapped


@FEW_CASES
@given(entropies, languages, st.integers(0, SYMBOLS - 1), st.sampled_from(["", " "]))
def test_a_missing_word_is_located_or_at_least_counted(entropy: bytes, language: str, place: int, gap: str) -> None:
    words = to_words(entropy, language)
    error = mistyped([*words[:place], *words[place + 1 :]], gap)
    if gap:
        assert len(error.read) == SYMBOLS - 1
        assert error.findings.missing in (place + 1, None)


@pytest.mark.parametrize("gap", ["", " "])
def test_missing_and_doubled_words_are_named(gap: str) -> None:
    words = to_words(ENTROPY, "ja")
    assert mistyped(words[:3] + words[4:], gap).findings.missing == 4
    assert mistyped([*words[:4], words[3], *words[4:]], gap).findings.extra == 5


@pytest.mark.parametrize("gap", ["", " "])
@pytest.mark.parametrize("language", LANGUAGES)
def test_one_or_two_words_with_a_slip_are_named_with_what_was_meant(language: str, gap: str) -> None:
    words = to_words(ENTROPY, language)
    slip = "ろ" if language == "ja" else "q"
    one = [*words[:3], words[3][:-1] + slip, *words[4:]]
    assert [(doubt.place, doubt.meant) for doubt in mistyped(one, gap).findings.doubts] == [(4, (words[3],))]
    two = [*one[:7], slip + words[7][1:], *words[8:]]
    assert [(doubt.place, doubt.meant) for doubt in mistyped(two, gap).findings.doubts] == [
        (4, (words[3],)),
        (8, (words[7],)),
    ]


def test_slips_that_no_check_can_tell_have_near_words_proposed() -> None:
    words = to_words(ENTROPY, "en")
    error = mistyped(["abandn", "abillity", "abuot", *words[3:]])
    assert [doubt.meant[0] for doubt in error.findings.doubts] == ["abandon", "ability", "about"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("しやしん", "「しゃしん」ではありませんか。小さい字（「ゃ」「っ」など）と大きい字を確かめてください。"),
        ("しゃじん", "「しゃしん」ではありませんか。「゛」と「゜」を確かめてください。"),
        ("写真", "漢字やローマ字は使わず、ひらがなかカタカナで入力してください。「しゃしん」ではありませんか。"),
        ("しゃいん", "が違っているようです。「しゃしん」ではありませんか。"),
    ],
)
def test_what_kind_of_slip_it_is_is_said(typed: str, said: str) -> None:
    listed = lexicon("ja")
    words = [listed.words[number] for number in with_checks([5, listed.numbers["しゃしん"], *range(6), 8])]
    error = mistyped([words[0], typed, *words[2:]])
    assert str(error.message).startswith(f"2番目の「{typed}」")
    assert str(error.message).endswith(said)


SAID = [
    ("", "合言葉が入力されていません。紙に書いた11個の言葉を、順番どおりに入力してください。"),
    ("123 ！？", "合言葉が入力されていません。紙に書いた11個の言葉を、順番どおりに入力してください。"),
    (
        "あいこくしん",
        "言葉が足りません。合言葉は11個ですが、読み取れたのは1個です。紙を見て、足りない言葉を書き足してください。",
    ),
    ("あいだ " * 40, "言葉が多すぎます。合言葉は11個ですが、40個ありました。紙を見て、余分な言葉を消してください。"),
    ("あいだ " * 12, "言葉が多すぎます。合言葉は11個ですが、12個ありました。紙を見て、余分な言葉を消してください。"),
]


@pytest.mark.parametrize(("typed", "said"), SAID)
def test_too_few_and_too_many_words_are_counted(typed: str, said: str) -> None:
    assert str(mistyped([typed]).message) == said


def test_words_that_do_not_stand_together_are_said_to_differ_in_more_than_one_place() -> None:
    words = to_words(ENTROPY, "ja")
    error = mistyped([words[1], words[2], words[0], *words[3:]])
    assert "2か所以上違っているようです" in str(error.message)
    assert error.positions == ()


def test_the_message_is_in_the_language_it_is_read_in() -> None:
    words = to_words(ENTROPY, "en")
    message = mistyped(swap(words, 2, 3)).message
    with translation.override("en"):
        said = f"Words 3 (“{words[3]}”) and 4 (“{words[2]}”) seem to have changed places."
        assert str(message) == f"{said} Swap them and press “Open” again."
    assert str(message).endswith("順番が逆のようです。入れかえて、もう一度「開く」を押してください。")


def test_a_word_that_could_be_any_is_to_be_read_from_the_paper() -> None:
    words = to_words(ENTROPY, "ja")
    message = str(mistyped([*words[:3], "漢字漢字漢字", "漢字漢字漢字", "漢字漢字漢字", *words[6:]]).message)
    assert message.endswith("紙を見て、書き直してください。")


@pytest.mark.parametrize("typed", [" ".join(to_words(ENTROPY, "en")[:-1]) + " zoo", "abandn", ""])
def test_what_a_log_would_write_of_the_error_holds_no_word(typed: str) -> None:
    error = mistyped([typed])
    for written in (str(error), repr(error), repr(error.args)):
        assert "zoo" not in written
        assert "abandn" not in written


def test_of_all_check_words_one_pair_alone_is_let_through() -> None:
    """So eleven words at random pass with 2^-22, and with the three bits that must be zero 2^-25."""
    data = with_checks([3, 1, 4, 1, 5, 9, 2, 6, 5])[:9]
    fitting = 0
    plain, weighted = sums(data)
    for first in range(SIZE):
        second = plain ^ first  # for all others the first sum is not 0
        fitting += sums([*data, first, second]) == (0, 0)
    assert fitting == 1
    assert (plain, weighted) != (0, 0)


def test_words_at_random_are_never_let_through() -> None:
    chosen = random.Random(4)
    for language in LANGUAGES:
        listed = lexicon(language).words
        for _ in range(300):
            mistyped(chosen.choices(listed, k=SYMBOLS))


def test_bits_left_over_must_be_zero() -> None:
    listed = lexicon("en").words
    words = [listed[number] for number in with_checks([1, 2, 3, 4, 5, 6, 7, 8, 9])]
    assert not mistyped(words).findings.doubts


def test_the_field_is_one() -> None:
    chosen = random.Random(11)
    for _ in range(300):
        first, second, third = (chosen.randrange(1, SIZE) for _ in range(3))
        assert times(over(first, second), second) == first
        assert times(first, second ^ third) == times(first, second) ^ times(first, third)
    assert len({times(2, value) for value in range(1, SIZE)}) == ORDER


HOSTILE = {
    "one letter": "x" * 10_000,
    "one kana": "あ" * 10_000,
    "kana apart": "い " * 5_000,
    "a word over and over": "あいだ" * 3_333,
    "many ways to cut": "actionactress" * 769,
    "as long as eleven words": "い" * 88,
    "nearly eleven words, with many ways to cut": ("いがいがい" * 20)[:85],
    "what grows when it is normalised": "\ufdfa" * 10_000,
    "marks alone": "か" + "\u3099" * 9_999,
    "signs": "、。" * 5_000,
    "far too long": "あいこくしん" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_input_takes_bounded_time(text: str) -> None:
    lexicon("ja"), lexicon("en")
    began = time.process_time()
    with pytest.raises(Mistyped) as caught:
        from_text(text)
    str(caught.value.message)
    assert time.process_time() - began < 1
