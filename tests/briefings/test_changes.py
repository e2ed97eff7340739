"""What changed, word by word, of what the reader may see."""

from __future__ import annotations

import time

import pytest

from briefings.differences import compared
from tests.briefings.desk import desk, portions_of, published
from tests.briefings.readers import added, corrected, long_ago
from tests.world import World, sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        (
            "在庫は四週間分です。",
            "在庫は二週間分です。",
            [("", "在庫は"), ("del", "四週間分"), ("ins", "二週間分"), ("", "です。")],
        ),
        ("Ship by 1 May", "Ship by 2 May", [("", "Ship by "), ("del", "1"), ("ins", "2"), ("", " May")]),
        ("一行\n二行\n", "一行\n", [("", "一行\n"), ("del", "二行\n")]),
        ("", "新しい", [("ins", "新しい")]),
        ("同じ", "同じ", [("", "同じ")]),
    ],
)
def test_texts_are_compared_word_by_word(before: str, after: str, pieces: list[tuple[str, str]]) -> None:
    assert [(piece.kind, piece.text) for piece in compared(before, after)] == pieces


def test_two_long_texts_are_compared_in_bounded_time() -> None:
    begun = time.process_time()
    pieces = compared("。".join("甲乙丙丁" * 2000), "、".join("丁丙乙甲" * 2000))
    assert time.process_time() - begun < 2
    assert {piece.kind for piece in pieces} == {"ins", "del"}


def test_readers_see_the_changes_of_what_they_read(world: World) -> None:
    briefing = published(desk(world))
    _first, _second, third = portions_of(briefing)
    long_ago(briefing)
    corrected(third, "在庫は平均で二週間分にとどまります。")
    low, high = (
        sign_in(world.people[name]).get(f"/briefings/{briefing.pk}/changes/").content.decode()
        for name in ("colleague", "engineer")
    )
    assert "公表されてから、変わったところはありません" in low
    assert "<del>" not in low
    assert "四週間分" in high.partition("<del>")[2].partition("</del>")[0]
    assert "［追加ここから］" in high
    added(briefing, "PUBLIC", "<b>追記</b>しました。")
    page = sign_in(world.colleague).get(f"/briefings/{briefing.pk}/changes/").content.decode()
    assert "&lt;b&gt;追記&lt;/b&gt;しました。" in page
    assert "加わりました" in page
