"""The demo's sign-in: each persona at each assurance, as a real sign-in leaves it; and nowhere but in the demo."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from accounts.demo import PEOPLE, make_people
from accounts.models import Appointment, ForeignControl, Membership, Organisation, Person
from portal.demo import ASSURANCES, PERSONAS
from tests.accounts.conftest import People
from tests.accounts.doing import acts_of, level_of, text_of
from tests.world import as_owner

pytestmark = pytest.mark.django_db

PERSONA_KEYS = [persona.key for persona in PERSONAS]
LEVELS = {"password": 1, "second_factor": 2, "passkey": 4}


@pytest.fixture
def demo_people(db: None) -> dict[str, Person]:
    with as_owner():
        return make_people()


def choose(client: Client, key: str, proof: str, **more: str) -> Any:
    return client.post("/demo/sign-in/", {"persona": key, "assurance": proof, **more})


def test_the_personas_are_those_of_the_story() -> None:
    assert PERSONA_KEYS == [
        "official",
        "second_official",
        "clearance_officer",
        "second_clearance_officer",
        "secretary",
        "engineer",
        "colleague",
        "expired",
        "handler",
        "foreign",
        "auditor",
    ]


def test_the_world_is_big_enough_to_look_alive_and_made_twice_stays_the_same(demo_people: dict[str, Person]) -> None:
    models = (Organisation, Person, Appointment, Membership, ForeignControl)
    before = [model._default_manager.count() for model in models]
    assert before[0] >= 12
    assert before[1] >= 40
    with as_owner():
        again = make_people()
    assert [model._default_manager.count() for model in models] == before
    assert {key: person.pk for key, person in again.items()} == {key: p.pk for key, p in demo_people.items()}
    assert set(demo_people) == {row[0] for row in PEOPLE}


def test_nobody_in_the_demo_has_a_password_or_a_real_address(demo_people: dict[str, Person]) -> None:
    assert not any(person.has_usable_password() for person in demo_people.values())
    assert all(person.email.endswith(".example") for person in demo_people.values())
    assert all("架空" in organisation.name for organisation in Organisation.objects.order_by("pk"))
    for organisation in Organisation.objects.order_by("pk"):
        organisation.full_clean()


def test_the_personas_stand_where_their_stories_put_them(demo_people: dict[str, Person]) -> None:
    duties = {
        key: set(Appointment.objects.filter(person=demo_people[key]).values_list("duty", flat=True))
        for key in PERSONA_KEYS
    }
    assert duties == {key: set() for key in PERSONA_KEYS} | {
        "official": {"OFFICIAL"},
        "second_official": {"OFFICIAL"},
        "clearance_officer": {"CLEARANCE_OFFICER"},
        "second_clearance_officer": {"CLEARANCE_OFFICER", "DESK_MANAGER"},
        "secretary": {"SECRETARY"},
        "auditor": {"AUDITOR"},
    }
    firm = demo_people["engineer"].organisation
    assert demo_people["colleague"].organisation == demo_people["expired"].organisation == firm
    assert demo_people["foreign"].organisation.country != "JP"
    assert demo_people["secretary"].organisation.kind == Organisation.Kind.ASSOCIATION


@pytest.mark.parametrize("key", PERSONA_KEYS)
def test_one_click_signs_in_with_just_the_proof_chosen(demo_people: dict[str, Person], key: str) -> None:
    for proof in ASSURANCES:
        client = Client()
        assert choose(client, key, proof)["Location"] == "/"
        assert client.session["_auth_user_id"] == str(demo_people[key].pk)
        assert level_of(client) == LEVELS[proof]
    assert acts_of(demo_people[key]) == [("session.sign_in", {"by": proof}) for proof in ASSURANCES]


def test_another_click_makes_one_somebody_else(demo_people: dict[str, Person]) -> None:
    client = Client()
    choose(client, "official", "passkey")
    choose(client, "colleague", "password")
    assert client.session["_auth_user_id"] == str(demo_people["colleague"].pk)
    assert level_of(client) == 1
    assert [act for act, _detail in acts_of(demo_people["official"])] == ["session.sign_in", "session.sign_out"]


def test_the_page_shows_each_persona_with_three_ways(demo_people: dict[str, Person]) -> None:
    page = text_of(Client().get("/demo/"))
    for key in PERSONA_KEYS:
        assert demo_people[key].name in page
    assert page.count('name="assurance"') == 3 * len(PERSONA_KEYS)


def test_an_empty_demo_says_how_to_fill_it(people: People) -> None:
    assert "demo_world" in text_of(Client().get("/demo/"))
    assert choose(Client(), "official", "password")["Location"] == "/demo/"


@pytest.mark.parametrize(
    "data",
    [
        {"persona": "root", "assurance": "password"},
        {"persona": "official", "assurance": "all"},
        {"persona": "hokuto_sawada", "assurance": "password"},
        {},
    ],
)
def test_nobody_but_the_personas_is_offered(demo_people: dict[str, Person], data: dict[str, str]) -> None:
    assert Client().post("/demo/sign-in/", data).status_code == 404


def test_a_locked_persona_is_not_signed_in(demo_people: dict[str, Person]) -> None:
    with as_owner():
        Person.objects.filter(pk=demo_people["engineer"].pk).update(is_active=False)
    client = Client()
    assert choose(client, "engineer", "passkey")["Location"] == "/demo/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(("onward", "led"), [("/rooms/", "/rooms/"), ("https://evil.example/", "/"), ("", "/")])
def test_it_leads_on_within_the_portal(demo_people: dict[str, Person], onward: str, led: str) -> None:
    assert choose(Client(), "official", "password", next=onward)["Location"] == led


@pytest.mark.parametrize(("level", "reached"), [("2", 2), ("3", 4), ("4", 4), ("x", 2)])
def test_the_demo_pretends_a_step_up(demo_people: dict[str, Person], level: str, reached: int) -> None:
    client = Client()
    choose(client, "engineer", "password")
    assert "/demo/step-up/" in text_of(client.get("/account/step-up/?level=2&next=/rooms/"))
    assert client.get(f"/demo/step-up/?level={level}&next=/rooms/").status_code == 200
    assert level_of(client) == 1
    response = client.post("/demo/step-up/", {"level": level, "next": "/rooms/"})
    assert response["Location"] == "/rooms/"
    assert level_of(client) == reached


# --- and nowhere else -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/demo/", "/demo/sign-in/", "/demo/step-up/"])
@pytest.mark.parametrize("urlconf", ["portal.urls", "portal.intake_urls"])
def test_it_is_not_even_routed_elsewhere(path: str, urlconf: str) -> None:
    with pytest.raises(Resolver404):
        resolve(path, urlconf=urlconf)


WAYS_IN = [("get", ""), ("post", "sign-in/"), ("get", "step-up/"), ("post", "step-up/")]


@pytest.mark.parametrize(("method", "path"), WAYS_IN)
def test_even_if_it_were_routed_it_would_refuse(
    demo_people: dict[str, Person], settings: Any, method: str, path: str
) -> None:
    client = Client()
    choose(client, "official", "password")
    settings.DEMO = False
    data = {"persona": "official", "assurance": "passkey"}
    assert getattr(client, method)(f"/demo/{path}", data).status_code == 404
    assert level_of(client) == 1
    assert "/demo/" not in text_of(client.get("/account/step-up/?level=2&next=/"), "/demo/")


def test_only_the_embedded_settings_are_a_demo() -> None:
    """Asked of the settings themselves, in a program of their own."""
    code = "import portal.settings.base as s; print(s.DEMO, s.ROOT_URLCONF)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "portal.urls"]
    assert import_module("portal.settings.embedded").DEMO is True
