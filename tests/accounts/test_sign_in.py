"""Signing in: by password, code, passkey and recovery code; what failing tells (nothing); what is noted of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts.models import Person, Session
from audit.models import Event
from tests.accounts.conftest import PASSWORD, People, post_password
from tests.accounts.doing import (
    acts_of,
    add_passkey,
    add_totp,
    code_for,
    level_of,
    recovery_code_of,
    sign_in_with_password,
    text_of,
)
from tests.world import as_owner

pytestmark = pytest.mark.django_db


# --- passwords ------------------------------------------------------------------------------------------------


def test_a_password_opens_a_session_of_levels_0_and_1(people: People) -> None:
    client = Client()
    response = post_password(client, people.engineer.email, PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(people.engineer.pk)
    assert level_of(client) == 1
    assert acts_of(people.engineer) == [("session.sign_in", {"by": "password"})]
    people.engineer.refresh_from_db()
    assert people.engineer.last_login is not None


def test_the_address_is_read_whatever_its_case_and_blanks(people: People) -> None:
    assert post_password(Client(), f" {people.engineer.email.upper()} ", PASSWORD).status_code == 302


def test_an_unknown_address_and_a_wrong_password_answer_alike(people: People) -> None:
    """The same page but for what was typed and the form's own token; the same kind of event, without the address."""
    answers = []
    for address in (people.engineer.email, people.colleague.email, "nobody@example.test"):
        response = post_password(Client(), address, "not the password")
        answers.append((response.status_code, text_of(response, address)))
    assert answers[0] == answers[1] == answers[2]
    with as_owner():
        events = list(Event.objects.order_by("at", "id").values_list("act", "person_id", "target_id"))
    assert events == [
        ("session.failed", None, str(people.engineer.pk)),
        ("session.failed", None, str(people.colleague.pk)),
        ("session.failed", None, ""),
    ]


def test_signing_out_is_noted_and_ends_the_session(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    client.post("/account/logout/")
    assert "_auth_user_id" not in client.session
    assert not Session.objects.filter(person=people.engineer).exists()
    assert [act for act, _detail in acts_of(people.engineer)] == ["session.sign_in", "session.sign_out"]


@pytest.mark.parametrize("path", ["signup/", "email/", "confirm-email/", "2fa/webauthn/signup/", "login/code/"])
def test_there_is_no_signing_up_and_no_list_of_addresses(path: str) -> None:
    assert Client().get(f"/account/{path}").status_code == 404


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example/", "/\\evil.example", "http://localhost/x"]
)
def test_sign_in_leads_to_no_other_site(people: People, onward: str) -> None:
    response = Client().post(
        f"/account/login/?next={onward}", {"login": people.engineer.email, "password": PASSWORD, "next": onward}
    )
    assert response["Location"] == "/"


def test_whoever_was_signed_out_by_the_clock_is_told_why(people: People) -> None:
    asked = Client().get("/account/")["Location"]
    assert "60分たつと" in text_of(Client().get(asked))
    assert "60分たつと" not in text_of(Client().get("/account/login/"))


def test_the_second_step_says_what_to_do_with_nothing_left(people: People) -> None:
    add_totp(sign_in_with_password(people.engineer))
    client = Client()
    post_password(client, people.engineer.email, PASSWORD)
    assert "保全責任者に電話してください" in text_of(client.get("/account/2fa/authenticate/"))


def test_the_reader_gets_the_language_they_chose(people: People) -> None:
    with as_owner():
        Person.objects.filter(pk=people.engineer.pk).update(language="en")
    client = sign_in_with_password(people.engineer)
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


@pytest.mark.parametrize("closed", ["person", "organisation"])
def test_a_locked_account_and_a_closed_organisation_sign_nobody_in(people: People, closed: str) -> None:
    with as_owner():
        if closed == "person":
            Person.objects.filter(pk=people.engineer.pk).update(is_active=False)
        else:
            people.maker.active = False
            people.maker.save()
    client = Client()
    response = post_password(client, people.engineer.email, PASSWORD)
    assert response["Location"] == "/account/inactive/"
    assert "_auth_user_id" not in client.session


def test_a_changed_password_ends_every_other_session(people: People, django_capture_on_commit_callbacks: Any) -> None:
    here, elsewhere = sign_in_with_password(people.engineer), sign_in_with_password(people.engineer)
    new = "別の長いパスワード 2718"
    with django_capture_on_commit_callbacks(execute=True):
        response = here.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert response["Location"] == "/account/security/"
    assert "_auth_user_id" in here.session
    assert here.get("/account/security/").status_code == 200
    assert elsewhere.get("/account/security/").status_code == 302
    assert Session.objects.filter(person=people.engineer).count() == 1
    acts = [act for act, _detail in acts_of(people.engineer)]
    assert acts[-2:] == ["session.password", "session.end"]
    assert [letter.to for letter in mail.outbox] == [[people.engineer.email]]
    assert people.engineer.name not in mail.outbox[0].body
    assert "127.0.0.1" not in mail.outbox[0].body
    assert post_password(Client(), people.engineer.email, PASSWORD).status_code == 200
    assert post_password(Client(), people.engineer.email, new).status_code == 302


@pytest.mark.parametrize("weak", ["short", "123456789012345", "password1234", "{email}"])
def test_a_weak_new_password_is_refused(people: People, weak: str) -> None:
    new = weak.format(email=people.engineer.email)
    client = sign_in_with_password(people.engineer)
    response = client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert response.status_code == 200
    assert post_password(Client(), people.engineer.email, PASSWORD).status_code == 302


# --- a new password by letter ---------------------------------------------------------------------------------


def ask_for_letter(address: str, capture: Any) -> Any:
    with capture(execute=True):
        return Client().post("/account/password/reset/", {"email": address})


def test_asking_for_a_letter_answers_alike_for_every_address(
    people: People, django_capture_on_commit_callbacks: Any
) -> None:
    """The web does the same work for each: it asks a task, which finds somebody or nobody."""
    answers = {
        (response.status_code, response["Location"])
        for address in (people.engineer.email, people.colleague.email, "nobody@example.test")
        for response in [ask_for_letter(address, django_capture_on_commit_callbacks)]
    }
    assert answers == {(302, "/account/password/reset/done/")}
    assert [letter.to for letter in mail.outbox] == [[people.engineer.email]]  # the colleague was never invited


def test_a_letter_carries_a_link_and_nothing_else_of_anybody(
    people: People, django_capture_on_commit_callbacks: Any
) -> None:
    ask_for_letter(people.engineer.email, django_capture_on_commit_callbacks)
    letter = mail.outbox[0]
    assert people.engineer.name not in letter.subject + letter.body
    assert people.maker.name not in letter.body
    assert re.search(rf"^{settings.ORIGIN}/account/password/reset/key/\S+$", letter.body, re.MULTILINE)


def test_the_letters_link_sets_a_password_once_and_ends_all_sessions(
    people: People, django_capture_on_commit_callbacks: Any
) -> None:
    signed_in = sign_in_with_password(people.engineer)
    ask_for_letter(people.engineer.email, django_capture_on_commit_callbacks)
    link = re.search(r"/account/password/reset/key/\S+", mail.outbox[0].body)
    assert link is not None
    client, new = Client(), "別の長いパスワード 2718"
    form = client.get(link[0])["Location"]
    assert client.post(form, {"password1": new, "password2": new})["Location"].endswith("/done/")
    assert "_auth_user_id" not in client.session
    assert signed_in.get("/account/security/").status_code == 302
    assert post_password(Client(), people.engineer.email, new).status_code == 302
    assert "Location" not in Client().get(link[0]).headers  # used


def test_letters_do_not_fill_a_mailbox(people: People, django_capture_on_commit_callbacks: Any) -> None:
    for _again in range(4):
        ask_for_letter(people.engineer.email, django_capture_on_commit_callbacks)
    assert len(mail.outbox) == 1


# --- second factors -------------------------------------------------------------------------------------------


def test_a_code_from_the_app_reaches_level_2_and_is_good_once(people: People) -> None:
    secret = add_totp(sign_in_with_password(people.engineer))
    client = Client()
    assert post_password(client, people.engineer.email, PASSWORD)["Location"] == "/account/2fa/authenticate/"
    assert level_of(client) == -1
    code = code_for(secret)
    assert client.post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    assert level_of(client) == 2
    assert acts_of(people.engineer)[-1] == ("session.sign_in", {"by": "second_factor"})
    again = Client()
    post_password(again, people.engineer.email, PASSWORD)
    assert again.post("/account/2fa/authenticate/", {"code": code}).status_code == 200
    assert level_of(again) == -1


def test_what_is_registered_is_sealed_and_noted(people: People, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        secret = add_totp(sign_in_with_password(people.engineer))
    stored = {each.type: each.data for each in Authenticator.objects.order_by("id")}
    assert secret not in str(stored)
    assert len(stored["recovery_codes"]["seed"]) > 100  # sealed; a bare seed has 80 characters
    added = [detail["kind"] for act, detail in acts_of(people.engineer) if act == "session.factor_add"]
    assert added == ["totp", "recovery_codes"]
    assert [letter.subject for letter in mail.outbox] == ["円卓のサインイン設定の変更"]


def test_a_recovery_code_signs_in_but_opens_levels_0_and_1_only(people: People) -> None:
    add_totp(sign_in_with_password(people.engineer))
    code = recovery_code_of(people.engineer)
    client = Client()
    post_password(client, people.engineer.email, PASSWORD)
    assert client.post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    assert level_of(client) == 1
    assert ("session.recovery", {}) in acts_of(people.engineer)
    response = client.post("/account/2fa/reauthenticate/", {"code": recovery_code_of(people.engineer)})
    assert response.status_code == 200  # not taken there: it would be used up for nothing
    assert level_of(client) == 1


def test_a_passkey_reaches_level_4_as_second_step_and_alone(people: People) -> None:
    passkey = add_passkey(sign_in_with_password(people.engineer))
    second = Client()
    post_password(second, people.engineer.email, PASSWORD)
    second.get("/account/2fa/authenticate/")
    assert second.post("/account/2fa/authenticate/", {"credential": passkey.sign(second)}).status_code == 302
    assert level_of(second) == 4
    alone = Client()
    alone.get("/account/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
    credential = passkey.sign(alone, user=people.engineer.pk.hex)
    assert alone.post("/account/2fa/webauthn/login/", {"credential": credential})["Location"] == "/"
    assert level_of(alone) == 4
    assert alone.get("/account/").wsgi_request.actor.person_id == people.engineer.pk  # the database agrees
    assert acts_of(people.engineer)[-1] == ("session.sign_in", {"by": "passkey"})


@pytest.mark.parametrize(
    "kind",
    [
        {"verifies": False},
        {"rp_id": "evil.example"},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1"},
    ],
    ids=["user not verified", "another party", "another origin", "an address for a name"],
)
def test_a_passkey_that_does_not_hold_is_not_registered(people: People, kind: dict[str, Any]) -> None:
    add_passkey(sign_in_with_password(people.engineer), **kind)
    assert not Authenticator.objects.exists()


def test_a_passkey_that_stops_verifying_its_user_proves_nothing(people: People) -> None:
    passkey = add_passkey(sign_in_with_password(people.engineer))
    passkey.verifies = False
    client = Client()
    post_password(client, people.engineer.email, PASSWORD)
    client.get("/account/2fa/authenticate/")
    client.post("/account/2fa/authenticate/", {"credential": passkey.sign(client)})
    assert level_of(client) == -1


def test_an_expired_session_asks_for_everything_again(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    Session.objects.all().delete()
    assert client.get("/account/").headers["Location"].startswith("/account/login/")


NONSENSE = [
    "{}",
    "[]",
    "1",
    "null",
    '"x"',
    "{",
    '{"id": "AA"}',
    '{"id": "AA", "rawId": "AA", "response": {}, "type": "public-key"}',
    "9" * 5000,  # more digits than Python makes a number of
    "[" * 100_000,
    "[" * 700 + "]" * 700,
    *(
        '{{"id": "AA", "rawId": "AA", "type": "public-key", "response": {{"clientDataJSON": "{}", '
        '"attestationObject": "{}", "authenticatorData": "AA", "signature": "AA"}}}}'.format(*said)
        for said in (("A", "AA"), ("e30", "AA"), ("é", "é"), ("eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0", "o2NmbXRkbm9uZQ"))
    ),
]


@pytest.mark.parametrize("credential", NONSENSE, ids=range(len(NONSENSE)))
def test_a_credential_that_is_none_is_refused_not_stumbled_over(people: People, credential: str) -> None:
    client = sign_in_with_password(people.engineer)
    add_passkey(client)
    client.get("/account/2fa/webauthn/reauthenticate/")
    alone = Client()
    alone.get("/account/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
    second = Client()
    post_password(second, people.engineer.email, PASSWORD)
    second.get("/account/2fa/authenticate/")
    for browser, path in (
        (client, "/account/2fa/webauthn/reauthenticate/"),
        (alone, "/account/2fa/webauthn/login/"),
        (second, "/account/2fa/authenticate/"),
        (client, "/account/2fa/webauthn/add/"),
    ):
        assert browser.post(path, {"credential": credential}).status_code in {200, 302}
    assert (level_of(client), level_of(alone), level_of(second)) == (1, -1, -1)
    assert Authenticator.objects.filter(type="webauthn").count() == 1
