"""How many questions each page asks the database: the same at ten and at a thousand rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearance.models import NamedHandler
from dialogues.models import Message, Room, Thread
from tests.documents.acting import hand_over
from tests.world import World, as_owner, circle, person

from . import scenes

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
SMALL, LARGE = 10, 1000


def many_threads(room: Room, world: World, number: int) -> list[Thread]:
    """Threads with one message each, written by the owner."""
    made = [
        Thread(room=room, circle=room.circle, marking=room.marking, author=world.official, title=f"話題{n}")
        for n in range(number)
    ]
    Thread.objects.bulk_create(made)
    Message.objects.bulk_create(
        [
            Message(thread=thread, circle=room.circle, marking=room.marking, author=world.official, body="発言")
            for thread in made
        ]
    )
    return made


def asked(client: Client, address: str) -> list[str]:
    """The statements of the second visit: the first one fills this process's caches of markings and keys."""
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]


def test_a_rooms_page_stays_within_its_budget_at_any_size(world: World, client_for: SignIn) -> None:
    room = scenes.scene(world)
    hand_over(world, world.official)
    client, address = client_for(world.engineer), reverse("dialogues:room", args=[room.pk])
    counts = []
    for number in (SMALL, LARGE - SMALL):
        with as_owner():
            many_threads(room, world, number)
        counts.append(len(asked(client, address)))
    assert counts[0] == counts[1] <= 15, counts


def test_a_threads_page_stays_within_its_budget_at_any_size(world: World, client_for: SignIn) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official)
    client, address = client_for(world.engineer), reverse("dialogues:thread", args=[room.pk, thread.pk])
    counts = []
    for number in (SMALL, LARGE - SMALL):
        with as_owner():
            scenes.many_messages(thread, world.official, number)
        counts.append(len(asked(client, address)))
    assert counts[0] == counts[1] <= 20, counts


def test_the_list_of_rooms_stays_within_its_budget_at_any_size(world: World, client_for: SignIn) -> None:
    client, counts = client_for(world.engineer), []
    for number in (SMALL, 60):
        for _n in range(number):
            with as_owner():
                opened = circle(world.hi_semicon, world.engineer, steward=world.official)
            room = scenes.room_on(opened, world.official)
            with as_owner():
                many_threads(room, world, 3)
        counts.append(len(asked(client, reverse("dialogues:index"))))
    assert counts[0] == counts[1] <= 10, counts


def test_the_list_of_members_stays_within_its_budget_at_any_size(world: World, client_for: SignIn) -> None:
    room, counts = scenes.scene(world), []
    client = client_for(world.official)
    for number in (SMALL, 120):
        with as_owner():
            for _n in range(number):
                NamedHandler.objects.create(circle=world.circle, organisation=world.maker, person=person(world.maker))
        counts.append(len(asked(client, reverse("dialogues:members", args=[room.pk]))))
    assert counts[0] == counts[1] <= 15, counts


def test_a_poll_costs_little(world: World, client_for: SignIn) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official)
    client = client_for(world.engineer)
    assert len(asked(client, reverse("dialogues:token", args=[room.pk]))) <= 5
    assert len(asked(client, reverse("dialogues:thread_token", args=[room.pk, thread.pk]))) <= 6
