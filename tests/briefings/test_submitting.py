"""What a partner's machine sends in: seen by officials alone, taken as a draft or declined, taken back until then."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from audit.models import Event
from briefings.content import Content
from briefings.models import Bureau, Draft, State, Submission, Submitted
from briefings.services import drafting, submitting
from briefings.stix.received import content_of, marking_of
from briefings.taxii.answers import MEDIA
from clearance.access import Denied
from clearance.markings import from_text
from tests.briefings.desk import Desk, desk
from tests.briefings.feeds import READ_AND_WRITE, Machine, laid, machine, sent_in
from tests.world import World, as_owner, being

pytestmark = pytest.mark.django_db

REPORT = sent_in("偽の更新が配られている", "report", description="更新サーバーを装う配布が続いています。")
INDICATOR = sent_in("偽の更新の住所", "indicator", 2, pattern="[domain-name:value = 'update.example']")
ACTION = sent_in("更新の署名を確かめる", "course-of-action", 3)
RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"


@pytest.fixture
def where(world: World) -> Desk:
    return desk(world)


@pytest.fixture
def sender(world: World, where: Desk) -> Machine:
    return machine(world, 2, scopes=READ_AND_WRITE)


@pytest.fixture(autouse=True)
def _fresh_counts() -> Any:
    cache.clear()
    yield
    cache.clear()


def status_of(sender: Machine, answer: Any) -> tuple[str, int, int, int]:
    """Its word, and how many were taken, declined, and wait."""
    told = sender.asks(f"api/status/{answer.json()['id']}/").json()
    return told["status"], told["success_count"], told["failure_count"], told["pending_count"]


def test_what_is_sent_in_waits_and_is_seen_by_nobody_else(world: World, where: Desk, sender: Machine) -> None:
    other = machine(world, 2)
    laid(where)
    place = f"api/collections/{sender.collections()['SENSITIVE']}/objects/"
    body = json.dumps({"objects": [sent_in(), {"type": "nothing"}]})
    answer = sender.asks(place, "post", data=body, content_type=MEDIA)
    assert answer.status_code == 202
    told = answer.json()
    assert (told["status"], told["pending_count"], told["failure_count"], told["total_count"]) == ("pending", 1, 1, 2)
    assert status_of(sender, answer) == ("pending", 0, 0, 1)
    assert other.asks(f"api/status/{told['id']}/").status_code == 404
    for each in (sender, other):
        assert "提出した行為者" not in each.everything()
    assert other.asks(place, "post", data=body, content_type=MEDIA).status_code == 403
    for wrong, kind, status in (
        (body, "application/json", 415), ("{", MEDIA, 400), ("x" * (1024 * 1024 + 1), MEDIA, 413)
    ):  # fmt: skip
        assert sender.asks(place, "post", data=wrong, content_type=kind).status_code == status
    with being(world.engineer) as actor:
        assert not Submission.objects.exists()
        with pytest.raises(PermissionDenied):
            submitting.refuse(actor=actor, submitted=Submitted())
    report = next(each["id"] for each in sender.objects("SENSITIVE") if each["type"] == "report")
    assert sender.asks(f"{place}{report}/", "delete").status_code == 403
    assert other.asks(f"{place}{sent_in()['id']}/", "delete").status_code == 403


def test_there_is_a_place_to_send_to_under_each_marking_one_holds_whatever_lies_there(world: World) -> None:
    low, high = machine(world, 1, scopes=READ_AND_WRITE), machine(world, 2, scopes=READ_AND_WRITE)
    assert list(low.collections()) == ["PUBLIC", "SENSITIVE", "SENSITIVE//SEMICON"]
    assert list(high.collections()) == [*low.collections(), "HI", "HI//SEMICON"]
    assert list(machine(world, 2).collections()) == [], "nothing has reached one that only reads"
    key = high.collections()["HI//SEMICON"]
    assert high.asks(f"api/collections/{key}/").json()["can_write"] is True
    assert high.asks(f"api/collections/{key}/objects/").json() == {}
    assert low.asks(f"api/collections/{key}/objects/", "post", data={}, content_type=MEDIA).status_code == 404
    assert status_of(high, high.sends("HI//SEMICON", sent_in())) == ("pending", 0, 0, 1)
    with being(world.official):
        (waiting,) = Submitted.objects.select_related("submission__marking")
        assert (waiting.submission.marking.text, json.loads(waiting.body)["name"]) == ("HI//SEMICON", "提出した行為者")


def test_an_official_makes_a_draft_of_it_and_the_sender_is_told(
    world: World, where: Desk, sender: Machine, client_for: Any
) -> None:
    answer = sender.sends("HI//SEMICON", REPORT, INDICATOR, ACTION, sent_in(number=4))
    client = client_for(world.official)
    page = client.get(reverse("briefings:service_submissions")).content.decode()
    with being(world.official):
        one = Submitted.objects.order_by("id").first()
    assert one
    address = reverse("briefings:service_submission_draft", args=[one.pk])
    assert address in page
    asked = client.get(address).content.decode()
    for word in ("偽の更新が配られている", "偽の更新の住所", "供給網の班", world.maker.name):
        assert word in asked
    assert "必須" in client.post(address, {"kind": "CYBER"}).content.decode()
    done = client.post(address, {"kind": "CYBER", "bureau": str(where.bureau.pk)})
    with being(world.official):
        draft = Draft.objects.select_related("marking").get()
        content = Content.read(draft.content)
    assert done["Location"] == reverse("briefings:draft", args=[draft.pk])
    assert (draft.marking.text, content.title) == ("HI//SEMICON", "偽の更新が配られている")
    head, more = content.sections
    assert {each.marking for each in content.sections} == {"HI//SEMICON"}
    assert "更新サーバーを装う配布" in head.body
    assert [(each.thing, each.name) for each in head.named] == [("threat-actor", "提出した行為者")]
    assert [each.what for each in head.actions] == ["更新の署名を確かめる"]
    assert "update.example" in more.body
    assert world.maker.name not in json.dumps(draft.content, ensure_ascii=False)
    for name in ("draft", "draft_preview"):  # the officials who write it see where it came from
        assert world.maker.name in client.get(reverse(f"briefings:{name}", args=[draft.pk])).content.decode()
    assert "下書きを見る" in client.get(reverse("briefings:service_submissions")).content.decode()
    assert status_of(sender, answer) == ("complete", 4, 0, 0)
    # What was answered is not deleted, nor answered again.
    place = f"api/collections/{sender.collections()['HI//SEMICON']}/objects/"
    assert sender.asks(f"{place}{REPORT['id']}/", "delete").status_code == 403
    assert "すでに" in client.post(address, {"kind": "CYBER", "bureau": str(where.bureau.pk)}).content.decode()
    assert client.post(reverse("briefings:service_submission_answer", args=[one.pk]), follow=True).status_code == 200
    assert status_of(sender, answer) == ("complete", 4, 0, 0)
    with as_owner():
        assert Draft.objects.count() == 1
        assert Event.objects.filter(act="feed.answer", label="HI//SEMICON", detail__taken=True).count() == 1
    with being(world.second_official) as actor:  # from here on it goes the way of every draft
        assert drafting.hold(actor, draft).state == State.WRITING


def test_it_is_declined_by_the_button_and_taken_back_before_that(
    world: World, where: Desk, sender: Machine, client_for: Any
) -> None:
    answer = sender.sends("SENSITIVE", sent_in(), INDICATOR)
    place = f"api/collections/{sender.collections()['SENSITIVE']}/objects/"
    assert sender.asks(f"{place}{INDICATOR['id']}/", "delete").status_code == 200
    assert sender.asks(f"{place}{INDICATOR['id']}/", "delete").status_code == 404
    with being(world.official):
        (one,) = Submitted.objects.all()
    address = reverse("briefings:service_submission_answer", args=[one.pk])
    for name in ("engineer", "clearance_officer", "auditor"):
        assert client_for(world.people[name]).post(address).status_code == 404
    assert client_for(world.official).post(address)["Location"] == reverse("briefings:service_submissions")
    assert status_of(sender, answer) == ("complete", 0, 1, 0)
    told = sender.asks(f"api/status/{answer.json()['id']}/").json()
    assert told["failures"][0]["id"] == sent_in()["id"]
    assert sender.asks(f"{place}{one.stix_id}/", "delete").status_code == 403
    again = client_for(world.second_official).post(address, follow=True)
    assert "すでに" in again.content.decode()
    with as_owner():
        assert Event.objects.filter(act="feed.answer", detail__taken=False).count() == 1


def test_no_draft_is_begun_where_it_may_not_lie_and_none_twice(world: World, where: Desk, sender: Machine) -> None:
    sender.sends("HI//SEMICON", REPORT)
    with as_owner():
        low = Bureau(circle=where.bureau.circle, marking=from_text("SENSITIVE"), name="x", opened_by=world.official)
        low.circle_id = world.other_circle.pk  # in which the first official writes nothing
        low.save(force_insert=True)
        sent = Submission.objects.select_related("marking").get()
    with being(world.official) as actor:
        with pytest.raises(Denied):
            submitting.take(actor=actor, submission=sent, bureau=low, kind="CYBER")
        assert Submitted.objects.get().state == "WAITING"
        with pytest.raises(DatabaseError), transaction.atomic():  # nor by SQL: what is declined has no draft
            Submitted.objects.update(state="REFUSED", answered_by=world.second_official)
        submitting.take(actor=actor, submission=sent, bureau=where.bureau, kind="CYBER")
        with pytest.raises(ValidationError):
            submitting.take(actor=actor, submission=sent, bureau=where.bureau, kind="CYBER")


def test_a_stricter_colour_of_an_object_raises_the_draft(world: World) -> None:
    red = {**REPORT, "object_marking_refs": [RED, "marking-definition--x", 7]}
    assert marking_of("SENSITIVE//SEMICON//TLP:GREEN", [red, INDICATOR]) == "SENSITIVE//SEMICON//TLP:RED"
    assert marking_of("HI//TLP:RED", [INDICATOR]) == "HI//TLP:RED"
    granular = [7, {"marking_ref": RED, "selectors": ["name"]}]
    assert marking_of("SENSITIVE", [INDICATOR, {**REPORT, "granular_markings": granular}]) == "SENSITIVE//TLP:RED"
    odd = content_of([{"type": "x", "name": 3}, {"type": "relationship"}], marking="HI", kind="CYBER")
    assert (odd.title, len(odd.sections), odd.head.body) == ("", 1, "")
    long = content_of([{**REPORT, "name": "あ" * 500, "description": "い" * 90_000}], marking="HI", kind="CYBER")
    assert (len(long.title), len(long.head.body)) == (120, 40_000)


def test_what_cannot_be_kept_fails_alone(world: World, sender: Machine) -> None:
    odd = [
        sent_in("\ud800", number=2), sent_in(number=3, description="a" * 400_001), {"id": "\ud800", "modified": 7},
    ]  # fmt: skip
    place = f"api/collections/{sender.collections()['SENSITIVE']}/objects/"
    answer = sender.asks(place, "post", data=json.dumps({"objects": [sent_in(), *odd]}), content_type=MEDIA)
    assert answer.status_code == 202
    told = answer.json()
    assert [each["id"] for each in told["pendings"]] == [sent_in()["id"]]
    assert [each["id"] for each in told["failures"]] == [odd[0]["id"], odd[1]["id"], "?"]


def test_no_more_waits_than_officials_can_look_at_and_all_of_it_goes_at_once(
    world: World, sender: Machine, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submitting, "MOST_WAITING", 3)
    answer = sender.sends("SENSITIVE", sent_in(), INDICATOR)
    other = sender.sends("SENSITIVE", ACTION)
    refused = sender.sends("SENSITIVE", sent_in(number=9))
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    with being(world.official):
        one = Submitted.objects.filter(submission_id=answer.json()["id"]).first()
    assert one
    address = reverse("briefings:service_submission_refuse", args=[one.pk])
    for name in ("engineer", "clearance_officer"):
        assert client_for(world.people[name]).post(address).status_code == 404
    client = client_for(world.official)
    asked = client.get(reverse("briefings:service_submission_draft", args=[one.pk])).content.decode()
    assert address in asked
    assert "2件" in client.post(address, follow=True).content.decode()
    assert (status_of(sender, answer), status_of(sender, other)) == (("complete", 0, 2, 0), ("pending", 0, 0, 1))
    assert "すでに" in client.post(address, follow=True).content.decode()
    assert sender.sends("SENSITIVE", sent_in(number=9)).status_code == 202
    with as_owner():
        assert Event.objects.filter(act="feed.answer", detail__taken=False).count() == 1
