"""Refusals in the log: whatever the way of refusing; and of a flood of them a few events and a number."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Person
from accounts.services import NotAllowed
from audit.acts import Act
from audit.models import Event
from clearance.services import refusing
from portal.tasks import tell_repeated_refusals
from tests import world as build
from tests.world import World

pytestmark = pytest.mark.django_db
MOST = 3


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusing, "EVENTS_A_MINUTE", MOST)
    if (second := timezone.now().second) > 55:
        time.sleep(60 - second)  # what is asked for below falls into one minute


def refusals_of(person: Person) -> list[Event]:
    with build.as_owner():
        return list(Event.objects.filter(act=Act.ACCESS_DENIED, person_id=person.pk).order_by("at", "id"))


def ask(person: Person, times: int) -> None:
    client = build.sign_in(person)  # as often as this is called: another session, another process
    for _time in range(times):
        assert client.get(f"/documents/{uuid4()}/").status_code == 404


def a_minute_later() -> None:
    with build.as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE clearance_refusals SET minute = minute - interval '1 minute'")


def tell() -> None:
    with build.as_role("portal_worker"):
        tell_repeated_refusals()


def test_what_is_forbidden_is_noted_as_what_is_missing_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_given: Any) -> None:
        raise NotAllowed

    monkeypatch.setattr("clearance.views.people.note_opening", refuse)
    asked = f"/clearance/people/{world.engineer.pk}/"
    assert build.sign_in(world.clearance_officer).get(asked).status_code == 403
    (event,) = refusals_of(world.clearance_officer)
    assert (event.target_type, event.target_id) == ("clearance:person", str(world.engineer.pk))
    assert (event.organisation_id, event.level) == (world.clearance_officer.organisation_id, 2)


def test_what_a_service_forbids_is_undone_and_noted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def change_and_refuse(*, actor: Person, **_given: Any) -> None:
        Person.objects.filter(pk=actor.pk).update(language="en")
        raise NotAllowed

    monkeypatch.setattr("accounts.services.change_language", change_and_refuse)
    assert build.sign_in(world.engineer).post("/account/", {"language": "en"}).status_code == 403
    assert [event.target_type for event in refusals_of(world.engineer)] == ["accounts:profile"]
    assert Person.objects.get(pk=world.engineer.pk).language == "ja"


def test_a_flood_of_refusals_leaves_a_few_events_and_a_number(world: World) -> None:
    ask(world.engineer, MOST)
    ask(world.engineer, 4)
    ask(world.colleague, 1)  # whose own refusals count apart
    assert len(refusals_of(world.engineer)) == MOST
    tell()  # the minute is not over
    assert len(refusals_of(world.engineer)) == MOST
    a_minute_later()
    tell()
    tell()  # told once
    *_each, rest = refusals_of(world.engineer)
    assert len(_each) == MOST
    assert (rest.target_type, rest.target_id, rest.label, rest.level) == ("", "", "", 0)
    assert rest.organisation_id == world.engineer.organisation_id
    assert (rest.detail["kind"], rest.detail["count"]) == ("repeated", 4)
    assert rest.detail["as_of"] < rest.at.astimezone(timezone.get_current_timezone()).isoformat()
    assert len(refusals_of(world.colleague)) == 1


def test_the_next_minute_begins_anew(world: World) -> None:
    ask(world.engineer, MOST + 1)
    a_minute_later()
    ask(world.engineer, MOST + 2)
    assert len(refusals_of(world.engineer)) == 2 * MOST
    tell()
    a_minute_later()
    tell()
    assert [event.detail["count"] for event in refusals_of(world.engineer)[2 * MOST :]] == [1, 2]


def test_a_minute_within_bounds_is_forgotten_without_a_word(world: World) -> None:
    ask(world.engineer, MOST)
    a_minute_later()
    tell()
    assert len(refusals_of(world.engineer)) == MOST
    with build.as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM clearance_refusals")
        assert cursor.fetchone() == (0,)


def test_a_count_that_could_not_be_told_is_told_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_given: Any) -> None:
        raise DatabaseError

    ask(world.engineer, MOST + 1)
    a_minute_later()
    with monkeypatch.context() as broken:
        broken.setattr(refusing, "record", fail)
        with pytest.raises(DatabaseError), transaction.atomic():
            tell()
    tell()
    assert refusals_of(world.engineer)[-1].detail["count"] == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM clearance_refusals",
        "UPDATE clearance_refusals SET count = 0",
        "DELETE FROM clearance_refusals",
        "INSERT INTO clearance_refusals VALUES (gen_random_uuid(), now(), NULL, 99)",
        "SELECT clearance_take_refusals()",
    ],
)
def test_whoever_floods_the_log_cannot_take_their_number_back(world: World, statement: str) -> None:
    with build.being(world.engineer), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)
