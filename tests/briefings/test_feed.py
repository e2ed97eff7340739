"""The feed: what concerns the firm first, unread before read; narrowed, paged, at a constant number of questions."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from briefings.content import Action, Concerns
from briefings.models import Briefing, Opening
from briefings.queries import feed as feeds
from briefings.queries.feed import Narrowing, feed
from clearance.actor import Actor
from tests.briefings.desk import Desk, content, desk, published, section
from tests.world import World, as_owner, being, sign_in

pytestmark = pytest.mark.django_db
HEADLINES = ("無関係の件", "同じ工程の件", "同じ業種の件", "古い無関係の件")


@pytest.fixture
def at_desk(world: World) -> Desk:
    with as_owner():
        type(world.maker).objects.filter(pk=world.maker.pk).update(sectors=["SEMICON"], step="MATERIALS")
    return desk(world)


def publish(at_desk: Desk, title: str, **concerns: Any) -> Any:
    return published(at_desk, content(("PUBLIC",), title=title, concerns=Concerns(**concerns)))


def titles(actor: Actor, narrowing: Narrowing = Narrowing(), after: str = "") -> list[str | None]:  # noqa: B008
    return [line.title for line in feed(actor, narrowing, after).lines]


def four(at_desk: Desk) -> None:
    publish(at_desk, HEADLINES[3], sectors=("SHIPS",))
    publish(at_desk, HEADLINES[2], sectors=("SEMICON",), steps=("USER",))
    publish(at_desk, HEADLINES[1], sectors=("SHIPS",), steps=("MATERIALS",))
    publish(at_desk, HEADLINES[0])


def test_unread_first_then_what_concerns_the_firm_then_the_newest(at_desk: Desk) -> None:
    four(at_desk)
    with being(at_desk.world.colleague) as actor:
        assert titles(actor) == [HEADLINES[2], HEADLINES[1], HEADLINES[0], HEADLINES[3]]
    with being(at_desk.world.secretary) as actor:  # whose association names no sector
        assert titles(actor) == list(HEADLINES)
    client = sign_in(at_desk.world.colleague)
    with as_owner():
        (read,) = (each for each in Briefing.objects.all() if each.title == HEADLINES[2])
    client.get(f"/briefings/{read.pk}/")
    with being(at_desk.world.colleague) as actor:
        assert titles(actor) == [HEADLINES[1], HEADLINES[0], HEADLINES[3], HEADLINES[2]]


def test_pages_follow_each_other_and_lose_nothing(at_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        publish(at_desk, f"件{number}", sectors=("SEMICON",) if number in (1, 5) else ())
    monkeypatch.setattr(feeds, "PAGE", 2)
    monkeypatch.setattr(feeds, "WINDOW", 4)
    with being(at_desk.world.colleague) as actor:
        found, after = [], ""
        while True:
            page = feed(actor, Narrowing(), after)
            found.append([line.title for line in page.lines])
            if len(found) == 1:  # what is opened on the way does not move what comes
                assert actor.person_id
                Opening(briefing=page.lines[0].briefing, person_id=actor.person_id).save(force_insert=True)
            if not (after := page.next):
                break
        theirs = page_cursor(actor)
    assert found == [["件5", "件6"], ["件4", "件3"], ["件1", "件2"], ["件0"]]
    with being(at_desk.world.engineer) as other:
        assert feed(other, Narrowing(), theirs).lines == feed(other, Narrowing()).lines
        assert signing.loads(theirs, salt=f"briefings.feed:{at_desk.world.colleague.pk}")


def page_cursor(actor: Actor) -> str:
    return feed(actor, Narrowing()).next


@pytest.mark.parametrize(
    ("narrowing", "fits"),
    [
        (Narrowing(words="工程"), {1}),
        (Narrowing(sector="SHIPS"), {1, 3}),
        (Narrowing(sector="SHIPS", words="工程"), {1}),
        (Narrowing(severity=4), set()),
        (Narrowing(kind="CYBER"), set()),
        (Narrowing(outstanding=True), {0, 1, 2, 3}),
        (Narrowing(words="無い言葉"), set()),
    ],
)
def test_the_feed_is_narrowed(at_desk: Desk, narrowing: Narrowing, fits: set[int]) -> None:
    four(at_desk)
    with being(at_desk.world.colleague) as actor:
        assert set(titles(actor, narrowing)) == {HEADLINES[number] for number in fits}


def test_words_are_found_in_the_sections_one_may_read(at_desk: Desk) -> None:
    published(at_desk)
    for reader, found in (("colleague", 0), ("engineer", 1)):
        with being(at_desk.world.people[reader]) as actor:
            assert len(titles(actor, Narrowing(words="四週間分"))) == found


def test_the_feed_asks_as_much_for_many_as_for_few(at_desk: Desk) -> None:
    def asked() -> int:
        client = sign_in(at_desk.world.colleague)
        client.get("/briefings/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = client.get("/briefings/").content.decode()
        assert re.search(r"件\d", page)
        return len(queries)

    publish(at_desk, "件0")
    few = asked()
    for number in range(8):
        publish(at_desk, f"件{number}")
    assert asked() == few


def test_a_briefing_with_several_hits_comes_once_with_its_passages(
    at_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sections = tuple(
        section(each, heading, "代わりの調達先を探しています。")
        for each, heading in (("PUBLIC", "概要"), ("SENSITIVE", "見通し"), ("HI//SEMICON", "詳細"))
    )
    asks = section("PUBLIC", "お願い", "本文", actions=(Action("在庫の棚卸し", "調達部門", "2026-12-20"),))
    published(at_desk, content(title="調達先の件", sections=(*sections, asks)))
    published(at_desk, content(title="別の件", sections=[replace(each, slot=str(uuid4())) for each in sections[:2]]))
    published(at_desk, content(title="調達先ではない件", sections=(section("PUBLIC", "概要", "関わりなし"),)))
    monkeypatch.setattr(feeds, "WINDOW", 1)
    for reader, passages in (("colleague", 1), ("foreign", 2), ("engineer", 3)):
        with being(at_desk.world.people[reader]) as actor:
            lines, after = [], ""
            while True:
                page = feed(actor, Narrowing(words="調達先"), after)
                lines += page.lines
                if not (after := page.next):
                    break
        found = {line.title: len(line.hits) for line in lines}
        assert len(lines) == 3
        assert found == {"調達先の件": passages, "別の件": min(passages, 2), "調達先ではない件": 0}
    monkeypatch.undo()
    shown = sign_in(at_desk.world.engineer).get("/briefings/", {"q": "調達先"}).content.decode()
    assert shown.count("<mark>調達先</mark>を探して") == 5
    with as_owner():
        assert Event.objects.filter(act="briefing.list").latest("at").level == 2
    text = sign_in(at_desk.world.colleague).get("/briefings/", {"q": "棚卸し"}).content.decode()
    assert "在庫の<mark>棚卸し</mark> / 調達部門" in text
