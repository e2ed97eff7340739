"""The step-up: what is asked for each level, by which way, and back to where one was; to no other site."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tests.accounts.conftest import PASSWORD, People, post_password
from tests.accounts.doing import acts_of, add_passkey, add_totp, code_for, level_of, sign_in_with_password, text_of
from tests.world import sign_in

pytestmark = pytest.mark.django_db

REACHED = [
    # level proved, level asked → straight on?
    (1, "0", True),
    (1, "1", True),
    (1, "2", False),
    (2, "2", True),
    (2, "3", False),
    (2, "4", False),
    (4, "3", True),
    (4, "4", True),
    (2, "", True),
    (1, "", False),
    (1, "x", False),
    (2, "-1", True),
    (4, "99", True),
    (2, "99", False),
]


@pytest.mark.parametrize(("proved", "asked", "straight_on"), REACHED)
def test_who_has_proved_enough_goes_straight_on(people: People, proved: int, asked: str, straight_on: bool) -> None:
    client = sign_in(people.engineer, level=proved)
    response = client.get(f"/account/step-up/?level={asked}&next=/documents/")
    assert (response.status_code == 302) is straight_on
    if straight_on:
        assert response["Location"] == "/documents/"


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "javascript:alert(1)",
    "documents/",
    "http://testserver/documents/",
    "",
    " //evil.example",
    "///evil.example",
    "/\t/evil.example",
]


@pytest.mark.usefixtures("contexts")
@pytest.mark.parametrize("onward", ELSEWHERE)
def test_it_leads_to_no_other_site(people: People, onward: str) -> None:
    response = sign_in(people.engineer, level=2).get("/account/step-up/", {"level": "2", "next": onward})
    assert response["Location"] == "/"
    page = sign_in(people.engineer, level=1).get("/account/step-up/", {"level": "2", "next": onward})
    assert page.context["next"] == "/"
    assert not [link for link in re.findall(r'href="([^"]*)"', text_of(page)) if "evil" in link]


def test_who_has_nothing_registered_is_told_to_register(people: People) -> None:
    client = sign_in(people.engineer, level=1)
    assert 'href="/account/security/"' in text_of(client.get("/account/step-up/?level=2&next=/x/"))
    assert 'href="/account/2fa/webauthn/add/"' in text_of(client.get("/account/step-up/?level=3&next=/x/"))


def test_each_level_offers_the_ways_that_reach_it(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    add_totp(client)
    passkey_way, app_way = "/account/2fa/webauthn/reauthenticate/?next=", "/account/2fa/reauthenticate/?next="
    two = text_of(client.get("/account/step-up/?level=2&next=/x/"))
    three = text_of(client.get("/account/step-up/?level=3&next=/x/"))
    assert (app_way in two, passkey_way in two, app_way in three) == (True, False, False)
    assert "/account/2fa/webauthn/add/" in three
    add_passkey(client)
    two = text_of(client.get("/account/step-up/?level=2&next=/x/"))
    three = text_of(client.get("/account/step-up/?level=3&next=/x/"))
    assert (app_way in two, passkey_way in two, app_way in three, passkey_way in three) == (True, True, False, True)


def test_a_code_brings_one_back_where_one_was(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    secret = add_totp(client)
    response = client.post("/account/2fa/reauthenticate/?next=/documents/%3Fpage%3D2", {"code": code_for(secret)})
    assert response["Location"] == "/documents/?page=2"
    assert level_of(client) == 2
    assert ("session.step_up", {"by": "totp"}) in acts_of(people.engineer)


def test_a_passkey_brings_one_back_where_one_was(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    passkey = add_passkey(client)
    client.get("/account/2fa/webauthn/reauthenticate/?next=/documents/")
    response = client.post(
        "/account/2fa/webauthn/reauthenticate/?next=/documents/", {"credential": passkey.sign(client)}
    )
    assert response["Location"] == "/documents/"
    assert level_of(client) == 4
    assert ("session.step_up", {"by": "webauthn"}) in acts_of(people.engineer)


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example/"])
def test_nor_does_proving_lead_to_another_site(people: People, onward: str) -> None:
    client = sign_in_with_password(people.engineer)
    secret = add_totp(client)
    response = client.post(f"/account/2fa/reauthenticate/?next={onward}", {"code": code_for(secret)})
    assert response["Location"] == "/"


def test_a_password_given_again_is_no_second_factor(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    add_totp(client)
    client.post("/account/reauthenticate/?next=/x/", {"password": PASSWORD})
    assert level_of(client) == 1


def test_proof_wears_off_in_an_open_session(people: People) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        passkey = add_passkey(sign_in_with_password(people.engineer))
        client = Client()
        post_password(client, people.engineer.email, PASSWORD)
        client.get("/account/2fa/authenticate/")
        client.post("/account/2fa/authenticate/", {"credential": passkey.sign(client)})
        reached: list[Any] = []
        for minutes in (0, 14, 1, 44, 1):
            clock.shift(timedelta(minutes=minutes))
            reached.append(level_of(client))
        assert reached == [4, 4, 2, 2, 1]


def test_only_get_reaches_it_so_that_nothing_typed_is_stored(people: People) -> None:
    assert sign_in(people.engineer, level=1).post("/account/step-up/?level=2").status_code == 405
