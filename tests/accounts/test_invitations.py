"""Invitations: one link, for one address and one organisation, once, in time."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import queries, services, tasks
from accounts.models import Invitation, Organisation, Person
from accounts.services.invitations import LASTS, link_token
from tests.accounts.conftest import PASSWORD, People, post_password
from tests.accounts.doing import acts_of, sign_in_with_password, text_of
from tests.world import as_owner

pytestmark = pytest.mark.django_db
NEW = "別の長いパスワード 2718"


def invited(people: People) -> str:
    """The path of a colleague's invitation, as the letter has it."""
    return path_of(services.invite(actor=people.officer_acts, person=people.colleague))


def path_of(invitation: Invitation) -> str:
    return f"/account/invitation/{link_token(invitation)}/"


def accept(path: str, client: Client | None = None) -> Any:
    return (client or Client()).post(path, {"password1": NEW, "password2": NEW})


def test_an_invited_person_sets_a_password_and_signs_in(people: People) -> None:
    path = invited(people)
    page = Client().get(path)
    assert page.status_code == 200
    assert people.colleague.email in page.content.decode()
    assert accept(path)["Location"] == "/account/login/"
    assert post_password(Client(), people.colleague.email, NEW).status_code == 302
    acts = [act for act, _detail in acts_of(people.colleague)]
    assert acts == ["person.invite", "session.password", "session.sign_in"]


def test_the_letter_holds_the_link_and_nobodys_name(people: People, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        invitation = services.invite(actor=people.officer_acts, person=people.colleague)
    (letter,) = mail.outbox
    assert letter.to == [people.colleague.email]
    for word in (people.colleague.name, people.maker.name, people.officer.name, people.colleague.email):
        assert word not in letter.subject + letter.body
    link = re.search(rf"^{settings.ORIGIN}(/account/invitation/\S+/)$", letter.body, re.MULTILINE)
    assert link is not None
    assert Client().get(link[1]).status_code == 200
    assert Invitation.objects.get(pk=invitation.pk).sent is not None


def test_a_letter_speaks_its_readers_language(people: People, django_capture_on_commit_callbacks: Any) -> None:
    services.change_person(actor=people.officer_acts, person=people.colleague, language="en")
    with django_capture_on_commit_callbacks(execute=True):
        services.invite(actor=people.officer_acts, person=people.colleague)
    assert mail.outbox[0].subject == "Invitation to Entaku"


def test_a_letter_goes_out_once_and_a_lost_one_is_sent_later(people: People) -> None:
    invitation = services.invite(actor=people.officer_acts, person=people.colleague)  # the broker lost the task
    tasks.send_unsent_invitations()
    assert mail.outbox == []  # not yet: it may be on its way
    with time_machine.travel(timezone.now() + tasks.RETRY_AFTER + timedelta(seconds=1), tick=False):
        tasks.send_unsent_invitations()
        tasks.send_unsent_invitations()
        tasks.send_invitation(str(invitation.pk))
    assert len(mail.outbox) == 1


def test_the_database_alone_accepts_no_invitation(people: People) -> None:
    """The link is nowhere in the tables, and cannot be made from what is."""
    invitation = services.invite(actor=people.officer_acts, person=people.colleague)
    token = link_token(invitation)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(i)::text FROM accounts_invitation i")
        ((row,),) = cursor.fetchall()
    assert token not in row
    for guess in (invitation.pk.hex, str(invitation.pk), urlsafe_b64encode(invitation.pk.bytes).decode()):
        assert Client().get(f"/account/invitation/{guess}/").status_code == 410


def used(people: People, path: str) -> None:
    accept(path)


def expired(people: People, path: str) -> None:
    with as_owner():
        Invitation.objects.update(created=timezone.now() - LASTS * 2, expires=timezone.now() - timedelta(seconds=1))


def superseded(people: People, path: str) -> None:
    services.invite(actor=people.officer_acts, person=people.colleague)


def locked(people: People, path: str) -> None:
    services.suspend_person(actor=people.officer_acts, person=people.colleague)


def locked_and_opened_again(people: People, path: str) -> None:
    services.suspend_person(actor=people.officer_acts, person=people.colleague)
    services.reinstate_person(actor=people.officer_acts, person=people.colleague)


def of_a_closed_organisation(people: People, path: str) -> None:
    services.change_organisation(actor=people.officer_acts, organisation=people.maker, active=False)


def for_another_address(people: People, path: str) -> None:
    with as_owner():
        Person.objects.filter(pk=people.colleague.pk).update(email="else@example.test")


def for_another_organisation(people: People, path: str) -> None:
    with as_owner():
        other = Organisation.objects.exclude(pk=people.maker.pk).first()
        Person.objects.filter(pk=people.colleague.pk).update(organisation=other)


def for_somebody_with_a_password(people: People, path: str) -> None:
    with as_owner():
        people.colleague.set_password(PASSWORD)
        people.colleague.save()


GONE = [
    used,
    expired,
    superseded,
    locked,
    locked_and_opened_again,
    of_a_closed_organisation,
    for_another_address,
    for_another_organisation,
    for_somebody_with_a_password,
]


@pytest.mark.parametrize("happened", GONE, ids=lambda each: each.__name__)
def test_a_link_does_not_hold_once_it_is(people: People, happened: Any) -> None:
    path = invited(people)
    happened(people, path)
    other = "/account/invitation/nonsense/"
    assert {Client().get(each).status_code for each in (path, other)} == {410}
    assert text_of(accept(path), path) == text_of(accept(other), other)  # every link that does not hold looks the same
    people.colleague.refresh_from_db()
    assert not people.colleague.check_password(NEW) or happened is used


@pytest.mark.parametrize("place", [0, 30, 60, -3])
def test_an_altered_link_does_not_hold(people: People, place: int) -> None:
    token = link_token(services.invite(actor=people.officer_acts, person=people.colleague))
    raw = bytearray(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[place] ^= 1
    altered = urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    assert Client().get(f"/account/invitation/{altered}/").status_code == 410


@pytest.mark.parametrize(
    ("first", "second"), [("short", "short"), (NEW, NEW + "x"), ("", ""), ("1234567890123", "1234567890123")]
)
def test_a_poor_password_is_refused_and_the_link_stays_good(people: People, first: str, second: str) -> None:
    path = invited(people)
    assert Client().post(path, {"password1": first, "password2": second}).status_code == 200
    assert accept(path).status_code == 302


def test_looking_at_the_link_does_not_use_it_up(people: People) -> None:
    """Mail gateways open links before their readers do."""
    path = invited(people)
    for _look in range(3):
        assert Client().get(path).status_code == 200
        assert Client().head(path).status_code == 200
    assert accept(path).status_code == 302


def test_accepting_signs_out_whoever_sat_at_this_browser(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    accept(invited(people), client)
    assert "_auth_user_id" not in client.session


def test_who_has_a_password_or_is_locked_is_not_invited(people: People) -> None:
    with pytest.raises(ValidationError):
        services.invite(actor=people.officer_acts, person=people.engineer)
    services.suspend_person(actor=people.officer_acts, person=people.colleague)
    with pytest.raises(ValidationError):
        services.invite(actor=people.officer_acts, person=people.colleague)


def test_the_officer_sees_whether_an_invitation_is_open(people: People) -> None:
    assert queries.open_invitation(people.colleague) is None
    invitation = services.invite(actor=people.officer_acts, person=people.colleague)
    assert queries.open_invitation(people.colleague) == invitation
    accept(path_of(invitation))
    assert queries.open_invitation(people.colleague) is None
