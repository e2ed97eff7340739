"""How often one may try: guessing stops, and whoever guesses at somebody's account does not lock its owner out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.core.internal import ratelimit
from django.core import mail
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import browsers
from accounts.adapters import AccountAdapter
from accounts.passwords import Busy
from tests.accounts.conftest import PASSWORD, People, post_password
from tests.accounts.doing import acts_of, add_totp, code_for, sign_in_with_password

pytestmark = pytest.mark.django_db


def guess(email: str, source: str, times: int, client: Client | None = None) -> list[int]:
    return [
        post_password(client or Client(), email, f"wrong {n}", REMOTE_ADDR=source).status_code for n in range(times)
    ]


def test_after_five_wrong_passwords_the_page_says_to_wait(people: People) -> None:
    assert guess(people.engineer.email, "192.0.2.1", 7) == [200] * 5 + [429] * 2
    response = post_password(Client(), people.engineer.email, PASSWORD, REMOTE_ADDR="192.0.2.1")
    assert response.status_code == 429
    assert "<h1" in response.content.decode()
    locked = [act for act, _detail in acts_of(people.engineer) if act == "session.locked"]
    assert locked == ["session.locked"]  # noted once, however many tries follow


def waits(response: Any) -> tuple[int, str]:
    """What a page that refuses says of the time: minutes to programs, and its words to people."""
    (minutes,) = re.findall(r"あと(\d+)分ほど", response.content.decode())
    return round(int(response["Retry-After"]) / 60), minutes


def test_the_page_says_how_long_to_wait(people: People) -> None:
    guess(people.engineer.email, "192.0.2.1", 5)
    assert waits(post_password(Client(), people.engineer.email, PASSWORD, REMOTE_ADDR="192.0.2.1")) == (5, "5")
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert waits(post_password(Client(), people.engineer.email, PASSWORD, REMOTE_ADDR="192.0.2.1")) == (2, "2")
        for n in range(7):
            guess(people.engineer.email, f"203.0.113.{n}", 4)
        refused = post_password(Client(), people.engineer.email, PASSWORD, REMOTE_ADDR="198.51.100.7")
        assert waits(refused) == (57, "57")  # thirty an hour from everywhere together, the first of them 3 minutes ago
        assert waits([Client().post(f"/account/invitation/{n}/") for n in range(21)][-1]) == (1, "1")


def test_a_wrong_code_too_often_says_how_long_too(people: People) -> None:
    add_totp(sign_in_with_password(people.engineer))
    client = Client()
    post_password(client, people.engineer.email, PASSWORD)
    assert waits([client.post("/account/2fa/authenticate/", {"code": "x"}) for _n in range(6)][-1]) == (5, "5")


def test_whoever_sets_a_new_password_by_letter_is_let_in_whatever_strangers_have_tried(
    people: People, django_capture_on_commit_callbacks: Any
) -> None:
    for n in range(8):
        guess(people.engineer.email, f"203.0.113.{n}", 4)
    with django_capture_on_commit_callbacks(execute=True):
        Client().post("/account/password/reset/", {"email": people.engineer.email})
    client, new = Client(), "別の長いパスワード 2718"
    (link,) = re.findall(r"/account/password/reset/key/\S+", mail.outbox[0].body)
    client.post(client.get(link)["Location"], {"password1": new, "password2": new})
    assert post_password(Client(), people.engineer.email, new, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_an_unknown_address_is_counted_just_the_same(people: People) -> None:
    assert guess("nobody@example.test", "192.0.2.1", 6) == [200] * 5 + [429]


def test_the_owner_signs_in_from_elsewhere_while_a_stranger_guesses(people: People) -> None:
    guess(people.engineer.email, "192.0.2.1", 6)
    assert post_password(Client(), people.engineer.email, PASSWORD, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_the_owners_own_browser_is_counted_apart_even_behind_the_same_address(people: People) -> None:
    own = Client()
    post_password(own, people.engineer.email, PASSWORD, REMOTE_ADDR="192.0.2.1")
    own.post("/account/logout/")
    guess(people.engineer.email, "192.0.2.1", 6)
    assert post_password(own, people.engineer.email, PASSWORD, REMOTE_ADDR="192.0.2.1").status_code == 302


def test_many_sources_together_are_bounded_and_the_owners_browser_still_is_let_in(people: People) -> None:
    own = sign_in_with_password(people.engineer)
    own.post("/account/logout/")
    answers = [status for n in range(8) for status in guess(people.engineer.email, f"203.0.113.{n}", 4)]
    assert answers == [200] * 30 + [429] * 2
    assert post_password(Client(), people.engineer.email, PASSWORD, REMOTE_ADDR="198.51.100.7").status_code == 429
    assert post_password(own, people.engineer.email, PASSWORD, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_one_source_may_not_try_many_accounts(people: People) -> None:
    answers = [guess(f"person{n}@nowhere.test", "192.0.2.1", 1)[0] for n in range(22)]
    assert answers == [200] * 20 + [429] * 2


def test_success_between_failures_buys_no_more_tries(people: People) -> None:
    """Failures count until they expire; a good sign-in takes back only itself."""
    for _round in range(2):
        guess(people.engineer.email, "192.0.2.1", 2)
        assert post_password(Client(), people.engineer.email, PASSWORD, REMOTE_ADDR="192.0.2.1").status_code == 302
    assert guess(people.engineer.email, "192.0.2.1", 2) == [200, 429]


def test_codes_cannot_be_guessed_without_limit(people: People) -> None:
    secret = add_totp(sign_in_with_password(people.engineer))
    client = Client()
    post_password(client, people.engineer.email, PASSWORD)
    wrong = "000000" if code_for(secret) != "000000" else "000001"
    answers = [client.post("/account/2fa/authenticate/", {"code": wrong}).status_code for _n in range(7)]
    assert answers == [200] * 5 + [429] * 2
    assert client.post("/account/2fa/authenticate/", {"code": code_for(secret)}).status_code == 429
    failed = [detail for act, detail in acts_of(people.engineer) if act == "session.failed"]
    assert failed == [{"by": "totp"}] * 5


def test_asking_again_for_proof_is_limited_too(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    answers = [client.post("/account/reauthenticate/", {"password": "wrong"}).status_code for _n in range(6)]
    assert answers[-1] == 429
    events = [act for act, _detail in acts_of(people.engineer) if act == "session.failed"]
    assert len(events) == answers.count(200)


def test_invitation_links_cannot_be_tried_without_limit() -> None:
    answers = [Client().post(f"/account/invitation/{n}/").status_code for n in range(21)]
    assert answers == [410] * 20 + [429]


FORWARDED: list[tuple[str, int, str, str]] = [
    ("nobody stands in front: the header is a stranger's", 0, "203.0.113.9", "192.0.2.1"),
    ("one proxy: what it added", 1, "203.0.113.9", "203.0.113.9"),
    ("one proxy: what the stranger wrote before it is not read", 1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
    ("two proxies", 2, "203.0.113.9, 10.0.0.2", "203.0.113.9"),
]


@pytest.mark.parametrize(("proxies", "header", "source"), [row[1:] for row in FORWARDED], ids=[r[0] for r in FORWARDED])
def test_the_source_is_read_as_far_as_ones_own_proxies_reach(
    settings: Any, proxies: int, header: str, source: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=header, REMOTE_ADDR="192.0.2.1")
    assert ratelimit.get_ip(request) == source


def test_the_browsers_cookie_names_no_account_and_cannot_be_made_up(people: People, settings: Any) -> None:
    client = sign_in_with_password(people.engineer)
    cookie = client.cookies[settings.BROWSER_COOKIE_NAME]
    assert people.engineer.email not in cookie.value
    assert str(people.engineer.pk) not in cookie.value
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    request = RequestFactory().get("/")
    request.COOKIES[settings.BROWSER_COOKIE_NAME] = cookie.value
    assert browsers.known_as(request, people.engineer.email)
    assert browsers.known_as(request, people.stranger.email) is None
    request.COOKIES[settings.BROWSER_COOKIE_NAME] = "x" + cookie.value
    assert browsers.known_as(request, people.engineer.email) is None


def test_a_busy_portal_says_so_instead_of_falling_over(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_args: object, **_kwargs: object) -> None:
        raise Busy

    monkeypatch.setattr(AccountAdapter.__base__, "authenticate", busy)
    assert post_password(Client(), people.engineer.email, PASSWORD).status_code == 429
