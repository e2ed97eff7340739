"""What is shown is an event: each page names in the log what it shows, by the act that `openings.txt` states."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from audit.acts import ACTS
from audit.models import Event
from tests import world as build
from tests.harness.routes import Route, routes
from tests.harness.scene import PERSONAS, Scene, stage
from tests.harness.test_polling import POLLED
from tests.harness.test_route_matrix import table
from tests.world import World
from vault import keys

pytestmark = pytest.mark.django_db
ANSWERED = table("get")
# What an address says by another key than the log: a line of a register is opened with the register it stands in, an
# officer with the desk, a token with the machine it is of.
TOLD_BY = {"entry": "item", "officer": "desk", "machine_token": "account"}


def read() -> tuple[dict[str, str], set[str]]:
    """Each page with the act it leaves, and the pages that show nothing of anybody."""
    acts: dict[str, str] = {}
    nothing: set[str] = set()
    for line in (Path(__file__).parent / "openings.txt").read_text("utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            name, *act = line.split()
            if act:
                acts[name] = act[0]
            else:
                nothing.add(name)
    return acts, nothing


OPENINGS, NOTHING = read()


def left_by(client: Client, address: str) -> tuple[int, list[Event]]:
    """How the page answers and which events it leaves; both are undone."""
    with transaction.atomic():
        begun = timezone.now()
        response = client.get(address)
        if response.streaming:
            with no_key_opened():
                assert b"".join(response.streaming_content)
        with build.as_owner():
            events = list(Event.objects.filter(at__gte=begun).order_by("at", "id"))
        transaction.set_rollback(True)
    return response.status_code, events


@contextmanager
def no_key_opened() -> Iterator[None]:
    """While an answer streams nobody counts what is opened (clearance/limits.py): it has to be open by then."""
    opened: list[str] = []
    keys.watchers.append(opened.append)
    try:
        yield
    finally:
        keys.watchers.remove(opened.append)
    assert "item" not in opened


def answering(persona: str) -> Iterator[Route]:
    """The pages that answer the persona; those that show nothing of anybody are looked at through two pairs of eyes."""
    for route in routes():
        if ANSWERED[route.name][persona] == 200 and (route.name in OPENINGS or persona in ("engineer", "official")):
            yield route


def named(event: Event) -> set[str]:
    return {event.target_id, *map(str, event.detail.values())}


def test_every_page_that_answers_is_in_the_table_once() -> None:
    pages = {name for name, statuses in ANSWERED.items() if 200 in statuses.values()}
    assert OPENINGS.keys() | NOTHING == pages
    assert not OPENINGS.keys() & NOTHING
    assert set(OPENINGS.values()) <= ACTS
    assert set(POLLED) <= NOTHING


@pytest.mark.slow
@pytest.mark.parametrize("persona", PERSONAS)
def test_each_page_leaves_its_event_and_names_what_it_shows(world: World, persona: str) -> None:
    scene = stage(world)
    client, person = scene.client(persona), world.people[PERSONAS[persona][0]]
    with build.as_owner():
        keys = scene.keys()
    for route in answering(persona):
        status, events = left_by(client, route.url(keys))
        assert status == 200, route.name
        expected = [OPENINGS[route.name]] if route.name in OPENINGS else []
        assert [event.act for event in events] == expected, route.name
        for event in events:
            assert (event.person_id, event.organisation_id) == (person.pk, person.organisation_id)
            asked = {str(keys[TOLD_BY.get(parameter, parameter)]) for parameter in route.parameters}
            assert not asked or asked & named(event), route.name
            if "document" in route.parameters:
                assert (event.label, event.level) == (scene.document.seal_label.text, 2), route.name


def events_of(scene: Scene, persona: str, address: str) -> list[Any]:
    _status, events = left_by(scene.client(persona), address)
    return [(event.act, event.target_id, event.label, event.level) for event in events]


def test_how_many_may_read_is_told_of_the_circle_it_was_asked_of(world: World) -> None:
    scene, circle = stage(world), world.circle
    with build.as_owner():
        told = [("circle.readership", str(circle.pk), circle.ceiling.text, circle.ceiling.level)]
    for address in ("/clearance/marking/?circle={}&level=1", "/documents/receive/?circle={}"):
        assert events_of(scene, "official", address.format(circle.pk)) == told


def test_a_request_lies_as_high_as_the_highest_it_names(world: World) -> None:
    scene = stage(world)
    (listed,) = events_of(scene, "second official", "/documents/requests/")
    (opened,) = events_of(scene, "second official", f"/documents/requests/{scene.request.pk}/")
    assert listed == ("request.list", "", "", 2)
    assert opened == ("request.open", str(scene.request.pk), scene.document.seal_label.text, 2)


def test_home_lies_as_high_as_what_it_lists(world: World) -> None:
    scene = stage(world)
    assert events_of(scene, "engineer", "/") == [("home.list", "", "", 2)]
    assert events_of(scene, "foreign", "/") == [("home.list", "", "", 1)]  # the room alone
    assert events_of(scene, "outsider", "/") == [("home.list", "", "", 0)]


def test_an_invitation_lies_as_high_as_the_room_it_names(world: World) -> None:
    scene = stage(world)
    (told,) = events_of(scene, "invited", f"/rooms/invitations/{scene.invitation.pk}/")
    assert told == ("invitation.open", str(scene.room.pk), scene.room.seal_label.text, scene.room.level)
