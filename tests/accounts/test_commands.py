"""What the operator does at the server: found the portal, appoint, end a duty, make the demo's world."""

from __future__ import annotations

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import operator
from accounts.models import Appointment, Person
from audit.models import Event
from tests.accounts.conftest import People

# Commands go over the owner's own connection, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


def run(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def duties(email: str) -> list[str]:
    found = Appointment.objects.filter(person__email=email).order_by("duty", "since")
    return [f"{appointment.duty}{'' if appointment.until is None else ' ended'}" for appointment in found]


def found() -> str:
    return run("found", "--ministry", "産業安全保障庁（架空）", "--email", "First@example.test", "--name", "三井 和子")


def test_an_empty_portal_is_founded_once_and_its_officer_sets_a_password() -> None:
    path = "/account/invitation/" + found().strip().partition("/account/invitation/")[2]
    assert duties("first@example.test") == ["CLEARANCE_OFFICER"]
    password = "別の長いパスワード 2718"
    client = Client()
    assert client.post(path, {"password1": password, "password2": password}).status_code == 302
    response = client.post("/account/login/", {"login": "first@example.test", "password": password})
    assert response["Location"] == "/"
    with pytest.raises(CommandError):
        found()
    assert Person.objects.count() == 1


def test_duties_are_given_and_ended_and_noted() -> None:
    found()
    run("appoint", "first@example.test", "OFFICIAL")
    run("appoint", "first@example.test", "OFFICIAL")
    run("appoint", "FIRST@example.test", "AUDITOR", "--until", "2099-12-31")
    assert duties("first@example.test") == ["AUDITOR ended", "CLEARANCE_OFFICER", "OFFICIAL"]
    run("appoint", "first@example.test", "OFFICIAL", "--end")
    assert duties("first@example.test") == ["AUDITOR ended", "CLEARANCE_OFFICER", "OFFICIAL ended"]
    with operator.as_owner():
        acts = list(Event.objects.order_by("at", "id").values_list("act", flat=True))
    assert acts.count("person.appoint") == 3
    assert acts.count("person.dismiss") == 1


@pytest.mark.parametrize(
    ("email", "duty"),
    [("nobody@example.test", "OFFICIAL"), ("first@example.test", "SECRETARY"), ("first@example.test", "KING")],
)
def test_an_appointment_is_refused(email: str, duty: str) -> None:
    found()
    with pytest.raises(CommandError):
        run("appoint", email, duty)
    assert duties("first@example.test") == ["CLEARANCE_OFFICER"]


def test_the_only_officers_lost_factors_are_taken_away_at_the_server() -> None:
    found()
    officer = Person.objects.get()
    with operator.as_owner():
        officer.set_password("別の長いパスワード 2718")
        officer.save()
        Authenticator.objects.create(user=officer, type="totp", data={"secret": "lost"})
    with pytest.raises(CommandError):
        run("revoke_factors", "nobody@example.test", "lost")
    with pytest.raises(CommandError):
        run("revoke_factors", "first@example.test", "boredom")
    run("revoke_factors", "FIRST@example.test", "left_behind")
    assert not Authenticator.objects.exists()
    assert Person.objects.get().has_usable_password()
    with pytest.raises(CommandError):
        run("revoke_factors", "first@example.test", "left_behind")
    with operator.as_owner():
        event = Event.objects.get(act="person.revoke_factors")
    assert (event.person_id, event.target_id, event.detail["why"]) == (None, str(officer.pk), "left_behind")


def test_without_the_owners_connection_the_commands_say_so(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator, "OWNER", "nowhere")
    with pytest.raises(CommandError, match="ENTAKU_DB_OWNER_PASSWORD"):
        run("appoint", people.officer.email, "OFFICIAL")


def test_the_demos_world_is_made_and_made_again() -> None:
    run("demo_world")
    people = Person.objects.count()
    run("demo_world")
    assert Person.objects.count() == people >= 40
