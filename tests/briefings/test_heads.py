"""What is said of the whole, once it is corrected: shown to every reader as a difference, and to nobody more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from briefings.content import Concerns, Content
from briefings.models import Briefing, Bureau, Former
from briefings.services import drafting
from clearance.markings import from_text
from clearance.models import CircleMember
from tests.briefings.desk import TITLE, Desk, corrected, desk, published
from tests.briefings.readers import long_ago, looks
from tests.world import World, as_owner, being, circle, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(world: World) -> Desk:
    return desk(world)


def changes(world: World, who: str, briefing: Briefing) -> str:
    return sign_in(world.people[who]).get(f"/briefings/{briefing.pk}/changes/").content.decode()


def test_readers_see_what_changed_of_the_whole(at_desk: Desk, world: World) -> None:
    briefing = published(at_desk)
    long_ago(briefing)
    client = sign_in(world.colleague)
    looks(client, briefing)
    concerns = Concerns(sectors=("SEMICON", "BATTERY"), steps=("MATERIALS",), commodities=("感光材",))
    corrected(
        at_desk,
        briefing,
        lambda said: replace(
            said, title="感光材の供給が止まるおそれ", severity=4, concerns=concerns, acknowledge_by="2099-01-31"
        ),
    )
    assert "秘文書" not in changes(world, "engineer", briefing)  # who reads sections of it that did not change
    page = changes(world, "colleague", briefing)
    for gone, come in (("細る", "止まる"), ("中程度", "極めて重大")):
        assert gone in page.partition("<del>")[2]
        assert come in page.partition("<ins>")[2]
    assert [label in page for label in ("題名", "影響の大きさ", "業種", "品目", "確認の期限")] == [
        True,
        True,
        True,
        False,
        True,
    ]
    assert "蓄電池" in page

    assert "変更あり" in client.get("/briefings/").content.decode()
    assert "内容が変わりました" in client.get(f"/briefings/{briefing.pk}/").content.decode()
    with as_owner():
        row = Former.objects.get()
        row.briefing = Briefing.objects.get(pk=briefing.pk)
        assert row.said["title"] == TITLE
        Former.objects.update(until="2026-11-10T00:00Z")
        Briefing.objects.update(changed_at="2026-11-10T00:00Z")
    corrected(at_desk, briefing, lambda said: replace(said, severity=1))
    page = changes(world, "colleague", briefing)
    newest, _h2, older = page.partition("2026年11月10日")
    assert "軽微" in newest
    assert "止まる" not in newest.partition('<section class="stack"')[2]
    assert "極めて重大" in older


def test_a_change_beside_a_hidden_section_is_that_of_the_whole_alone(at_desk: Desk, world: World) -> None:
    def change(said: Content) -> Content:
        hidden = replace(said.sections[2], body="直した詳細です。", ask_again=True)
        return replace(said, sections=(*said.sections[:2], hidden), likelihood=3)

    briefing = published(at_desk)
    long_ago(briefing)
    corrected(at_desk, briefing, change)
    low, high = (changes(world, name, briefing) for name in ("colleague", "engineer"))
    assert low.count("<h3>") == 1
    assert high.count("<h3>") == 2
    assert ("秘文書" in low, "秘文書" in high) == (False, True)
    assert "起きる見込み" in low


def test_one_that_changes_no_more_than_a_hidden_section_leaves_the_whole_alone(at_desk: Desk) -> None:
    briefing = published(at_desk)
    hidden: dict[str, Any] = {"body": "直した詳細です。"}
    corrected(
        at_desk,
        briefing,
        lambda said: replace(said, sections=(*said.sections[:2], replace(said.sections[2], **hidden))),
    )
    with as_owner():
        assert not Former.objects.exists()
        assert Briefing.objects.get().changed_at is None


def test_nobody_lays_what_was_said_before_without_a_second_official(at_desk: Desk, world: World) -> None:
    briefing = published(at_desk)
    for who in (world.official, world.engineer):
        with being(who):
            made = Former(briefing=Briefing.objects.get(pk=briefing.pk), said={"title": "にせ"})
            with pytest.raises(DatabaseError), transaction.atomic():
                made.save(force_insert=True)


def test_the_form_says_why_the_first_sections_marking_stays_and_what_to_do(at_desk: Desk) -> None:
    briefing = published(at_desk)
    with being(at_desk.author) as actor:
        draft = drafting.correct(actor=actor, bureau=at_desk.bureau, briefing=briefing)
        said = Content.read(draft.content)
        higher = replace(said, sections=(replace(said.head, marking="SENSITIVE"), *said.sections[1:]))
    client = sign_in(at_desk.author)
    assert "訂正では変えられません" not in client.get(f"/briefings/drafts/{draft.pk}/").content.decode()
    with being(at_desk.author) as actor:
        drafting.save(actor=actor, draft=draft, content=higher, seen=1)
    page = client.get(f"/briefings/drafts/{draft.pk}/").content.decode()
    assert "最初の節の格付（PUBLIC）" in page
    assert "元の情報を取り消してから、新しい下書きで公表してください" in page


def test_the_page_leads_officials_who_may_to_a_correction_in_the_bureau_that_wrote_it(
    at_desk: Desk, world: World
) -> None:
    briefing = published(at_desk)
    link = f"/briefings/drafts/correct/{briefing.pk}/"
    with as_owner():
        elsewhere = circle(world.hi_semicon, steward=world.second_official)
        given = {"marking": from_text("SENSITIVE"), "opened_by": world.second_official}
        Bureau(circle=elsewhere, name="別の班", **given).save(force_insert=True)
    for who, may in ((world.official, True), (world.second_official, True), (world.engineer, False)):
        client = sign_in(who)
        assert (link in client.get(f"/briefings/{briefing.pk}/").content.decode()) is may
        assert client.get(link).status_code == (200 if may else 404)
    page = sign_in(world.second_official).get(link).content.decode()
    assert page.count('type="radio"') == 1
    assert "別の班" not in page
    with as_owner():
        CircleMember.objects.filter(circle=at_desk.bureau.circle, person=world.second_official).delete()
    assert "この情報の訂正を始められません" in sign_in(world.second_official).get(link).content.decode()
