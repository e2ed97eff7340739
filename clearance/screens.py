"""What the screens of marked things share: the request with its actor, the page no cache keeps, and what is said where
a thing is missing, hidden, or does not open."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from accounts.sessions import SessionStore
from vault import Unreadable

from .actor import Actor

logger = logging.getLogger(__name__)

Path = ParamSpec("Path")
View = Callable[Concatenate["Request", Path], HttpResponseBase]


class Request(HttpRequest):
    """A request that has passed the access middleware. `refused` is the refusal it is to note and roll back for."""

    actor: Actor
    refused: Exception


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


def screens(
    *, step_up: str, unreadable: str, waiting: Callable[[Actor], int], typed: str = ""
) -> Callable[[View[Path]], View[Path]]:
    """A decorator of pages for signed-in people; `step_up` and `unreadable` are the templates of what it says itself.

    Whoever's clearance would do but whose session would not (`waiting` tells the level) meets the same page for what is
    there and for what is not. What they had typed into the field `typed` is given back to them, then and when they were
    signed out meanwhile.
    """

    def screen(view: View[Path]) -> View[Path]:
        @wraps(view)
        def kept(request: Request, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
            text = request.POST.get(typed, "") if typed else ""
            if text and not request.user.is_authenticated:  # signed out while they wrote
                sign_in = f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': request.path})}"
                return page(request, "clearance/signed_out.html", {"typed": text, "sign_in": sign_in}, status=403)
            return shown(request, *args, **kwargs)

        @login_required
        def shown(request: Request, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            except Http404 as missing:
                level = waiting(request.actor)
                if not level:
                    raise
                request.refused = missing  # the middleware notes the denial as it does any other
                given = {"typed": request.POST.get(typed, "")} if typed else {}
                return page(request, step_up, {"level": level, **given}, status=404)
            except Unreadable:
                logger.exception("what is stored does not open")
                return page(request, unreadable, {}, status=500)

        return kept  # type: ignore[return-value]

    return screen
