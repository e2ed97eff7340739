"""One briefing for three readers: each sees what they may, and nothing tells of the rest."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from audit.models import Event
from briefings.content import Action
from briefings.models import Acknowledgement, Briefing, Opening, Portion
from briefings.passing import may_tell
from briefings.queries.page import unseen
from tests.briefings.desk import BODIES, TITLE, Desk, content, desk, portions_of, published, section
from tests.briefings.readers import added, copy_of, corrected, long_ago, looks
from tests.world import World, as_owner, being, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(world: World) -> Desk:
    return desk(world)


def text_of(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize(("reader", "sees"), [("colleague", 1), ("foreign", 2), ("engineer", 3)])
def test_each_reader_sees_the_sections_they_may(at_desk: Desk, reader: str, sees: int) -> None:
    briefing = published(at_desk)
    page = text_of(sign_in(at_desk.world.people[reader]), f"/briefings/{briefing.pk}/")
    assert [body in page for body in BODIES] == [number < sees for number in range(3)]
    assert page.count('class="marking-level">' + ("公開", "機密性2情報（関係者限り）", "秘文書")[sees - 1]) >= 2


def without_hidden(briefing: Briefing) -> None:
    with as_owner():
        Portion.objects.filter(briefing=briefing).exclude(marking=briefing.marking).delete()


def test_nothing_tells_of_a_hidden_section_or_of_its_correction(at_desk: Desk) -> None:
    briefing = published(at_desk)
    long_ago(briefing)
    reader = at_desk.world.colleague
    client = sign_in(reader)
    looks(client, briefing)  # the first look is an opening: what is unread changes with it
    before, copy = looks(client, briefing), copy_of(reader, briefing)
    hidden = portions_of(briefing)[2]
    corrected(hidden, "在庫は二週間分です。", ask_again=True)
    added(briefing, "SENSITIVE", "追って知らせます。")
    assert looks(client, briefing) == before
    assert copy_of(reader, briefing) == copy
    without_hidden(briefing)
    assert looks(client, briefing) == before
    assert copy_of(reader, briefing) == copy


def test_a_correction_that_may_be_read_is_seen_everywhere(at_desk: Desk) -> None:
    briefing = published(at_desk)
    long_ago(briefing)
    client = sign_in(at_desk.world.colleague)
    looks(client, briefing)
    before = looks(client, briefing)
    corrected(portions_of(briefing)[0], "出荷は再開しました。")
    after = looks(client, briefing)
    same = {address for address in before if before[address] == after[address]}
    assert same == {f"/briefings/{briefing.pk}/reply/", "/briefings/?q=%E5%9C%A8%E5%BA%AB"}


@pytest.mark.parametrize("gone", [{"expires_at": timezone.now()}, {"withdrawn": True}])
def test_what_is_gone_is_missing_at_the_next_click(at_desk: Desk, gone: dict[str, Any]) -> None:
    briefing = published(at_desk)
    client = sign_in(at_desk.world.engineer)
    assert TITLE in text_of(client, f"/briefings/{briefing.pk}/")
    with as_owner():
        Briefing.objects.filter(pk=briefing.pk).update(**gone)
    addresses = [f"/briefings/{briefing.pk}/{each}" for each in ("", "print", "pdf", "changes/", "reply/", "board/")]
    missing = client.get(f"/briefings/{uuid4()}/")
    assert missing.status_code == 404
    assert {client.get(address).status_code for address in addresses} == {404}
    assert client.get(addresses[0]).content == missing.content
    assert client.post(f"/briefings/{briefing.pk}/acknowledge/").status_code == 404
    assert TITLE not in text_of(client, "/briefings/")


def test_it_is_asked_again_only_where_the_section_may_be_read(at_desk: Desk) -> None:
    briefing = published(at_desk)
    low, high = (sign_in(at_desk.world.people[name]) for name in ("colleague", "engineer"))
    for client in (low, high):
        assert "確認をお願いします" in text_of(client, f"/briefings/{briefing.pk}/")
        assert client.post(f"/briefings/{briefing.pk}/acknowledge/").status_code == 302
        assert client.post(f"/briefings/{briefing.pk}/acknowledge/").status_code == 302  # sent twice
        assert "確認をお願いします" not in text_of(client, f"/briefings/{briefing.pk}/")
    corrected(portions_of(briefing)[2], "在庫は二週間分です。", ask_again=True)
    assert "確認をお願いします" not in text_of(low, f"/briefings/{briefing.pk}/")
    assert "改めて確認が必要な" in text_of(high, f"/briefings/{briefing.pk}/")
    assert TITLE in text_of(high, "/briefings/?outstanding=on")
    assert TITLE not in text_of(low, "/briefings/?outstanding=on")
    with as_owner():
        assert Acknowledgement.objects.filter(briefing=briefing).count() == 2


def test_what_to_do_stands_by_its_date(at_desk: Desk) -> None:
    actions = (Action("後の件", "調達", "2026-12-20"), Action("日のない件"), Action("先の件", "法務", "2026-12-01"))
    briefing = published(at_desk, content(sections=(section("PUBLIC", actions=actions),)))
    page = text_of(sign_in(at_desk.world.colleague), f"/briefings/{briefing.pk}/")
    assert page.index("先の件") < page.index("後の件") < page.index("日のない件")


def test_how_far_it_may_be_told_is_said_in_one_sentence_each(at_desk: Desk) -> None:
    """As FIRST defines TLP 2.0: nobody but the reader, the organisation, its clients too, the community, everybody."""
    sentences = {tlp: may_tell(tlp) for tlp in ("", "CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")}
    assert len(set(sentences.values())) == 6
    assert all(sentence.count("。") == 1 for sentence in [*sentences.values(), may_tell("AMBER", 2)])
    assert all("顧客" in sentences[tlp] for tlp in ("AMBER", "AMBER+STRICT"))
    assert "公表しても構いません" in sentences["CLEAR"]
    # TLP widens nothing: what is not open is not made public, and a secret stays with those who may handle it.
    assert may_tell("CLEAR", 1) == sentences["GREEN"]
    assert {may_tell(tlp, 2) for tlp in ("", "CLEAR", "GREEN", "AMBER", "AMBER+STRICT")} == {may_tell("AMBER", 2)}
    assert may_tell("RED", 2) == sentences["RED"]
    briefing = published(at_desk, content(("SENSITIVE//TLP:GREEN", "SENSITIVE//TLP:AMBER")))
    client = sign_in(at_desk.world.engineer)
    for shape in ("", "print"):
        page = text_of(client, f"/briefings/{briefing.pk}/{shape}")
        assert "どこまで伝えてよいか（TLP:AMBER）" in page
        assert sentences["AMBER"] in page


def test_an_opening_is_noted_as_high_as_what_was_shown(at_desk: Desk) -> None:
    briefing = published(at_desk)
    for name, level in (("colleague", 0), ("engineer", 2)):
        reader = at_desk.world.people[name]
        text_of(sign_in(reader), f"/briefings/{briefing.pk}/")
        with as_owner():
            event = Event.objects.get(person_id=reader.pk, act="briefing.open")
            assert (event.target_id, event.label, event.level) == (str(briefing.pk), "PUBLIC", level)
            assert Opening.objects.filter(briefing=briefing, person=reader).count() == 1


def test_who_had_read_it_is_told_that_it_was_retracted(at_desk: Desk) -> None:
    briefing = published(at_desk)
    reader, other = at_desk.world.engineer, at_desk.world.colleague
    client, official = sign_in(reader), sign_in(at_desk.world.official)
    address = f"/briefings/{briefing.pk}/retract/"
    assert "この情報を取り消す" not in text_of(client, f"/briefings/{briefing.pk}/")
    page = text_of(official, f"/briefings/{briefing.pk}/")
    assert "この情報を取り消す" in page
    for way in ("retract/", "board/"):
        assert f"/briefings/{briefing.pk}/{way}" in page
    assert f"/briefings/drafts/correct/{briefing.pk}/" in page
    assert "/briefings/drafts/" in text_of(official, "/briefings/")
    assert "/briefings/drafts/" not in text_of(client, "/briefings/")
    assert (client.get(address).status_code, client.post(address, {"reason": "MISTAKEN"}).status_code) == (404, 404)
    assert "この情報を取り消しますか" in official.post(address, {"reason": "NONE"}).content.decode()
    assert official.post(address, {"reason": "MISTAKEN"}).status_code == 302
    assert client.get(f"/briefings/{briefing.pk}/").status_code == 404
    with being(reader) as actor:
        assert unseen(actor) == 1
    assert "お読みになった後に取り消された情報が1件あります" in text_of(client, "/briefings/")
    assert "お読みになった情報が取り消されました" in text_of(client, "/briefings/notices/")
    assert "新着" not in text_of(client, "/briefings/notices/")
    assert "お読みになった情報が取り消されました" not in text_of(sign_in(other), "/briefings/notices/")
