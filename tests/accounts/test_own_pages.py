"""One's own pages: profile, security, organisation; and that they show nobody else's."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Appointment, ForeignControl, Membership, Session
from tests.accounts.conftest import People
from tests.accounts.doing import acts_of, add_passkey, add_totp, sign_in_with_password, text_of
from tests.world import as_owner, person, sign_in

pytestmark = pytest.mark.django_db

PAGES = ["/account/", "/account/security/", "/account/organisation/", "/account/step-up/"]


@pytest.mark.parametrize("path", [*PAGES, "/account/2fa/", "/account/password/change/"])
def test_whoever_is_not_signed_in_is_asked_to(path: str) -> None:
    response = Client().get(path, follow=False)
    assert response.status_code == 302
    assert "/account/login/" in response["Location"] or response["Location"] == "/account/security/"


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_each_page_stands_in_both_languages(people: People, path: str, language: str) -> None:
    client = sign_in(people.engineer, level=1)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get(path)
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.content.decode()
    assert page.content.decode().count("<h1") == 1


def test_the_profile_shows_what_is_registered_and_changes_the_language(people: People) -> None:
    with as_owner():
        until = timezone.now() + timedelta(days=30)
        Appointment.objects.create(person=people.officer, duty="OFFICIAL", until=until)
        Appointment.objects.create(
            person=people.officer, duty="AUDITOR", since=until - timedelta(days=90), until=until - timedelta(days=40)
        )
    client = sign_in(people.officer, level=1)
    page = text_of(client.get("/account/"))
    for word in (people.officer.name, people.officer.email, people.ministry.name, "保全責任者", "行政官"):
        assert word in page
    assert "監査担当者" not in page  # over
    response = client.post("/account/", {"language": "en"})
    assert (response.status_code, response.cookies[settings.LANGUAGE_COOKIE_NAME].value) == (302, "en")
    people.officer.refresh_from_db()
    assert people.officer.language == "en"
    assert client.post("/account/", {"language": "fr"}).status_code == 200
    assert acts_of(people.officer)[-1] == ("person.change", {"fields": "language"})


def test_the_security_page_says_what_is_registered(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    assert "/account/2fa/totp/activate/" in text_of(client.get("/account/security/"))
    add_totp(client)
    add_passkey(client)
    page = text_of(client.get("/account/security/"))
    for word in ("/account/2fa/totp/deactivate/", "机の鍵", "残り10個"):
        assert word in page


def test_recovery_codes_that_do_not_open_are_none_and_can_be_issued_anew(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    add_totp(client)
    with as_owner():
        codes = Authenticator.objects.get(user=people.engineer, type="recovery_codes")
        codes.data["seed"] = "AAAA"
        codes.save()
    page = text_of(client.get("/account/security/"))
    assert "使い切りました" in page
    assert "/account/2fa/recovery-codes/generate/" in page


def test_typing_keeps_a_session_open_as_a_click_does(people: People) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = sign_in_with_password(people.engineer)
        assert 'data-present="/account/present/"' in text_of(client.get("/account/"))
        clock.shift(timedelta(minutes=50))
        assert client.get("/account/present/").status_code == 204
        clock.shift(timedelta(minutes=50))
        assert client.get("/account/").status_code == 200
    assert "data-present" not in text_of(Client().get("/account/login/"))


def test_one_ends_ones_other_sessions_by_themselves_or_all_at_once(people: People) -> None:
    here, laptop, phone = (sign_in_with_password(people.engineer) for _browser in range(3))
    page = text_of(here.get("/account/security/"))
    keys = list(Session.objects.filter(person=people.engineer).values_list("session_key", flat=True))
    shown = [key for key in keys if key in page]
    assert len(shown) == 2  # the present one is ended by signing out
    here.post("/account/security/end-session/", {"session": shown[0]})
    assert sum(client.get("/account/").status_code == 200 for client in (laptop, phone)) == 1
    here.post("/account/security/end-session/", {"session": "others"})
    assert [client.get("/account/").status_code for client in (here, laptop, phone)] == [200, 302, 302]
    ends = [detail for act, detail in acts_of(people.engineer) if act == "session.end"]
    assert ends == [{"count": 1}, {"count": 1}]


def test_nobody_ends_somebody_elses_session(people: People) -> None:
    victim = sign_in_with_password(people.engineer)
    key = Session.objects.get(person=people.engineer).pk
    other = sign_in(people.stranger, level=1)
    assert other.post("/account/security/end-session/", {"session": key}).status_code == 302
    assert key not in text_of(other.get("/account/security/"))
    assert victim.get("/account/").status_code == 200


def test_the_browser_is_named_in_a_few_words(people: People) -> None:
    agents = {
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox · Windows",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18.0 Safari/605": "Safari · macOS",
        "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36": "Chrome · Android",
        "": "不明な端末",
    }  # fmt: skip
    for agent in agents:
        client = Client(HTTP_USER_AGENT=agent)
        client.post("/account/login/", {"login": people.engineer.email, "password": "水面に映る円い月 1592"})
    page = text_of(client.get("/account/security/"))
    for label in agents.values():
        assert label in page


def test_my_organisation_shows_its_own_data_and_people(people: People) -> None:
    with as_owner():
        Membership.objects.create(association=people.association, member=people.maker)
        ForeignControl.objects.create(
            organisation=people.maker, as_of=date(2026, 3, 31), voting_share=Decimal("4.2"), source="申告"
        )
        ForeignControl.objects.create(
            organisation=people.stranger.organisation, as_of=date(2026, 3, 31), officers=7, source="他社の事実"
        )
    page = text_of(sign_in(people.engineer, level=1).get("/account/organisation/"))
    for word in (people.maker.name, people.association.name, people.colleague.name, "4.20%"):
        assert word in page
    for word in (people.stranger.name, people.officer.name, people.colleague.email, "他社の事実"):
        assert word not in page


def test_no_page_of_anybody_lists_people_beyond_their_own_organisation(people: People) -> None:
    client = sign_in(people.engineer, level=4)
    for path in [*PAGES, f"/account/organisation/?after={people.stranger.pk}", "/account/organisation/?after=x"]:
        page = text_of(client.get(path))
        assert people.stranger.name not in page
        assert people.officer.name not in page


@pytest.mark.usefixtures("contexts")
def test_a_long_list_of_colleagues_goes_on_page_by_page(people: People) -> None:
    with as_owner():
        for n in range(120):
            person(people.maker, f"社員{n:04}")
        person(people.maker, "退職者", is_active=False)
    client, seen, path = sign_in(people.engineer, level=1), [], "/account/organisation/"
    for _page in range(5):
        response = client.get(path)
        seen += [colleague.name for colleague in response.context["colleagues"]]
        if not response.context["next_url"]:
            break
        path = "/account/organisation/" + response.context["next_url"]
    assert len(seen) == len(set(seen)) == 122
    assert seen == sorted(seen)
    assert "退職者" not in seen
