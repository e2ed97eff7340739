"""What the screens of marked things share: the request with its actor, the page no cache keeps, and what is said where
a thing is missing, hidden, or does not open; and where somebody sends what cannot be taken yet."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.assurance import NEEDS_PASSKEY
from accounts.sessions import SessionStore
from vault import Unreadable

from .actor import Actor
from .clock import end_of
from .sent import sent

logger = logging.getLogger(__name__)

Path = ParamSpec("Path")
View = Callable[Concatenate["Request", Path], HttpResponseBase]


class Request(HttpRequest):
    """A request that has passed the access middleware. `refused` is the refusal it is to note and roll back for."""

    actor: Actor
    refused: Exception
    unreadable: bool


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of one reader's: no cache keeps it."""
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def by_itself(request: HttpRequest) -> None:
    """Note that the page asks, not the person: whether anybody still sits there, it does not tell."""
    cast(SessionStore, request.session).background()


def polled(view: View[Path]) -> View[Path]:
    """A decorator of what pages ask every so often by themselves: whatever the answer, it keeps no session alive."""

    @wraps(view)
    def asked(request: Request, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
        by_itself(request)
        return view(request, *args, **kwargs)

    return asked  # type: ignore[return-value]


def signed_in(view: View[Path]) -> View[Path]:
    """A decorator of pages for signed-in people. What somebody sent who was signed out while they wrote comes back to
    them, whatever the address leads to; whoever has nothing to lose is sent to sign in.
    """
    known = login_required(view)

    @wraps(view)
    def kept(request: Request, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
        if request.method == "POST" and not request.user.is_authenticated and (given := sent(request)):
            sign_in = f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}"
            return page(request, "clearance/signed_out.html", {"sent": given, "sign_in": sign_in}, status=403)
        return known(request, *args, **kwargs)

    return kept  # type: ignore[return-value]


def send_again(request: Request, *, level: int, onward: str, status: int) -> HttpResponse:
    """What was sent, kept in a page that asks for the proof `level` needs, to be given in another window; that window
    then goes `onward`. At 404 there may be nothing to send it to.
    """
    context = {"sent": sent(request), "step_up_url": step_up_url(level, onward), "perhaps_nothing": status == 404}
    return page(request, "clearance/send_again.html", context, status=status)


def limit_reached(request: Request) -> HttpResponse:
    """What somebody is told who has opened as much as they may today, and what they sent, which is kept in the page."""
    now = timezone.localtime()
    response = page(request, "clearance/limit_reached.html", {"sent": sent(request)}, status=429)
    response["Retry-After"] = str(math.ceil((end_of(now.date()) - now).total_seconds()))
    return response


def step_up_url(level: int, onward: str) -> str:
    """Where the proof that something of this level needs is given."""
    act = {"act": ""} if level < NEEDS_PASSKEY else {}
    return reverse("accounts:step_up") + "?" + urlencode({"level": str(level), **act, "next": onward})


def screens(
    *, step_up: str, unreadable: str, home: str, waiting: Callable[[Actor], int]
) -> Callable[[View[Path]], View[Path]]:
    """A decorator of pages for signed-in people; `step_up` and `unreadable` are the templates of what it says itself,
    `home` names the app's first page.

    Whoever's clearance would do but whose session would not (`waiting` tells the level) meets the same page for what is
    there and for what is not. What they sent is kept in it.
    """

    def screen(view: View[Path]) -> View[Path]:
        @wraps(view)
        def shown(request: Request, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            except Http404 as missing:
                level = waiting(request.actor)
                if not level:
                    raise
                request.refused = missing  # the middleware notes the denial as it does any other
                if request.method == "POST":
                    return send_again(request, level=level, onward=reverse(home), status=404)
                return page(request, step_up, {"level": level}, status=404)
            except Unreadable:
                request.unreadable = True  # the middleware notes it once the transaction is rolled back
                logger.exception("what is stored does not open")
                return page(request, unreadable, {}, status=500)

        return signed_in(shown)  # type: ignore[arg-type]

    return screen
