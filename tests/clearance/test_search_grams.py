"""What a text is cut into: whatever is in a text is asked for by grams that the text has."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clearance.search import folded
from clearance.search.grams import of_facet, of_text, of_word, words_of

LETTERS = "重要鉱物蓄電池スイッチｶﾀｶﾅＡbＣ１2ｱー・ 　\nabXYZ09ß"
texts = st.text(alphabet=LETTERS, max_size=40) | st.text(max_size=20)


@given(text=texts, data=st.data())
def test_every_part_of_a_text_asks_for_grams_the_text_has(text: str, data: st.DataObject) -> None:
    whole = folded(text)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    for word in whole[start:end].split():
        assert of_word(word) <= of_text(text)


@given(text=texts)
def test_a_gram_fits_a_block_of_the_cipher(text: str) -> None:
    assert all(len(gram) <= 16 for gram in of_text(text))


def test_a_two_kanji_word_is_one_gram_and_a_single_character_none() -> None:
    assert len(of_word("鉱物")) == 1
    assert of_word("銅") == set()


def test_a_latin_word_asks_for_threes_alone_and_its_seams_for_pairs() -> None:
    assert len(of_word("semicon")) == 5
    assert len(of_word("ev")) == 1
    assert of_word("ev用") == of_word("ev") | of_word("v用")
    assert of_word("lng船") == of_word("lng") | of_word("g船")


def test_width_and_case_make_no_difference_and_words_are_told_apart_by_any_space() -> None:
    assert words_of("ＬＮＧ　ﾀﾝｶｰ lng") == ["lng", "タンカー"]
    assert of_text("ﾘﾁｳﾑ") == of_text("リチウム")


def test_a_facet_is_never_a_word_and_of_any_length() -> None:
    assert of_facet("C28") not in of_text("C28")
    assert len(of_facet("重要鉱物" * 50)) == 16
