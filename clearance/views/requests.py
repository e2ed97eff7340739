"""What every view here is given, and who is let in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from accounts.assurance import NEEDS_SECOND_FACTOR
from accounts.models import Person

from .. import screens
from ..clock import moment

P = ParamSpec("P")


class Request(screens.Request):
    """A request of somebody signed in."""

    user: Person


View = Callable[Concatenate[Request, P], HttpResponse]


def for_officers(view: View[P]) -> View[P]:
    """For everybody else signed in the page does not exist."""

    @wraps(view)
    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.actor.clearance_officer:
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))  # type: ignore[return-value]


def proven(request: Request) -> bool:
    """Whether the session has just proved a second factor."""
    return request.actor.assurance.level_reached(moment()) >= NEEDS_SECOND_FACTOR


def step_up_url(onward: str) -> str:
    """Where a second factor is asked for before an act; it comes back to the local path `onward`."""
    query = {"level": str(NEEDS_SECOND_FACTOR), "act": "", "next": onward}
    return reverse("accounts:step_up") + "?" + urlencode(query)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: everything sent, be it nothing at all, once something was sent."""
    return request.POST if request.method == "POST" else None
