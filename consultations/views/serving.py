"""What the pages of keys and desks share: who is let in, and the cookie of an unlocked key."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.assurance import NEEDS_SECOND_FACTOR
from accounts.models import Person
from clearance import screens

from .. import custody
from ..services.custody import Opening
from ..services.custody.acting import manages, me, proved

Path = ParamSpec("Path")


class Request(screens.Request):
    """A request of somebody signed in."""

    user: Person


View = Callable[Concatenate[Request, Path], HttpResponseBase]


def for_serving(view: View[Path]) -> View[Path]:
    """A decorator of pages for officers and holders; for everybody else there is no such page."""
    return _for(view, lambda request: custody.serves(me(request.actor)))


def for_managers(view: View[Path]) -> View[Path]:
    """The same for the desks' manager."""
    return _for(view, lambda request: manages(request.actor))


def posted_only(view: View[Path]) -> View[Path]:
    """A decorator of what a button does: whoever opens its address in the browser is led to the key's page."""

    @wraps(view)
    def guarded(request: Request, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
        return view(request, *args, **kwargs) if request.method == "POST" else redirect("consultations:key")

    return guarded  # type: ignore[return-value]


def with_cookie(response: HttpResponse, opening: Opening) -> HttpResponse:
    """The browser's part of the key, for as long as the browser runs and not sent along from other sites."""
    response.set_cookie(
        settings.DESK_COOKIE_NAME,
        custody.as_cookie(opening.secret),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def without_cookie(response: HttpResponse) -> HttpResponse:
    # Not delete_cookie: it would set the cookie anew without `Secure`, which a browser refuses under __Host-.
    response.set_cookie(
        settings.DESK_COOKIE_NAME, "", max_age=0, secure=settings.SESSION_COOKIE_SECURE, httponly=True,
        samesite="Strict",
    )  # fmt: skip
    return response


def _for(view: View[Path], let_in: Callable[[Request], bool]) -> View[Path]:
    @wraps(view)
    def guarded(request: Request, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
        if not let_in(request):
            raise Http404
        if not proved(request.actor):
            onward = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
            if request.method == "POST":
                return screens.send_again(request, level=NEEDS_SECOND_FACTOR, onward=onward, status=403)
            return redirect(screens.step_up_url(NEEDS_SECOND_FACTOR, onward))
        return view(request, *args, **kwargs)

    return never_cache(screens.signed_in(guarded))  # type: ignore[arg-type]
