"""What SQL injected into the web role could write into the tables of sign-in, and that it opens no account by it."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import hashers
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from accounts import passwords
from accounts.models import Person
from tests.accounts.authenticator import Passkey
from tests.accounts.conftest import PASSWORD, People, post_password
from tests.accounts.doing import add_passkey, add_totp, code_for, level_of, sign_in_with_password
from tests.world import as_owner

pytestmark = pytest.mark.django_db


def injected(sql: str, *params: object) -> None:
    """Run as the web role, in a transaction that survives a refusal."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("portal_app",)
        cursor.execute(sql, params)


def give_password(person: Person) -> None:
    with as_owner():
        person.set_password(PASSWORD)
        person.save()


FORBIDDEN = {
    "become an auditor": (
        "INSERT INTO accounts_appointment (id, person_id, duty, since) VALUES (gen_random_uuid(), %s, 'AUDITOR', now())"
    ),
    "end a duty": "UPDATE accounts_appointment SET until = now() WHERE person_id <> %s",
    "move to another firm": "UPDATE accounts_person SET organisation_id = gen_random_uuid() WHERE id = %s",
    "take over an address": "UPDATE accounts_person SET email = 'mine@evil.example' WHERE id = %s",
    "delete a person": "DELETE FROM accounts_person WHERE id = %s",
    "rewrite a fact": "UPDATE accounts_foreigncontrol SET voting_share = 0 WHERE organisation_id <> %s",
    "prolong an invitation": "UPDATE accounts_invitation SET expires = now() + interval '9 years' WHERE person_id = %s",
    "hang an address on somebody": (
        'INSERT INTO account_emailaddress (email, verified, "primary", user_id)'
        " VALUES ('mine@evil.example', true, true, %s)"
    ),
}


@pytest.mark.parametrize("sql", FORBIDDEN.values(), ids=FORBIDDEN)
def test_the_web_role_may_not(people: People, sql: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        injected(sql, people.engineer.pk)


def test_no_one_holds_a_password_in_the_clear_or_a_bare_hash(people: People) -> None:
    people.engineer.refresh_from_db()
    assert people.engineer.password.startswith(passwords.SEALED)
    assert "argon2" not in people.engineer.password
    assert people.engineer.check_password(PASSWORD)
    assert not people.engineer.check_password(PASSWORD + " ")
    assert not people.engineer.check_password(None)


@pytest.mark.parametrize("how", ["copied from one's own row", "a bare hash", "a hash of another scheme", "nonsense"])
def test_a_password_written_into_somebodys_row_does_not_work(people: People, how: str) -> None:
    give_password(people.stranger)
    people.stranger.refresh_from_db()
    stored = {
        "copied from one's own row": people.stranger.password,
        "a bare hash": hashers.make_password("mine"),
        "a hash of another scheme": "md5$salt$" + "0" * 32,
        "nonsense": passwords.SEALED + "AAAA",
    }[how]
    injected("UPDATE accounts_person SET password = %s WHERE id = %s", stored, people.engineer.pk)
    for guess in (PASSWORD, "mine", ""):
        client = Client()
        post_password(client, people.engineer.email, guess)
        assert level_of(client) == -1


def test_an_app_secret_copied_into_somebodys_account_does_not_work(people: People) -> None:
    give_password(people.stranger)
    own_secret = add_totp(sign_in_with_password(people.stranger))
    add_totp(sign_in_with_password(people.engineer))
    injected(
        "UPDATE mfa_authenticator SET data = (SELECT data FROM mfa_authenticator WHERE user_id = %s AND type = 'totp')"
        " WHERE user_id = %s AND type = 'totp'",
        people.stranger.pk,
        people.engineer.pk,
    )
    client = Client()
    post_password(client, people.engineer.email, PASSWORD)
    assert client.post("/account/2fa/authenticate/", {"code": code_for(own_secret)}).status_code == 200
    assert level_of(client) == -1


def test_a_passkey_written_into_somebodys_account_signs_nobody_in(people: People) -> None:
    give_password(people.stranger)
    key = add_passkey(sign_in_with_password(people.stranger))
    adding = (
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
        " SELECT %s, type, data, created_at FROM mfa_authenticator WHERE user_id = %s AND type = 'webauthn'"
    )
    with pytest.raises(ProgrammingError, match="row-level security"):
        injected(adding, people.engineer.pk, people.stranger.pk)
    with as_owner(), connection.cursor() as cursor:  # nor would it open anything if the policy were not there
        cursor.execute(adding, [people.engineer.pk, people.stranger.pk])
    assert level_of(passkey_alone(key, people.stranger)) == 4
    assert level_of(passkey_alone(key, people.engineer)) == -1
    client = Client()
    post_password(client, people.engineer.email, PASSWORD)
    client.get("/account/2fa/authenticate/")
    client.post("/account/2fa/authenticate/", {"credential": key.sign(client)})
    assert level_of(client) == -1


def test_a_passkey_whose_key_was_exchanged_proves_nothing(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    add_passkey(client)
    give_password(people.stranger)
    mine = add_passkey(sign_in_with_password(people.stranger))
    credential = Authenticator.objects.get(user=people.stranger, type="webauthn").data["credential"]
    injected(
        "UPDATE mfa_authenticator SET data = jsonb_set(data, '{credential}', %s::jsonb) WHERE user_id = %s",
        json.dumps(credential),
        people.engineer.pk,
    )
    assert level_of(passkey_alone(mine, people.engineer)) == -1
    client.get("/account/2fa/webauthn/reauthenticate/")
    client.post("/account/2fa/webauthn/reauthenticate/", {"credential": mine.sign(client)})
    assert level_of(client) == 1


def passkey_alone(key: Passkey, person: Person) -> Client:
    client = Client()
    client.get("/account/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
    credential = key.sign(client, user=person.pk.hex)
    client.post("/account/2fa/webauthn/login/", {"credential": credential})
    return client


def test_renaming_a_passkey_keeps_it_genuine(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    key = add_passkey(client)
    pk = Authenticator.objects.get(user=people.engineer, type="webauthn").pk
    client.post(f"/account/2fa/webauthn/keys/{pk}/edit/", {"name": "新しい名前"})
    assert Authenticator.objects.get(pk=pk).data["name"] == "新しい名前"
    assert level_of(passkey_alone(key, people.engineer)) == 4
