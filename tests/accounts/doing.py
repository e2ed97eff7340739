"""What the tests of sign-in do again and again: sign in, register factors, ask how far a session reaches."""

from __future__ import annotations

import json
import re
import time
from types import SimpleNamespace
from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.test import Client, RequestFactory

from accounts.models import Person
from audit.models import Event
from tests.accounts.authenticator import Passkey
from tests.accounts.conftest import PASSWORD, post_password
from tests.world import as_owner


def level_of(client: Client) -> int:
    """The level the client's session has reached, as the step-up page sees it."""
    for level in (4, 2):
        if client.get(f"/account/step-up/?level={level}&next=/there/").headers.get("Location") == "/there/":
            return level
    return 1 if "_auth_user_id" in client.session else -1


def text_of(response: Any, *without: str) -> str:
    """A page's text without its form tokens, which differ each time, and without what was sent to it."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    for each in without:
        text = text.replace(each, "")
    return text


def acts_of(person: Person | None = None) -> list[tuple[str, dict[str, Any]]]:
    """What the log says about a person, oldest first."""
    with as_owner():
        events = Event.objects.order_by("at", "id")
        if person is not None:
            events = events.filter(target_id=str(person.pk))
        return [(event.act, event.detail) for event in events]


def sign_in_with_password(person: Person) -> Client:
    client = Client()
    assert post_password(client, person.email, PASSWORD).status_code == 302
    return client


def code_for(secret: str) -> str:
    """The app's code of this moment, with a few seconds left to post it in."""
    left = 30 - time.time() % 30
    if left < 4:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def confirm_password(client: Client) -> None:
    client.post("/account/reauthenticate/", {"password": PASSWORD})


def add_totp(client: Client) -> str:
    """Register an authenticator app for whoever is signed in, and return its secret."""
    confirm_password(client)
    client.get("/account/2fa/totp/activate/")
    secret: str = client.session["mfa.totp.secret"]
    assert client.post("/account/2fa/totp/activate/", {"code": code_for(secret)}).status_code == 302
    return secret


def add_passkey(client: Client, **kind: Any) -> Passkey:
    confirm_password(client)
    client.get("/account/2fa/webauthn/add/")
    passkey = Passkey(**kind)
    client.post("/account/2fa/webauthn/add/", {"name": "机の鍵", "credential": passkey.register(client)})
    return passkey


def factors(person: Person) -> None:
    """Register an authenticator app, recovery codes and a passkey, without the pages for it."""
    request = RequestFactory().get("/")
    request.user = person
    beside_the_pages = SimpleNamespace(session={"mfa.webauthn.state": {"challenge": "none"}})
    with as_owner(), context.request_context(request):
        TOTP.activate(person, "JBSWY3DPEHPK3PXP")
        RecoveryCodes.activate(person)
        WebAuthn.add(person, "机の鍵", json.loads(Passkey().register(beside_the_pages)))


def recovery_code_of(person: Person) -> str:
    """The next unused recovery code, opened as the portal opens it for its signed-in owner."""
    request = RequestFactory().get("/")
    request.user = person
    with context.request_context(request):
        authenticator = Authenticator.objects.get(user=person, type="recovery_codes")
        code: str = authenticator.wrap().get_unused_codes()[0]
        return code
