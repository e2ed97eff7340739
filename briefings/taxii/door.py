"""Who may ask what: a token opens /taxii2/ and nothing else, and nothing else opens /taxii2/.

The token's account enters the access context as the person it is, proved for level 2 and never for more. Denied looks
like missing; whoever shows no token learns nothing but that one is needed.
"""

from __future__ import annotations

import logging
import time
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.assurance import Assurance
from accounts.models import Person
from accounts.models.people import MACHINES
from audit.acts import Act
from audit.services import SYSTEM, record
from clearance.actor import Actor
from clearance.context import acting
from clearance.limits import LimitReached, tallied
from clearance.services.limits import note_opened
from vault import Unreadable

from .. import machines
from . import answers
from .answers import Refused, refusal

logger = logging.getLogger(__name__)

ROOT = "/taxii2/"
MINUTE = 60
A_MINUTE = 600  # requests of one account
FAILURES = 30  # tokens that opened nothing, in the name of one account; as many in no name
ALL_FAILURES = 120  # the same in all names together: what is made up is noted no more often than that
Path = ParamSpec("Path")


@dataclass(frozen=True)
class Asker:
    """The request of an account, its actor, and what its token is for."""

    request: HttpRequest
    actor: Actor
    token: machines.Token

    @property
    def reads(self) -> bool:
        return "read" in self.token.scopes

    @property
    def writes(self) -> bool:
        return "write" in self.token.scopes


View = Callable[Concatenate[Asker, Path], HttpResponse]


class DoorMiddleware:
    """Before the sessions: what asks here has no cookie, whatever it sends along."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(ROOT):
            request.META.pop("HTTP_COOKIE", None)
            request.COOKIES = {}
        return self.get_response(request)


def asked(*methods: str) -> Callable[[View[Path]], Callable[Concatenate[HttpRequest, Path], HttpResponse]]:
    """A decorator of what machines ask for: the token first, then method and media types, then the answer."""

    def decorate(view: View[Path]) -> Callable[Concatenate[HttpRequest, Path], HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponse:
            try:
                token = _let_in(request)
                if request.method not in methods:
                    raise Refused(405, "Method not allowed", Allow=", ".join(methods))
                if not answers.accepted(request):
                    raise Refused(406, "Not acceptable", f"Answers are {answers.MEDIA}.")
                try:
                    return _answered(request, token, view, *args, **kwargs)
                except Refused as refused:
                    _note_refusal(token, refused)
                    raise
            except Refused as refused:
                return refusal(refused)

        return answered  # type: ignore[return-value]

    return decorate


def _answered(
    request: HttpRequest, token: machines.Token, view: View[Path], *args: Path.args, **kwargs: Path.kwargs
) -> HttpResponse:
    now = timezone.now()
    try:
        with acting(person=token.account, assurance=Assurance(now, now, None)) as actor:
            if not actor.signed_in:
                raise _who()
            with tallied(actor, machine=True) as tally:
                try:
                    response = view(Asker(request, actor, token), *args, **kwargs)
                except LimitReached:
                    response = None
        note_opened(actor=actor, tally=tally)
    except Unreadable:
        logger.exception("what is stored does not open")
        raise Refused(500, "Internal server error") from None
    if response is None or tally.refused:
        raise Refused(429, "Too many requests", "As much was opened as may be today.", Retry_After="3600")
    return response


def _note_refusal(token: machines.Token, refused: Refused) -> None:
    """What is missing and what is hidden are one here as to the asker. What the request had begun is undone by now."""
    if refused.status in (403, 404):
        with transaction.atomic():
            record(
                actor=_Account(token.account), act=Act.FEED_REFUSED, target_type="service", target_id=token.account,
                detail={"status": refused.status},
            )  # fmt: skip


@dataclass(frozen=True)
class _Account:
    """Whose refusal it is."""

    person_id: UUID
    organisation_id: None = None


def _let_in(request: HttpRequest) -> machines.Token:
    named, secret = _shown(request.headers.get("Authorization", ""))
    token = machines.known(secret) if secret else None
    if token is None or named not in (None, token.account):
        if secret:
            _count_failure(named)
        raise _who()
    if _counted(f"asked:{token.account}") > getattr(settings, "TAXII_A_MINUTE", A_MINUTE):
        raise Refused(429, "Too many requests", Retry_After=str(MINUTE))
    return token


def _shown(header: str) -> tuple[UUID | None, str]:
    """The account named, where one is, and the token shown; "" for none."""
    scheme, _space, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return None, value.strip()
    if scheme.lower() != "basic":
        return None, ""
    try:
        name, _colon, secret = b64decode(value, validate=True).decode().partition(":")
        return UUID(name), secret
    except (NotBase64, ValueError):
        return UUID(int=0), ""


def _count_failure(named: UUID | None) -> None:
    """Noted in the log up to a number a minute, of all names together besides; past it whoever guesses is told to wait,
    and the log that there were more. A token that holds is let in all the same: nobody can lock out an account by
    failing in its name. The answer does not tell an account from none; the log has no name that is none's."""
    together = _counted("failed")
    if together == ALL_FAILURES + 1:
        with transaction.atomic():
            record(actor=SYSTEM, act=Act.FEED_REFUSED, target_type="service", detail={"more_than": ALL_FAILURES})
    if together > ALL_FAILURES or _counted(f"failed:{named}") > FAILURES:
        raise Refused(429, "Too many requests", Retry_After=str(MINUTE))
    with transaction.atomic():
        known = Person.objects.filter(pk__in=[named] if named else [], email__endswith=MACHINES).exists()
        record(actor=SYSTEM, act=Act.FEED_REFUSED, target_type="service", target_id=named if named and known else "")


def _counted(what: str) -> int:
    """How often in this minute, this time included."""
    key = f"taxii:{what}:{int(time.time()) // MINUTE}"
    cache.add(key, 0, timeout=2 * MINUTE)
    try:
        return cache.incr(key)
    except ValueError:  # it expired in between
        return 1


def _who() -> Refused:
    return Refused(401, "Unauthorized", WWW_Authenticate='Basic realm="taxii2", Bearer realm="taxii2"')
