"""Who takes part, in pages: everybody is on one of them, and a long list of handlers goes on in a page of its own."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from clearance.models import CircleMember, CircleOrganisation, NamedHandler
from dialogues.models import Room
from dialogues.queries.members import HANDLERS_SHOWN
from tests import world as build
from tests.world import World, as_owner

from .scenes import page

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def crowd(world: World, room: Room) -> list[Person]:
    """Sixty people of the partner in the room, and as many handlers of the maker."""
    with as_owner():
        theirs = [build.person(world.partner, f"客員{n:03}") for n in range(60)]
        named = [build.person(world.maker, f"技師{n:03}") for n in range(60)]
        CircleMember.objects.bulk_create([CircleMember(circle=world.circle, person=each) for each in theirs])
        NamedHandler.objects.bulk_create(
            [NamedHandler(circle=world.circle, organisation=world.maker, person=each) for each in named]
        )
    return theirs + named


def walked(client: Client, address: str) -> tuple[list[str], str]:
    """The names on the pages from the address on, and the text of all of them."""
    seen: list[str] = []
    text = ""
    while address:
        content = client.get(address).content.decode()
        text += content
        seen += re.findall(r"(?:客員|技師)\d{3}", content)
        following = re.search(r'href="([^"]*[?&;]page=\d+)"', content)
        address = following[1] if following else ""
    return seen, text


def test_each_person_is_on_one_page(world: World, client_for: SignIn, room: Room, crowd: list[Person]) -> None:
    seen, _text = walked(client_for(world.secretary), reverse("dialogues:members", args=[room.pk]))
    assert sorted({name for name in seen if name.startswith("客員")}) == [f"客員{n:03}" for n in range(60)]
    assert len([name for name in seen if name.startswith("客員")]) == 60


def test_a_long_list_of_handlers_goes_on_in_a_page_of_its_own(
    world: World, client_for: SignIn, room: Room, crowd: list[Person]
) -> None:
    client = client_for(world.foreign)  # a member, who names nobody
    content = page(client, "members", room.pk)
    with as_owner():
        named = world.circle.handlers.filter(organisation=world.maker).count()
    assert f"ほか{named - HANDLERS_SHOWN}名" in content
    seen, text = walked(client, reverse("dialogues:organisation", args=[room.pk, world.maker.pk]))
    assert sorted(name for name in seen if name.startswith("技師")) == [f"技師{n:03}" for n in range(60)]
    assert "指名を取り消す" not in text
    assert "指名する" not in text
    assert client.post(reverse("dialogues:organisation", args=[room.pk, world.maker.pk])).status_code == 404


def test_whoever_may_name_them_has_the_form_on_each_page(
    world: World, client_for: SignIn, room: Room, crowd: list[Person]
) -> None:
    content = page(client_for(world.official), "organisation", room.pk, world.maker.pk, query="?page=2")
    assert content.count("指名を取り消す")
    assert 'name="email"' in content


def test_organisations_page_apart_from_people(world: World, client_for: SignIn, room: Room) -> None:
    with as_owner():
        firms = [build.organisation(f"参加工業{n:03}（架空）") for n in range(60)]
        CircleOrganisation.objects.bulk_create(
            [CircleOrganisation(circle=world.circle, organisation=firm) for firm in firms]
        )
    client = client_for(world.secretary)
    first, second = page(client, "members", room.pk), page(client, "members", room.pk, query="?organisations=2")
    shown = [set(re.findall(r"参加工業\d{3}", content)) for content in (first, second)]
    assert shown[0] | shown[1] == {f"参加工業{n:03}" for n in range(60)}
    assert not shown[0] & shown[1]
    assert world.secretary.name in first
    assert world.secretary.name in second
