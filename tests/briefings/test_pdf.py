"""A reader's own copy as PDF."""

from __future__ import annotations

import pypdfium2
import pytest

from audit.models import Event
from briefings import pdf
from briefings.japanese_type import japanese
from briefings.passing import may_tell
from briefings.plain import plain
from tests.briefings.desk import BODIES, TITLE, content, desk, published, section
from tests.briefings.readers import copy_of
from tests.world import World, as_owner, sign_in

pytestmark = pytest.mark.django_db


def pages_of(file: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(file)
    try:
        texts = []
        for number in range(len(document)):
            page = document[number]
            text = page.get_textpage()
            texts.append(text.get_text_bounded())
            text.close()
            page.close()
        return texts
    finally:
        document.close()


def test_the_copy_bears_name_organisation_time_and_marking_on_each_page(world: World) -> None:
    long = "雨が続いています。" * 400
    briefing = published(
        desk(world), content(sections=(section("PUBLIC", "経緯", long), section("SENSITIVE", "詳細", long)))
    )
    pages = pages_of(copy_of(world.foreign, briefing))
    assert len(pages) > 3
    for page in pages:
        assert page.count("Delta Lithografie (fictional) / Joost Visser / 2026-11-23 09:05") == 2
        assert page.count("機密性2情報（関係者限り） SENSITIVE") == 2
    assert TITLE in pages[0]
    assert "どこまで伝えてよいか（TLPの指定なし）" in pages[0]
    assert may_tell("", 1) in pages[0].replace("\r\n", "")
    assert sum(page.count("雨") for page in pages) == 800
    assert not any(line.startswith(("。", "、")) for page in pages for line in page.splitlines())


def test_the_copy_holds_what_its_reader_may_see(world: World) -> None:
    briefing = published(desk(world))
    answer = sign_in(world.colleague).get(f"/briefings/{briefing.pk}/pdf")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    (page,) = pages_of(answer.content)
    assert [body in page.replace("\r\n", "") for body in BODIES] == [True, False, False]
    assert len(answer.content) < 3_000_000
    with as_owner():
        event = Event.objects.get(act="briefing.export")
        assert (event.target_id, event.detail["kind"]) == (str(briefing.pk), "pdf")


def test_the_copy_has_no_signs_of_markdown() -> None:
    said = "# 見出し\n\n**太い**字と[案内](https://example.com/)。\n改行\n\n- 一\n- 二\n  1. 甲\n  2. 乙\n\n"
    shown = ["見出し", "", "太い字と案内 (example.com)。", "改行", "", "・一", "・二", "　1. 甲", "　2. 乙"]
    assert plain(said).splitlines() == shown
    assert plain("|列|値|\n|---|---|\n|あ|5 < 6|\n") == "列 | 値\nあ | 5 < 6"


def test_a_copy_ends_at_its_last_page_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "PAGES", 2)
    briefing = published(desk(world), content(sections=(section("PUBLIC", "経緯", "長い文。" * 3000),)))
    pages = pages_of(copy_of(world.colleague, briefing))
    assert len(pages) == 2
    assert "長いため、ここで終わります" in pages[1]


def test_the_type_has_what_japanese_names_are_written_with() -> None:
    assert all(ord(each) in japanese().glyph for each in "髙﨑𠮷ヱヸ①㈱℡ー〜Ａé")
