"""Opening rooms where level 3 may be held: each level is offered by what is held there, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from clearance.choosing import choices_for
from clearance.markings import marking
from clearance.models import Authorisation, Circle, MarkingPreset
from dialogues.forms import KNOWN_TO_MEMBERS, RoomForm
from dialogues.models import Room
from dialogues.services.presets import offered
from tests.world import World, as_owner, authorise, compartment

from . import scenes

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def enclave(world: World, settings: Settings) -> World:
    """The world under a ceiling of level 3. The official holds SEMICON and BATTERY at HI, at CESI SEMICON and CYBER;
    the second official the same at HI and nothing at CESI."""
    settings.CEILING = 3
    with as_owner():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clearance_deployment SET ceiling = 3")
        compartment("CYBER")
        authorise(world.official, 3, "SEMICON", "CYBER", basis=Authorisation.Basis.CESI)
    return world


def typed(level: int, *codes: str) -> dict[str, object]:
    return {
        "kind": Room.Kind.FIRM, "name": "個別の対話", "purpose": "供給の弱点を確かめる", "legal_basis": "",
        "level": level, "compartments": list(codes), "known_to": KNOWN_TO_MEMBERS,
    }  # fmt: skip


def form_of(world: World, who: str, level: int = 3) -> dict[str, set[object]]:
    with scenes.being(world.people[who], level) as actor:
        form = RoomForm(actor=actor)
    fields = {"level", "compartments"} & set(form.fields)
    return {name: {value for value, _label in form.fields[name].choices} for name in fields}  # type: ignore[attr-defined]


def opened(client: Client, level: int, *codes: str) -> str:
    """The new room's ceiling; the page that came back where it was refused."""
    response = client.post(reverse("dialogues:open"), typed(level, *codes))
    if response.status_code == 200:
        return str(response.content.decode())
    with as_owner():
        return str(Room.objects.order_by("-created")[0].circle.ceiling.text)


def test_an_assessment_changes_nothing_of_what_is_offered_below_it(enclave: World) -> None:
    with_one, without = form_of(enclave, "official"), form_of(enclave, "second_official")
    assert without == {"level": {0, 1, 2}, "compartments": {"SEMICON", "BATTERY"}}
    assert with_one == {"level": {0, 1, 2, 3}, "compartments": {"SEMICON", "BATTERY", "CYBER"}}


def test_an_assessment_does_not_offer_a_level_it_is_not_for(enclave: World) -> None:
    with as_owner():
        authorise(enclave.auditor, 3, "SEMICON", basis=Authorisation.Basis.CESI)
    assert form_of(enclave, "auditor") == {"level": {0, 3}, "compartments": {"SEMICON"}}


def test_under_a_ceiling_of_2_an_assessment_offers_nothing(enclave: World, settings: Settings) -> None:
    settings.CEILING = 2
    assert form_of(enclave, "official") == {"level": {0, 1, 2}, "compartments": {"SEMICON", "BATTERY"}}


@pytest.mark.parametrize("who", ["official", "second_official"])
@pytest.mark.parametrize("proved", [2, 3])
def test_a_room_under_hi_opens_the_same_with_and_without_an_assessment(
    enclave: World, client_for: SignIn, who: str, proved: int
) -> None:
    client = client_for(enclave.people[who], level=proved)
    assert opened(client, 2, "BATTERY") == "HI//BATTERY"
    refused = opened(client, 2, "CYBER")
    assert "field-wrong" in refused
    assert "個別の対話" in refused  # nothing typed is lost


def test_each_level_is_refused_by_what_is_held_there(enclave: World, client_for: SignIn) -> None:
    client = client_for(enclave.official, level=3)
    for level, codes in ((3, ["BATTERY"]), (3, ["SEMICON", "BATTERY"]), (2, ["CYBER"])):
        assert "ご自身が資格を持たない取扱分野が含まれています" in opened(client, level, *codes)
    assert opened(client, 3, "CYBER", "SEMICON") == "CESI//CYBER,SEMICON"
    assert "追加の本人確認が必要です" in opened(client_for(enclave.official, level=2), 3, "SEMICON")
    assert "field-wrong" in opened(client_for(enclave.second_official, level=3), 3, "SEMICON")


def test_a_room_offers_its_own_ceiling(enclave: World, client_for: SignIn) -> None:
    assert opened(client_for(enclave.official, level=3), 3, "SEMICON") == "CESI//SEMICON"
    ceiling = marking(3, ["SEMICON"])
    with as_owner():
        circle = Circle.objects.get(ceiling=ceiling)
        texts = list(
            MarkingPreset.objects.filter(circle=circle).order_by("order").values_list("marking__text", flat=True)
        )
    assert texts == [
        "PUBLIC", "SENSITIVE", "SENSITIVE//TLP:RED", "SENSITIVE//SEMICON", "HI//SEMICON", "CESI//SEMICON",
    ]  # fmt: skip
    with scenes.being(enclave.official, 3) as actor:
        assert ceiling in {choice.marking for choice in choices_for(actor, circle)}
        assert ceiling not in {choice.marking for choice in offered(actor, circle=circle)}  # handed over, not said
    with scenes.being(enclave.second_official, 3) as actor:
        assert ceiling not in {choice.marking for choice in choices_for(actor, circle)}
    page = client_for(enclave.official, level=3).get(reverse("documents:receive") + f"?circle={circle.pk}")
    assert "取扱者名簿の方限り" in page.content.decode()
