"""Somebody has lost every proof they had: the officer takes them away, and the person begins anew."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts import services
from accounts.models import Invitation, Person
from accounts.services import Why
from clearance.actor import Actor
from clearance.context import acting
from clearance.reach import NOWHERE
from tests.accounts.conftest import PASSWORD, People, post_password
from tests.accounts.doing import acts_of, add_passkey, add_totp, code_for, level_of, sign_in_with_password, text_of
from tests.world import as_owner, proved, records, sign_in

pytestmark = pytest.mark.django_db
NEW = "別の長いパスワード 2718"


def page_of(person: Person) -> str:
    return f"/clearance/people/{person.pk}/factors/"


def revoke(people: People, why: Why = Why.LEFT, **changed: str) -> Any:
    """As the officer posts it, having proved a second factor."""
    given = {"why": str(why), "identified": "on"} | changed
    return sign_in(people.officer, level=2).post(page_of(people.engineer), given)


def kinds_of(person: Person) -> list[str]:
    return sorted(Authenticator.objects.filter(user=person).order_by().values_list("type", flat=True))


@pytest.fixture
def engineers(people: People) -> Client:
    """The engineer's browser: signed in, with an app, a passkey and recovery codes registered."""
    client = sign_in_with_password(people.engineer)
    add_totp(client)
    add_passkey(client)
    assert kinds_of(people.engineer) == ["recovery_codes", "totp", "webauthn"]
    return client


def test_the_person_begins_anew_with_their_password(people: People, engineers: Client) -> None:
    assert revoke(people).status_code == 302
    assert kinds_of(people.engineer) == []
    assert engineers.get("/account/").status_code == 302  # signed out at the next click
    again = Client()
    assert post_password(again, people.engineer.email, PASSWORD)["Location"] == "/"
    assert level_of(again) == 1
    secret = add_totp(again)
    once_more = Client()
    post_password(once_more, people.engineer.email, PASSWORD)
    once_more.post("/account/2fa/authenticate/", {"code": code_for(secret)})
    assert level_of(once_more) == 2


@pytest.mark.parametrize("why", Why)
def test_the_password_goes_where_the_device_is_out_of_its_owners_hands(
    people: People, engineers: Client, why: Why
) -> None:
    revoke(people, why)
    people.engineer.refresh_from_db()
    goes = why in {Why.LOST, Why.THEFT}
    assert people.engineer.has_usable_password() is not goes
    assert people.engineer.check_password(PASSWORD) is not goes
    assert Invitation.objects.filter(person=people.engineer).exists() is goes


def test_after_a_theft_only_the_new_link_sets_a_password(
    people: People, engineers: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        Client().post("/account/password/reset/", {"email": people.engineer.email})
    (asked_before,) = re.findall(r"/account/password/reset/key/\S+", mail.outbox.pop().body)
    with django_capture_on_commit_callbacks(execute=True):
        revoke(people, Why.THEFT)
    notice, invitation = sorted(mail.outbox, key=lambda letter: "/invitation/" in letter.body)
    assert "使えません" in text_of(Client().get(asked_before, follow=True))
    (link,) = re.findall(rf"{settings.ORIGIN}(/account/invitation/\S+)", invitation.body)
    assert "新しいパスワード" in text_of(Client().get(link))  # and no welcome
    assert invitation.subject == "円卓のパスワードの設定"
    assert Client().post(link, {"password1": NEW, "password2": NEW})["Location"] == "/account/login/"
    assert post_password(Client(), people.engineer.email, NEW).status_code == 302
    assert "取り消されました" in notice.body


def test_the_letters_hold_nobodys_name_and_no_reason(
    people: People, engineers: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        revoke(people, Why.THEFT)
    assert [letter.to for letter in mail.outbox] == [[people.engineer.email]] * 2
    told = "".join(letter.subject + letter.body for letter in mail.outbox)
    for word in (people.engineer.name, people.officer.name, people.maker.name, people.engineer.email, "盗"):
        assert word not in told


def test_it_is_one_event_with_the_reason_as_a_code(people: People, engineers: Client) -> None:
    before = len(acts_of())
    revoke(people, Why.LOST)
    noted = acts_of()[before:]
    assert noted == [
        (
            "person.revoke_factors",
            {
                "why": "lost", "identity_confirmed": True, "sessions": 1, "password": True,
                "totp": 1, "webauthn": 1, "recovery_codes": 1,
            },
        )
    ]  # fmt: skip


def test_what_cannot_be_noted_does_not_happen(people: People, engineers: Client) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("REVOKE INSERT ON audit_event FROM portal_app")
    with pytest.raises(DatabaseError):
        revoke(people, Why.THEFT)
    assert len(kinds_of(people.engineer)) == 3
    assert Person.objects.get(pk=people.engineer.pk).check_password(PASSWORD)


@pytest.mark.parametrize("given", [{"why": ""}, {"why": "boredom"}, {"identified": ""}])
def test_without_a_reason_of_the_list_and_a_confirmed_identity_nothing_happens(
    people: People, engineers: Client, given: dict[str, str]
) -> None:
    (missing,) = given
    page = revoke(people, **given)
    assert f'id="id_{missing}_error"' in text_of(page)
    assert len(kinds_of(people.engineer)) == 3


def test_the_officer_proves_a_second_factor_first(people: People, engineers: Client) -> None:
    by_password = sign_in(people.officer, level=1)
    asked = by_password.get(page_of(people.engineer))
    assert asked["Location"].startswith("/account/step-up/?level=2")
    assert "この操作をするには" in text_of(by_password.get(asked["Location"]))
    kept = by_password.post(page_of(people.engineer), {"why": "lost", "identified": "on"})
    assert kept.status_code == 403
    assert len(kinds_of(people.engineer)) == 3
    session = by_password.session
    session["account_authentication_methods"] = records(2)
    session.save()
    sent = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text_of(kept)))
    assert by_password.post(page_of(people.engineer), sent).status_code == 302
    assert kinds_of(people.engineer) == []


def test_nobody_takes_away_their_own(people: People) -> None:
    officer = sign_in(people.officer, level=2)
    assert officer.get(page_of(people.officer)).status_code == 404
    assert officer.post(page_of(people.officer), {"why": "lost", "identified": "on"}).status_code == 404
    assert page_of(people.officer) not in text_of(officer.get(f"/clearance/people/{people.officer.pk}/"))
    with pytest.raises(ValidationError):
        services.revoke_factors(actor=actor(people.officer, "CLEARANCE_OFFICER"), person=people.officer, why=Why.LOST)


@pytest.mark.parametrize("duties", [(), ("OFFICIAL",), ("AUDITOR", "SECRETARY")], ids=str)
def test_nobody_else_may(people: People, engineers: Client, duties: tuple[str, ...]) -> None:
    with pytest.raises(services.NotAllowed):
        services.revoke_factors(actor=actor(people.colleague, *duties), person=people.engineer, why=Why.LOST)
    with pytest.raises(services.NotAllowed):  # whoever only claims to be the officer is stopped by the database
        services.revoke_factors(
            actor=actor(people.colleague, "CLEARANCE_OFFICER"), person=people.engineer, why=Why.LEFT
        )
    assert len(kinds_of(people.engineer)) == 3


def actor(person: Person, *duties: str, level: int = 2) -> Actor:
    return Actor(person.pk, person.organisation_id, frozenset(duties), proved(level), NOWHERE)


def test_where_there_is_nothing_to_take_away_the_page_says_so(people: People) -> None:
    assert "取り消す認証手段がありません" in text_of(revoke(people, Why.LEFT))
    assert revoke(people, Why.THEFT).status_code == 302  # a password may be stolen by itself


def test_somebody_with_neither_proof_nor_password_is_no_form_s_matter(people: People) -> None:
    Person.objects.filter(pk=people.engineer.pk).update(password="!")
    page = text_of(sign_in(people.officer, level=2).get(page_of(people.engineer)))
    assert "招待の案内を送り直してください" in page
    assert f'href="/clearance/people/{people.engineer.pk}/"' in page
    assert 'name="why"' not in page


def test_the_page_says_what_is_registered(people: People, engineers: Client) -> None:
    page = text_of(sign_in(people.officer, level=2).get(page_of(people.engineer)))
    for word in ("登録済み", "1個", "発行済み", "設定済み"):
        assert word in page


def test_a_locked_account_gets_its_link_only_once_it_is_opened_again(people: People, engineers: Client) -> None:
    services.suspend_person(actor=people.officer_acts, person=people.engineer)
    revoke(people, Why.THEFT)
    assert not Invitation.objects.filter(person=people.engineer).exists()
    officer = sign_in(people.officer, level=2)
    officer.post(f"/clearance/people/{people.engineer.pk}/lock/", {"confirmed": "on"})
    officer.post(f"/clearance/people/{people.engineer.pk}/invite/")
    assert Invitation.objects.filter(person=people.engineer).count() == 1


def test_whoever_waits_at_the_second_step_meanwhile_is_let_back_to_the_first(people: People, engineers: Client) -> None:
    """As whoever telephones about a lost app does."""
    stuck = Client()
    assert post_password(stuck, people.engineer.email, PASSWORD)["Location"] == "/account/2fa/authenticate/"
    revoke(people)
    assert stuck.get("/account/2fa/authenticate/")["Location"] == "/account/login/"
    assert stuck.get("/account/login/").status_code == 200
    assert level_of(stuck) == -1  # the step itself is not passed
    assert post_password(stuck, people.engineer.email, PASSWORD)["Location"] == "/"


def test_a_code_still_finishes_the_second_step_of_everybody_else(people: People) -> None:
    secret = add_totp(sign_in_with_password(people.engineer))
    client = Client()
    post_password(client, people.engineer.email, PASSWORD)
    assert client.get("/account/login/")["Location"] == "/account/2fa/authenticate/"
    client.post("/account/2fa/authenticate/", {"code": code_for(secret)})
    assert level_of(client) == 2


TAKING = {
    "delete": "DELETE FROM mfa_authenticator WHERE user_id = %s",
    "move to somebody else": "UPDATE mfa_authenticator SET user_id = %s WHERE user_id <> %s",
    "make into a recovery code": "UPDATE mfa_authenticator SET type = 'recovery_codes' WHERE user_id = %s",
}
CONTEXTS = {
    "nobody": None,
    "a colleague": ("colleague", 4),
    "the officer, by password": ("officer", 1),
}


@pytest.mark.parametrize("who", CONTEXTS)
@pytest.mark.parametrize("how", TAKING)
def test_injected_sql_takes_nobodys_factors(people: People, engineers: Client, how: str, who: str) -> None:
    victim = people.engineer.pk
    params = [people.stranger.pk, people.stranger.pk] if how.startswith("move") else [victim]
    if context := CONTEXTS[who]:
        with acting(person=getattr(people, context[0]).pk, assurance=proved(context[1])):
            run(TAKING[how], params)
    else:
        run(TAKING[how], params)
    assert kinds_of(people.engineer) == ["recovery_codes", "totp", "webauthn"]


def run(sql: str, params: list[Any]) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
    except DatabaseError:
        pass  # refused outright: as good as changing no row
