"""The daily limit of what one person opens: counted for sessions, refused beyond it, lifted by two officers alone."""

from __future__ import annotations

import json
from datetime import timedelta
from time import time
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import ResolverMatch, reverse
from django.utils import timezone

from accounts.models import Appointment, Person
from accounts.services import NotAllowed
from clearance.context import acting, count_keys, current
from clearance.limits import LimitReached, tallied
from clearance.models import LimitLift
from clearance.services import limits
from dialogues.models import Message, Thread
from tests import world as build
from tests.clearance.acts import recorded
from tests.dialogues import scenes
from tests.documents.acting import hand_over
from tests.world import World

pytestmark = pytest.mark.django_db
LIMIT = 6


@pytest.fixture(autouse=True)
def small_limit(settings: Any) -> None:
    settings.KEY_LIMIT = LIMIT


@pytest.fixture
def thread(world: World) -> Thread:
    made = scenes.thread_in(scenes.scene(world), world.official, "話題の名")
    for number in range(2):
        scenes.say(made, world.official, f"発言{number}")
    return made


@pytest.fixture
def second(world: World) -> Person:
    """Another clearance officer."""
    with build.as_owner():
        return build.person(world.ministry, "保 護男", Appointment.Duty.CLEARANCE_OFFICER)


def opened_today(person: Person) -> int:
    with build.as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT opened FROM clearance_keycount WHERE person_id = %s", [person.pk])
        return sum(number for (number,) in cursor.fetchall())


def count_for(person: Person, number: int) -> None:
    """As if they had opened so many today."""
    with build.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clearance_keycount VALUES (%s, clearance_today(), %s) "
            "ON CONFLICT (person_id) DO UPDATE SET day = excluded.day, opened = excluded.opened",
            [person.pk, number],
        )


def page_of(thread: Thread) -> str:
    return reverse("dialogues:thread", args=[thread.room_id, thread.pk])


def lift_by_two(world: World, second: Person) -> None:
    with build.being(world.clearance_officer) as actor:
        asked = limits.ask(actor=actor, person=world.engineer, reason="急ぎの調査")
    with build.being(second) as actor:
        limits.answer(actor=actor, lift=asked, approve=True)


def test_what_a_page_opens_is_counted_for_the_person_whatever_the_session(
    world: World, thread: Thread, client_for: Any, settings: Any
) -> None:
    settings.KEY_LIMIT = 1000
    assert client_for(world.engineer, level=2).get(page_of(thread)).status_code == 200
    once = opened_today(world.engineer)
    assert once >= 4, "a title and three messages"
    assert client_for(world.engineer, level=2).get(page_of(thread)).status_code == 200
    assert opened_today(world.engineer) == 2 * once
    assert opened_today(world.official) == 0


def test_past_the_limit_nothing_opens_and_what_is_ones_own_still_does(
    world: World, thread: Thread, client_for: Any
) -> None:
    client: Client = client_for(world.engineer, level=2)
    answers = [client.get(page_of(thread)).status_code for _ in range(5)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert opened_today(world.engineer) == LIMIT, "never more than the limit by one after the other"
    refused = client.get(page_of(thread))
    page = refused.content.decode()
    assert "本日の閲覧の上限に達しました" in page
    assert "発言1" not in page
    assert "話題の名" not in page
    assert 0 < int(refused["Retry-After"]) <= 24 * 60 * 60
    for name in ("clearance:mine", "accounts:security", "accounts:profile"):
        assert client.get(reverse(name)).status_code == 200, name
    assert client_for(world.official, level=2).get(page_of(thread)).status_code == 200, "everybody has their own"


def test_what_was_typed_is_kept_and_nothing_of_it_is_done(world: World, thread: Thread, client_for: Any) -> None:
    client: Client = client_for(world.engineer, level=2)
    count_for(world.engineer, LIMIT)
    refused = client.post(page_of(thread), {"body": "長く考えて書いた文章", "marking": "no marking"})
    assert refused.status_code == 429, "the page with its error would show the thread"
    assert "長く考えて書いた文章" in refused.content.decode()
    assert messages() == 3
    posted = client.post(page_of(thread), {"body": "開かなくても書ける", "marking": str(thread.marking_id)})
    assert (posted.status_code, messages()) == (302, 4), "whoever only writes opens nothing"


def messages() -> int:
    with build.as_owner():
        return Message.objects.count()


def test_reaching_it_raises_one_alarm_that_says_nothing_of_content(
    world: World, thread: Thread, second: Person, client_for: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client: Client = client_for(world.engineer, level=2)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(5):
            client.get(page_of(thread))
    (event,) = recorded("limit.reached")
    assert event["target_id"] == str(world.engineer.pk)
    assert event["detail"] == {"count": LIMIT, "limit": LIMIT}
    assert {letter.to[0] for letter in mail.outbox} == {world.clearance_officer.email, second.email}
    told = "".join(letter.subject + letter.body for letter in mail.outbox)
    assert world.engineer.name not in told
    assert "話題の名" not in told
    assert "/clearance/limits/" in told


def test_a_session_whose_first_request_fails_is_counted_and_raises_the_alarm(
    world: World, thread: Thread, client_for: Any
) -> None:
    count_for(world.engineer, LIMIT - 2)
    for _ in range(3):
        assert client_for(world.engineer, level=2).get(page_of(thread)).status_code == 429
    assert opened_today(world.engineer) == LIMIT
    (event,) = recorded("limit.reached")
    assert event["detail"] == {"count": LIMIT, "limit": LIMIT}


def test_an_alarm_that_fails_is_raised_by_the_next_request(
    world: World, thread: Thread, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client: Client = client_for(world.engineer, level=2)
    count_for(world.engineer, LIMIT)
    with monkeypatch.context() as broken:
        broken.setattr(limits, "record", failing)
        with pytest.raises(DatabaseError):
            client.get(page_of(thread))
    assert not recorded("limit.reached")
    for _ in range(2):
        assert client.get(page_of(thread)).status_code == 429
    assert len(recorded("limit.reached")) == 1


def failing(**_event: object) -> None:
    raise DatabaseError


def test_whatever_swallows_the_refusal_nothing_is_shown_by_halves(
    world: World, thread: Thread, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(request: Any, room: UUID, thread: UUID) -> HttpResponse:
        shown = []
        for message in Message.objects.all():
            try:
                shown.append(message.body)
            except Exception:  # noqa: BLE001 -- what no view should do
                shown.append("")
        return HttpResponse(" ".join(shown))

    count_for(world.engineer, LIMIT - 1)
    monkeypatch.setattr(ResolverMatch, "__iter__", lambda self: iter((careless, self.args, self.kwargs)), raising=False)
    monkeypatch.setattr(ResolverMatch, "__getitem__", lambda self, at: (careless, self.args, self.kwargs)[at])
    refused = client_for(world.engineer, level=2).get(page_of(thread))
    assert refused.status_code == 429
    assert "本日の閲覧の上限に達しました" in refused.content.decode()


def test_the_officers_see_how_often_more_was_tried(
    world: World, thread: Thread, officer: Client, client_for: Any
) -> None:
    count_for(world.engineer, LIMIT)
    for _ in range(3):
        client_for(world.engineer, level=2).get(page_of(thread))
    assert "その後、3回断りました" in officer.get(reverse("clearance:limits")).content.decode()
    asked = officer.get(reverse("clearance:limit_ask", args=[world.engineer.pk])).content.decode()
    assert "さらに開こうとした操作が3回ありました" in asked


def test_what_a_search_looks_through_is_counted_where_it_is_shown(world: World, client_for: Any, settings: Any) -> None:
    settings.KEY_LIMIT = 1000
    for number in range(5):
        hand_over(world, world.official, title=f"部材の調達先 {number}", worked=False)
    client: Client = client_for(world.engineer, level=2)
    for words, shown in (("見当たらない語", 0), ("調達先 3", 1), ("調達先", 5)):
        count_for(world.engineer, 0)
        found = client.get(reverse("documents:index"), {"q": words})
        assert found.content.decode().count("部材の調達先") >= shown
        assert opened_today(world.engineer) == shown


def test_what_is_to_be_read_by_fewer_is_closed_past_the_limit_too(world: World, client_for: Any) -> None:
    document = hand_over(world, world.official, title="広すぎた文書", worked=False)
    client: Client = client_for(world.official, level=2)
    count_for(world.official, LIMIT)
    assert client.get(reverse("documents:document", args=[document.pk])).status_code == 429
    narrower = {"marking_choice": "other", "marking_text": "HI//SEMICON//TLP:RED", "reason": "", "consent": ""}
    assert client.post(reverse("documents:relabel", args=[document.pk]), narrower).status_code == 302
    assert opened_today(world.official) == LIMIT


def test_two_officers_lift_it_for_the_day_and_the_next_day_begins_anew(
    world: World, thread: Thread, second: Person, client_for: Any
) -> None:
    client: Client = client_for(world.engineer, level=2)
    count_for(world.engineer, LIMIT)
    assert client.get(page_of(thread)).status_code == 429
    lift_by_two(world, second)
    assert client.get(page_of(thread)).status_code == 200
    assert [event["target_id"] for event in recorded("limit.lift")] == [str(world.engineer.pk)]
    count_for(world.engineer, 2 * LIMIT)
    assert client.get(page_of(thread)).status_code == 429, "as much again, and no more"
    with build.as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE clearance_keycount SET day = day - 1")
    assert client.get(page_of(thread)).status_code == 200
    assert opened_today(world.engineer) < LIMIT


def test_one_officer_alone_lifts_nothing_nor_does_anybody_their_own(world: World, second: Person) -> None:
    with build.being(world.clearance_officer) as actor:
        with pytest.raises(ValidationError):
            limits.ask(actor=actor, person=world.clearance_officer, reason="急ぎ")
        asked = limits.ask(actor=actor, person=world.engineer, reason="急ぎ")
        with pytest.raises(NotAllowed):
            limits.answer(actor=actor, lift=asked, approve=True)
        with pytest.raises(ValidationError), transaction.atomic():
            limits.ask(actor=actor, person=world.engineer, reason="もう一度")
        others = limits.ask(actor=actor, person=second, reason="急ぎ")
    with build.being(second) as actor, pytest.raises(NotAllowed):
        limits.answer(actor=actor, lift=others, approve=True)
    with build.being(world.engineer) as actor:
        with pytest.raises(NotAllowed):
            limits.ask(actor=actor, person=world.engineer, reason="急ぎ")
        with pytest.raises(NotAllowed):
            limits.answer(actor=actor, lift=asked, approve=True)


def test_refused_or_late_it_lifts_nothing(world: World, second: Person) -> None:
    with build.being(world.clearance_officer) as actor:
        asked = limits.ask(actor=actor, person=world.engineer, reason="急ぎ")
    with build.being(second) as actor:
        limits.answer(actor=actor, lift=asked, approve=False)
        with pytest.raises(NotAllowed):
            limits.answer(actor=actor, lift=asked, approve=True)
    with build.being(world.engineer) as actor:
        assert actor.lifted == 0
    with build.being(world.clearance_officer) as actor:
        late = limits.ask(actor=actor, person=world.engineer, reason="もう一度")
    with build.as_owner():
        LimitLift.objects.filter(pk=late.pk).update(day=timezone.localdate() - timedelta(days=1))
    with build.being(second) as actor, pytest.raises(NotAllowed):
        limits.answer(actor=actor, lift=late, approve=True)


FORGED = {
    "as a reader": ("engineer", "engineer", "official", False),
    "for oneself": ("clearance_officer", "clearance_officer", "clearance_officer", False),
    "in another's name": ("clearance_officer", "engineer", "official", False),
    "approved from the start": ("clearance_officer", "engineer", "clearance_officer", True),
}


@pytest.mark.parametrize("how", FORGED)
def test_the_database_lets_nobody_lift_it_by_sql(world: World, how: str) -> None:
    who, person, asked_by, approved = FORGED[how]
    by = world.people["official"].pk if approved else None
    with build.being(world.people[who]), pytest.raises(DatabaseError), transaction.atomic():
        LimitLift(
            person=world.people[person], day=timezone.localdate(), more=99, reason="x",
            asked_by=world.people[asked_by], approved=approved, answered_by_id=by,
            answered_at=timezone.now() if by else None,
        ).save(force_insert=True)  # fmt: skip


def test_the_database_takes_an_answer_from_the_second_officer_alone(world: World, second: Person) -> None:
    with build.being(world.clearance_officer) as actor:
        asked = limits.ask(actor=actor, person=world.engineer, reason="急ぎ")
        now = timezone.now()
        own = LimitLift.objects.filter(pk=asked.pk)
        assert own.update(answered_by=actor.person_id, answered_at=now, approved=True) == 0
    with build.being(world.engineer):
        assert not LimitLift.objects.exists()
        assert LimitLift.objects.update(answered_by=world.engineer, answered_at=now, approved=True) == 0
    with build.being(second), pytest.raises(DatabaseError), transaction.atomic():
        LimitLift.objects.filter(pk=asked.pk).update(answered_by=world.official, answered_at=now, approved=True)
    with build.being(second), pytest.raises(DatabaseError), transaction.atomic():
        LimitLift.objects.filter(pk=asked.pk).update(more=10**6)


def test_the_web_role_changes_no_count_by_sql(world: World) -> None:
    count_keys(world.engineer.pk, opened=4, refused=False)
    mine = json.dumps({"for": "count", "person": str(world.engineer.pk), "opened": -4, "refused": 0, "issued": time()})
    for forged in (
        "UPDATE clearance_keycount SET opened = 0",
        "DELETE FROM clearance_keycount",
        "TABLE clearance_keycount",
        f"SELECT clearance_count_keys('{mine}', sha256('guessed'))",
        f"SELECT clearance_count_keys('{mine}', NULL)",
        f"SELECT clearance_tell_limit('{mine}', sha256('guessed'))",
        f"SELECT clearance_opened('{world.engineer.pk}')",
    ):
        with (
            build.being(world.engineer),
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(forged)
    assert opened_today(world.engineer) == 4


def test_no_number_is_too_large_to_be_counted(world: World, second: Person, client_for: Any) -> None:
    for _ in range(3):
        count_keys(world.engineer.pk, opened=10**9, refused=True)
    with build.as_owner():
        for _ in range(12):
            LimitLift.objects.create(
                person=world.engineer, day=timezone.localdate(), more=10**8, reason="x", asked_by=second, approved=True,
                answered_by=world.clearance_officer, answered_at=timezone.now(),
            )  # fmt: skip
    assert client_for(world.engineer, level=2).get(reverse("accounts:profile")).status_code == 200
    with build.being(world.engineer) as actor:
        assert (actor.opened, actor.lifted) == (2 * 10**9, 10**9)


def test_who_opened_how_much_is_told_to_the_officer_alone(world: World) -> None:
    count_for(world.engineer, 5)
    for name, seen in (("clearance_officer", 1), ("official", 0), ("auditor", 0), ("engineer", 0)):
        with build.being(world.people[name]), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM clearance_key_counts(0)")
            assert len(cursor.fetchall()) == seen, name


def test_a_key_past_the_limit_is_given_to_nobody(world: World, thread: Thread) -> None:
    with build.being(world.engineer) as actor:
        rows = list(Message.objects.all())
        assert len(rows) == 3
        count_for(world.engineer, LIMIT - 2)
        actor = current() or actor
    with build.being(world.engineer) as actor, tallied(actor) as tally:
        assert (actor.opened, tally.left) == (LIMIT - 2, 2)
        assert [rows[0].body, rows[1].body]
        with pytest.raises(LimitReached):
            _ = rows[2].body
        assert tally.opened == 2
    with acting(circles=[world.circle.pk]) as job, tallied(job):
        assert rows[2].body, "a job has no day"


def test_the_officers_see_it_ask_and_answer_on_screen(
    world: World, thread: Thread, second: Person, officer: Client, client_for: Any
) -> None:
    empty = officer.get(reverse("clearance:limits")).content.decode()
    assert "上限の半分に達した方はいません" in empty
    count_for(world.engineer, LIMIT)
    assert "上限に達した方が1名います" in officer.get(reverse("clearance:overview")).content.decode()
    listed = officer.get(reverse("clearance:limits")).content.decode()
    ask = reverse("clearance:limit_ask", args=[world.engineer.pk])
    assert world.engineer.name in listed
    assert ask in listed
    assert f"{LIMIT} / {LIMIT}" in listed
    short = officer.post(ask, {"reason": "理由だけ"})
    assert short.status_code == 200, "the tick is missing"
    assert "理由だけ" in short.content.decode()
    assert officer.post(ask, {"reason": "急ぎ", "confirmed": "on"}).status_code == 302
    assert "すでに申請されています" in officer.post(ask, {"reason": "急ぎ", "confirmed": "on"}).content.decode()
    (lift,) = lifts()
    answer = reverse("clearance:limit_answer", args=[lift])
    assert "別の保全責任者の回答を待っています" in officer.get(reverse("clearance:limits")).content.decode()
    assert officer.get(answer).status_code == 404, "whoever asked does not answer"
    other: Client = client_for(second, level=2)
    assert answer in other.get(reverse("clearance:limits")).content.decode()
    assert "急ぎ" in other.get(answer).content.decode()
    assert other.post(answer, {"answer": "approve"}).status_code == 200, "the tick is missing"
    assert other.post(answer, {"answer": "approve", "confirmed": "on"}).status_code == 302
    after = other.get(reverse("clearance:limits")).content.decode()
    assert "引上げ済み" in after
    assert f"{LIMIT} / {2 * LIMIT}" in after
    assert other.get(answer).status_code == 404
    assert officer.get(reverse("clearance:limit_ask", args=[world.clearance_officer.pk])).status_code == 404


def lifts() -> list[UUID]:
    with build.as_owner():
        return list(LimitLift.objects.values_list("pk", flat=True))
