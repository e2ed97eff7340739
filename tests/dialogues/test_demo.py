"""The demo's rooms stand for every kind, keep to their ceilings, and are made once."""

from __future__ import annotations

import pytest

from accounts.demo import make_people
from accounts.models import Person
from clearance.access import visible_to
from clearance.demo import grant_authorisations
from clearance.models import CircleInvitation, CircleMember
from dialogues.demo import make_rooms
from dialogues.models import Message, Room, Thread
from dialogues.queries import rooms
from tests.world import as_owner

from . import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: None) -> dict[str, Person]:
    with as_owner():
        made = make_people()
        grant_authorisations(made)
        make_rooms(made)
    return made


def test_every_kind_of_room_is_there(people: dict[str, Person]) -> None:
    with as_owner():
        assert set(Room.objects.values_list("kind", flat=True)) == set(Room.Kind.values)
        assert Room.objects.count() >= 8


def test_making_them_again_makes_nothing_new(people: dict[str, Person]) -> None:
    with as_owner():
        before = [model.objects.count() for model in (Room, Thread, Message, CircleMember, CircleInvitation)]
        again = make_rooms(people)
        assert [model.objects.count() for model in (Room, Thread, Message, CircleMember, CircleInvitation)] == before
    assert again["semicon_chain"].kind == Room.Kind.SUPPLY_CHAIN


def test_whoever_says_something_there_may_read_it(people: dict[str, Person]) -> None:
    with as_owner():
        said = list(Message.objects.exclude(thread__room__archived_at__isnull=False).select_related("author"))
    for message in said:
        with scenes.being(message.author) as actor:
            assert visible_to(actor, Message.objects.filter(pk=message.pk)).exists(), (message.author.name, message.pk)


def test_the_colleague_without_a_pledge_sees_only_what_is_public(people: dict[str, Person]) -> None:
    for who in ("colleague", "expired"):
        with scenes.being(people[who]) as actor:
            assert not list(rooms.listed(actor))
            assert set(visible_to(actor, Message.objects.all()).values_list("level", flat=True)) <= {0}


def test_the_personas_have_something_to_do(people: dict[str, Person]) -> None:
    with scenes.being(people["official"]) as actor:
        assert len(rooms.listed(actor)) >= 6
        assert any(room.unread for room in rooms.listed(actor))
    with scenes.being(people["engineer"]) as actor:
        assert CircleInvitation.objects.filter(person=people["engineer"]).exists()
        assert len(rooms.listed(actor)) >= 4
