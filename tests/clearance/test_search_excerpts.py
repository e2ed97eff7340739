"""The passages around what was found: every word is shown as it was written, and marked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clearance.search import excerpt, folded
from clearance.search.excerpts import _clusters

LETTERS = "重要鉱物ｶﾞガ゙ﾊﾟＡbＣß 　\nstraßeLNG"


def shown(text: str, words: str) -> str:
    return "".join(f"[{bit.text}]" if bit.hit else bit.text for bit in excerpt(text, words))


def test_each_word_is_marked_as_it_was_written() -> None:
    assert shown("ＬＮＧと ｶﾞﾘｳﾑ の在庫", "lng ガリウム") == "[ＬＮＧ]と [ｶﾞﾘｳﾑ] の在庫"
    assert shown("Die Straße", "STRASSE") == "Die [Straße]"
    long = "前" * 100 + "鉱物" + "間" * 200 + "在庫" + "後" * 100
    assert (
        shown(long, "在庫 鉱物")
        == "…" + "前" * 40 + "[鉱物]" + "間" * 40 + "…" + "間" * 40 + "[在庫]" + "後" * 40 + "…"
    )
    assert shown("言葉のない文", "鉱物") == "言葉のない文"
    assert shown("重要鉱物", "重要 要鉱") == "[重要鉱]物"


@given(text=st.text(alphabet=LETTERS, max_size=200), data=st.data())
def test_what_stands_in_the_text_is_marked(text: str, data: st.DataObject) -> None:
    plain = " ".join(text.split())
    whole = "".join(folded(plain[start:end]) for start, end in _clusters(plain))
    start = data.draw(st.integers(0, len(whole)))
    words = whole[start : data.draw(st.integers(start, min(len(whole), start + 6)))].split()
    bits = excerpt(text, " ".join(words))
    marked = [folded(bit.text) for bit in bits if bit.hit]
    assert all(any(word in each for each in marked) for word in words)
    assert all(bit.text in plain or bit.text == "…" for bit in bits)
