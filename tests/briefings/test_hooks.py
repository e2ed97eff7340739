"""Hooks: that something waits, told to whom it concerns, tried again, given up in the end, and nothing said in it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.services import NotAllowed
from briefings.delivery import hooks as carrying
from briefings.delivery import waiting
from briefings.models import Delivery, Hook, Notice, Occasion, Opening, Portion, State
from briefings.services import hooks as services
from briefings.services import publishing, reviewing
from clearance.models import Authorisation
from tests.authority import Authority
from tests.briefings import desk as on
from tests.briefings.desk import Desk
from tests.briefings.readers import added, corrected
from tests.briefings.receiver import Receiver, receiving
from tests.briefings.telling import carry, hook_of, laid, noted, post, spread, told
from tests.world import World, as_owner, as_role, being, build

pytestmark = pytest.mark.django_db
READS = {"outsider": -1, "colleague": 0, "foreign": 1, "engineer": 2}
CANARY = "qzx-telling-canary"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def listening(authority: Authority) -> Iterator[Receiver]:
    with receiving(*authority.issue("receiver", "localhost")) as made:
        yield made


@pytest.fixture
def receiver(listening: Receiver, authority: Authority, settings: Any) -> Receiver:
    settings.HOOK_ROOT_CERT = str(authority.root)
    settings.HOOK_NETWORKS = (ip_network("127.0.0.0/8"), ip_network("::1"))
    listening.answers, listening.got, listening.told, listening.now = [], [], [], None
    return listening


@pytest.fixture
def desk(world: World) -> Desk:
    return on.desk(world)


def publish(desk: Desk, written: Any) -> Any:
    review = on.review_of(desk, on.draft_of(desk, written, state=State.IN_REVIEW))
    with being(desk.reviewer) as actor:
        return reviewing.approve(actor=actor, review=review)


def test_from_registering_to_a_signed_message_that_says_nothing(desk: Desk, world: World, receiver: Receiver) -> None:
    with being(world.engineer) as actor:
        hook, receiver.secret = services.make(actor=actor, address=receiver.address, kinds=["new", "retracted"])
        services.test(actor=actor, hook=hook)
        services.test(actor=actor, hook=hook)  # pressed twice
        with pytest.raises(ValidationError):
            services.resume(actor=actor, hook=hook)
    receiver.say("200 OK", "something else")
    assert carry() == 1
    assert [each.reason for each in laid(hook=hook)] == ["NO_ECHO"]
    with being(world.engineer) as actor:
        assert Hook.objects.get().state == "PAUSED"
        with pytest.raises(ValidationError, match="1分"):
            services.test(actor=actor, hook=hook)
    with as_owner():
        Delivery.objects.update(created=timezone.now() - services.BETWEEN_TESTS)
    with being(world.engineer) as actor:
        services.test(actor=actor, hook=hook)
    carry()
    assert receiver.told[-1]["type"] == "ping"
    with being(world.engineer):
        assert Hook.objects.get().state == "ACTIVE"

    words = on.content(title=f"{CANARY}-title")
    sections = tuple(replace(each, heading=CANARY, body=CANARY) for each in words.sections)
    briefing = publish(desk, replace(words, sections=sections))
    receiver.got.clear()
    spread()
    spread()
    assert carry() == 1
    assert carry() == 0
    (message,) = receiver.told[1:]

    assert message["data"] == {"kind": "new", "portal": "http://localhost:8000"}
    assert set(message) == {"type", "timestamp", "data"}
    assert message["timestamp"].endswith(":00:00Z")
    with being(world.official) as actor:
        publishing.retract(actor=actor, briefing=briefing, reason_code="MISTAKEN")
    rows = json.dumps([each.__dict__ | {"_state": ""} for each in laid()], default=str)
    for everything in (receiver.everything(), rows):
        assert CANARY not in everything
        assert str(briefing.pk) not in everything
        assert "HI" not in everything.replace("WAITING", "")
    assert laid(hook=hook, kind="NEW")[0].id.version == 4  # tells nothing, not even when


def test_each_is_told_of_what_they_may_read_and_of_nothing_else(desk: Desk, world: World) -> None:
    """Whoever reads less is told the same whether or not there is more."""
    people = {name: world.people[name] for name in READS}
    for person in people.values():
        hook_of(person)

    def news() -> dict[str, list[tuple[bool, str]]]:
        spread()
        found = {name: told(person) for name, person in people.items()}
        with as_owner():
            Delivery.objects.all().delete()
            Occasion.objects.all().delete()
        return found

    both = [(False, "NEW"), (True, "NEW")]
    briefing = publish(desk, on.content())
    whole = news()
    assert whole == {"outsider": [], "colleague": both, "foreign": both, "engineer": both}
    noted(on.published(desk, on.content(("PUBLIC",))))
    assert news() == whole
    noted(on.published(desk, on.content(("HI//SEMICON",))))
    assert news() == {"outsider": [], "colleague": [], "foreign": [], "engineer": both}

    moved = [(False, "CORRECTED"), (True, "CORRECTED")]
    for slot, reached in ((2, {"engineer"}), (1, {"engineer", "foreign"})):
        fresh = corrected(on.portions_of(briefing)[slot], "訂正しました")
        noted(briefing, "CORRECTED", fresh.created)
        with as_owner():
            Portion.objects.filter(slot=fresh.slot, until__isnull=False).update(until=fresh.created)
        assert news() == {name: moved if name in reached else [] for name in READS}
    with as_owner():
        at = timezone.now()
        Portion.objects.filter(briefing=briefing, place=1, until__isnull=True).update(until=at)  # taken out
    noted(briefing, "CORRECTED", at)
    assert {name for name, found in news().items() if found} == {"engineer", "foreign"}
    noted(briefing, "CORRECTED", added(briefing, "HI//SEMICON", "追補").created)
    assert {name for name, found in news().items() if found} == {"engineer"}
    with as_owner():
        Opening.objects.create(briefing=briefing, person=world.foreign)
    with being(world.official) as actor:
        publishing.retract(actor=actor, briefing=briefing, reason_code="MISTAKEN")
    gone = [(False, "RETRACTED"), (True, "RETRACTED")]
    assert news() == {"outsider": [], "colleague": [], "foreign": gone, "engineer": []}  # whoever had read it


def test_a_correction_is_noted_by_what_came_and_went(desk: Desk, world: World) -> None:
    briefing = publish(desk, on.content())
    with as_owner():
        Occasion.objects.all().delete()
        second = on.draft_of(desk, on.content(("PUBLIC", "SENSITIVE")), corrects=briefing, state=State.IN_REVIEW)
        slots = {each.place: str(each.slot) for each in on.portions_of(briefing)}
        said = on.content(("PUBLIC", "SENSITIVE"))
        sections = tuple(replace(each, slot=slots[place]) for place, each in enumerate(said.sections))
        second.content = replace(said, sections=sections).as_json()
        second.save(update_fields=["content"])
    with being(desk.reviewer) as actor:
        reviewing.approve(actor=actor, review=on.review_of(desk, second))
    with as_owner():
        (occasion,) = Occasion.objects.all()
        ended = Portion.objects.get(briefing=briefing, until__isnull=False)
    assert (occasion.kind, occasion.at) == ("CORRECTED", ended.until)  # the third section was taken out, no other came


def test_a_message_is_tried_again_after_growing_pauses_and_given_up(
    desk: Desk, world: World, receiver: Receiver
) -> None:
    hook = hook_of(world.engineer, receiver.address)
    receiver.secret = hook.secret
    noted(briefing := on.published(desk))
    spread()
    receiver.answers = [b"HTTP/1.1 503 Busy\r\n\r\n"] * 8
    start = at = timezone.now() + timedelta(seconds=1)
    gaps = []
    noted(briefing, "CORRECTED", briefing.created)
    spread()
    assert carry(at) == 1
    first, second = sorted(laid(hook=hook), key=lambda each: each.attempts)
    assert (first.attempts, second.attempts) == (0, 1)
    assert first.next_attempt == second.next_attempt  # one try tells of the address, whatever waits
    receiver.got.clear()
    with as_owner():
        Delivery.objects.filter(pk=first.pk).delete()
        Delivery.objects.filter(pk=second.pk).update(attempts=0, next_attempt=at)
    for number in range(1, waiting.TRIES + 1):
        assert carry(at) == 1
        assert carry(at + timedelta(seconds=59)) == 0  # not before its time
        (row,) = laid(hook=hook)
        assert (row.attempts, row.status, row.reason) == (number, 503, "STATUS")
        assert row.state == ("DEAD" if number == waiting.TRIES else "WAITING")
        gaps.append(row.next_attempt - at)
        at = row.next_attempt
    for gap, pause in zip(gaps, waiting.PAUSES, strict=False):
        assert pause <= gap <= pause * 1.1
    assert carry(start + timedelta(days=9)) == 0
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    with being(world.engineer) as actor:
        services.resend(actor=actor, delivery=row)
        with pytest.raises(ValidationError):
            services.resend(actor=actor, delivery=row)  # it waits already
    receiver.answers = []
    receiver.now = at.timestamp()
    assert carry(at) == 1
    assert laid(hook=hook)[0].state == "DELIVERED"
    assert receiver.told[-1]["data"]["kind"] == "new"


def test_a_hook_that_fails_again_and_again_is_paused_and_its_owner_told(
    desk: Desk, world: World, receiver: Receiver
) -> None:
    hook = hook_of(world.engineer, receiver.address, dead_in_a_row=carrying.DEAD_IN_A_ROW - 1)
    other = hook_of(world.engineer, receiver.address)
    receiver.secret = other.secret
    noted(on.published(desk))
    spread()
    post()
    with as_owner():
        Delivery.objects.filter(hook=hook).update(attempts=waiting.TRIES - 1)
        Delivery.objects.filter(hook=other).update(next_attempt=timezone.now() + timedelta(hours=1))
    receiver.say("500 No")
    mail.outbox.clear()
    carry()
    assert post() == 1
    assert "送信を休止しました" in mail.outbox[0].body
    with being(world.engineer) as actor:
        states = {each.pk: each.state for each in Hook.objects.all()}
        assert states == {hook.pk: "PAUSED", other.pk: "ACTIVE"}
        (dead,) = [each for each in laid(hook=hook) if each.state == "DEAD"]
        with pytest.raises(ValidationError, match="休止中"):
            services.resend(actor=actor, delivery=dead)
        services.resume(actor=actor, hook=hook)
        services.resend(actor=actor, delivery=dead)
    receiver.say("410 Gone")  # says itself that it wants no more
    assert carry(timezone.now() + timedelta(hours=2)) == 2
    with being(world.engineer):
        assert {each.state for each in Hook.objects.all()} == {"ACTIVE", "PAUSED"}


@pytest.mark.parametrize("what", ["retracted", "authorisation", "account", "paused"])
def test_what_became_void_is_never_sent(desk: Desk, world: World, receiver: Receiver, what: str) -> None:
    hook = hook_of(world.engineer, receiver.address)
    briefing = on.published(desk, on.content(("HI//SEMICON",)))
    noted(briefing)
    spread()
    receiver.say("500 No")
    carry()
    assert told(world.engineer, hook=hook, state="WAITING") == [(True, "NEW")]
    if what == "retracted":
        with being(world.official) as actor:
            publishing.retract(actor=actor, briefing=briefing, reason_code="MISTAKEN")
    elif what == "paused":
        with being(world.engineer) as actor:
            services.pause(actor=actor, hook=hook)
    else:
        with as_owner():
            if what == "authorisation":
                Authorisation.objects.filter(person=world.engineer).update(until=timezone.now())
            else:
                world.engineer.is_active = False
                world.engineer.save(update_fields=["is_active"])
    carry(timezone.now() + timedelta(minutes=2))
    assert len(receiver.got) == 1
    assert laid(hook=hook) == []
    with as_owner():
        Hook.objects.update(state="ACTIVE")
    noted(briefing, at=timezone.now())
    spread()
    assert (told(world.engineer, hook=hook) != []) == (what == "paused")


def test_another_worker_leaves_what_one_has_in_hand(desk: Desk, world: World, receiver: Receiver) -> None:
    """Claiming moves the next try on: nobody takes it up meanwhile, and a killed worker leaves just another try."""
    hook_of(world.engineer, receiver.address)
    noted(on.published(desk))
    spread()
    now = timezone.now()
    with as_role("portal_worker"):
        assert carrying._claim(now, set())
        assert carrying._claim(now, set()) is None
        assert carrying._claim(now + timedelta(seconds=59), set()) is None
        assert carrying._claim(now + timedelta(minutes=2), set())


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_once(receiver: Receiver) -> None:
    world = build()
    desk = on.desk(world)
    for _each in range(3):
        receiver.secret = hook_of(world.engineer, receiver.address).secret
    noted(on.published(desk))
    ready, failed = threading.Barrier(2), []

    def work() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET ROLE portal_worker")
            ready.wait(60)
            carrying_on.spread_due()
            ready.wait(60)
            carrying.deliver_due()
        except Exception as error:  # noqa: BLE001 - raised below, in the thread that tests
            failed.append(error)
        finally:
            connection.close()

    from briefings.delivery import occasions as carrying_on

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert not failed
    assert len(receiver.got) == len({headers["webhook-id"] for headers, _body in receiver.got}) == 3


def test_the_database_gives_nobody_anothers_and_believes_no_claim(desk: Desk, world: World) -> None:
    hook = hook_of(world.engineer)
    noted(on.published(desk))
    spread()
    (row,) = laid(hook=hook)
    with being(world.colleague) as actor:
        assert not Hook.objects.exists()
        assert not Delivery.objects.exclude(person=world.colleague).exists()
        for act in (services.pause, services.drop, services.test, services.rotate):
            with pytest.raises(NotAllowed):
                act(actor=actor, hook=hook)
        with pytest.raises(NotAllowed):
            services.resend(actor=actor, delivery=row)
    given = {"person": world.engineer, "next_attempt": timezone.now()}
    with being(world.engineer):
        for attempt in (
            lambda: Occasion.objects.exists(),
            lambda: Occasion.objects.bulk_create([Occasion(kind="NEW", about=hook.pk, at=timezone.now())]),
            lambda: Hook.objects.update(proved_at=timezone.now()),
            lambda: Delivery.objects.update(kind="PING"),
            lambda: Delivery(hook=hook, kind="STOPPED", **given).save(force_insert=True),
            lambda: Delivery(kind="PING", **given).save(force_insert=True),
            lambda: Delivery(hook=hook, kind="PING", **given | {"person": world.colleague}).save(force_insert=True),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                attempt()
        assert Delivery.objects.filter(pk=row.pk).update(state="WAITING") == 0  # it is not dead
    with as_role("portal_worker"):
        assert not Notice.objects.exists()


@pytest.mark.parametrize(("name", "value"), [("HOOKS", False), ("CEILING", 3)])
def test_where_nothing_may_leave_nothing_does(
    desk: Desk, world: World, receiver: Receiver, settings: Any, name: str, value: Any
) -> None:
    hook_of(world.engineer, receiver.address)
    setattr(settings, name, value)
    publish(desk, on.content(("PUBLIC",)))
    spread()
    assert carry() == 0
    assert bool(post()) == (name == "HOOKS")  # letters are another matter below level 3
    with being(world.engineer) as actor, pytest.raises(ValidationError, match="この環境"):
        services.make(actor=actor, address="https://hooks.example.jp/", kinds=["new"])
