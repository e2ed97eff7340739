"""What a session has proved, by every way of proving it, and for how long it counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.checks import Critical
from django.test import RequestFactory

from accounts.assurance import Assurance, of
from accounts.checks import passkeys_verify_their_user
from accounts.models import Person
from tests.accounts.conftest import People

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


LEVELS = [
    # password, second factor, passkey → level
    (None, None, None, -1),
    (ago(1), None, None, 1),
    (ago(700), None, None, 1),
    (ago(1), ago(1), None, 2),
    (ago(700), ago(59.9), None, 2),
    (ago(700), ago(60), None, 1),
    (ago(1), ago(1), ago(1), 4),
    (ago(700), ago(14.9), ago(14.9), 4),
    (ago(700), ago(15), ago(15), 2),
    (ago(700), ago(61), ago(61), 1),
    (None, ago(1), ago(1), -1),
    (ago(-0.01), ago(-0.01), None, 2),  # two machines whose clocks differ by a moment
]


@pytest.mark.parametrize(("password", "factor", "passkey", "level"), LEVELS)
def test_each_level_asks_for_its_proof_within_its_time(
    password: datetime | None, factor: datetime | None, passkey: datetime | None, level: int
) -> None:
    assert Assurance(password, factor, passkey).level_reached(NOW) == level


T = NOW.timestamp()
PASSWORD = {"method": "password", "at": T - 60, "email": "x@example.test"}
TOTP = {"method": "mfa", "type": "totp", "id": 1, "at": T - 30}
RECOVERY = {"method": "mfa", "type": "recovery_codes", "id": 2, "at": T - 30}
WEBAUTHN = {"method": "mfa", "type": "webauthn", "id": 3, "at": T - 30}
RECORDS: list[tuple[str, list[dict[str, Any]], int]] = [
    ("nothing", [], -1),
    ("a password", [PASSWORD], 1),
    ("single sign-on", [{"method": "socialaccount", "at": T, "provider": "x", "uid": "y"}], 1),
    ("password and code", [PASSWORD, TOTP], 2),
    ("password and recovery code", [PASSWORD, RECOVERY], 1),
    ("password and recovery code given again", [PASSWORD, RECOVERY | {"reauthenticated": True}], 1),
    ("password and passkey", [PASSWORD, WEBAUTHN], 4),
    ("a passkey alone", [WEBAUTHN | {"passwordless": True}], 4),
    ("an old code and a new one", [PASSWORD, TOTP | {"at": T - 9999}, TOTP | {"reauthenticated": True}], 2),
    ("a new code listed before an old one", [PASSWORD, TOTP, TOTP | {"at": T - 9999}], 2),
    ("a password given again, an old code", [PASSWORD, TOTP | {"at": T - 9999}, PASSWORD | {"at": T}], 1),
    ("a letter with a code, which we do not use", [{"method": "code", "at": T}], -1),
    ("a password reset, which signs nobody in", [{"method": "password_reset", "at": T}], -1),
]


@pytest.mark.parametrize(
    ("records", "level"), [(r, level) for _n, r, level in RECORDS], ids=[n for n, _r, _l in RECORDS]
)
def test_what_allauth_noted_becomes_assurance(people: People, records: list[dict[str, Any]], level: int) -> None:
    request = RequestFactory().get("/")
    request.user = people.engineer
    request.session = {  # type: ignore[assignment]
        "account_authentication_methods": records,
        "account_authentication_methods_user": str(people.engineer.pk),
    }
    assert of(request).level_reached(NOW) == level


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_another_persons_records_prove_nothing(people: People, who: str) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser() if who == "nobody" else people.stranger
    request.session = {  # type: ignore[assignment]
        "account_authentication_methods": [PASSWORD, WEBAUTHN],
        "account_authentication_methods_user": str(people.engineer.pk),
    }
    assert of(request) == Assurance(None, None, None)


@pytest.mark.parametrize(("setting", "fine"), [("required", True), ("preferred", False), ("discouraged", False)])
def test_the_program_does_not_start_where_passkeys_need_no_verified_user(
    settings: Any, setting: str, fine: bool
) -> None:
    settings.MFA_WEBAUTHN_USER_VERIFICATION = setting
    found = passkeys_verify_their_user(None)
    assert (found == []) is fine
    assert all(isinstance(each, Critical) for each in found)


def test_a_person_is_their_own_actor(people: People) -> None:
    who: Person = people.engineer
    assert (who.person_id, who.organisation_id) == (who.pk, people.maker.pk)
