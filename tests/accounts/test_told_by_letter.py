"""What the owner of an account is told by letter, and what guards changing how one signs in."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.mfa import app_settings
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.core import mail
from django.test import Client

from tests.accounts.conftest import PASSWORD, People, post_password
from tests.accounts.doing import confirm_password, sign_in_with_password
from tests.world import sign_in

pytestmark = pytest.mark.django_db


def test_of_a_sign_in_with_a_browser_never_used_before(people: People, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        known = sign_in_with_password(people.engineer)  # the first one ever: they do it with the invitation in hand
        known.post("/account/logout/")
        assert post_password(known, people.engineer.email, PASSWORD).status_code == 302
    assert mail.outbox == []
    with django_capture_on_commit_callbacks(execute=True):
        sign_in_with_password(people.engineer)
    (letter,) = mail.outbox
    assert letter.to == [people.engineer.email]
    assert "ブラウザー" in letter.body
    assert "127.0.0.1" not in letter.body


def test_of_failures_in_a_row_once_a_day(people: People, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(8):
            post_password(Client(), people.engineer.email, "wrong")
            post_password(Client(), "nobody@example.test", "wrong")
    assert [letter.to for letter in mail.outbox] == [[people.engineer.email]]
    assert "失敗が続いた" in mail.outbox[0].body


@pytest.mark.parametrize("address", ["/account/2fa/totp/activate/", "/account/2fa/webauthn/add/"])
def test_a_factor_is_added_only_with_the_proof_of_this_moment(people: People, address: str) -> None:
    client = sign_in_with_password(people.engineer)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT - 1
    session.save()
    answer = client.get(address)
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    confirm_password(client)
    assert client.get(address).status_code == 200


def test_more_proof_comes_with_a_new_key(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    confirm_password(client)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    assert client.get("/account/").status_code == 200
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = before
    assert stranger.get("/account/").status_code == 302


def change(client: Client, old: str, new: str) -> int:
    answer = client.post("/account/password/change/", {"oldpassword": old, "password1": new, "password2": new})
    return int(answer.status_code)


def test_the_former_password_is_asked_for_and_the_new_one_taken_as_it_is(people: People) -> None:
    client, new = sign_in_with_password(people.engineer), "  Ａ river " + "水" * 80 + "  "
    assert change(client, "wrong", new) == 200
    assert change(client, PASSWORD, new) == 302
    for other in (new.strip(), new.lower(), new.replace("Ａ", "A"), new[:72]):
        assert post_password(Client(), people.engineer.email, other).status_code == 200
    assert post_password(Client(REMOTE_ADDR="192.0.2.9"), people.engineer.email, new).status_code == 302


@pytest.mark.parametrize("digits", ["208315627709", "9" * 30])
def test_any_kind_of_character_will_do(people: People, digits: str) -> None:
    assert change(sign_in_with_password(people.engineer), PASSWORD, digits) == 302


def test_passwords_are_masked_and_may_be_pasted_or_filled_in(people: People) -> None:
    client = sign_in(people.engineer)
    for browser, address in ((Client(), "/account/login/"), (client, "/account/password/change/")):
        page = browser.get(address).content.decode()
        assert 'type="password"' in page
        assert "onpaste" not in page
        assert 'autocomplete="off"' not in page
        assert 'autocomplete="current-password"' in page


def test_seeds_and_challenges_are_long_and_never_the_same() -> None:
    assert len(generate_totp_secret()) == 32  # Base32 of 160 bits
    assert generate_totp_secret() != generate_totp_secret()
    assert len(RecoveryCodes.generate_seed()) == 80
    assert 10**app_settings.RECOVERY_CODE_DIGITS > 2**20
    assert (app_settings.TOTP_PERIOD, app_settings.TOTP_TOLERANCE) == (30, 0)
    given = [
        Client().get("/account/2fa/webauthn/login/", headers={"Accept": "application/json"}).content for _ in range(2)
    ]
    assert given[0] != given[1]
