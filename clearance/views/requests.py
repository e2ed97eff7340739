"""What every view here is given, and who is let in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.assurance import NEEDS_SECOND_FACTOR
from accounts.models import Person

from .. import screens

P = ParamSpec("P")


class Request(screens.Request):
    """A request of somebody signed in."""

    user: Person


View = Callable[Concatenate[Request, P], HttpResponse]


def for_officers(view: View[P]) -> View[P]:
    """For everybody else signed in the page does not exist. The officer is asked for a second factor once an hour; what
    was sent without it is kept in the page that asks, to be sent again.
    """

    @wraps(view)
    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.actor.keeps_registers:
            raise Http404
        if not request.actor.clearance_officer:
            return _asked_to_prove(request)
        return view(request, *args, **kwargs)

    return never_cache(screens.signed_in(guarded))  # type: ignore[arg-type, return-value]


def _asked_to_prove(request: Request) -> HttpResponse:
    if request.method != "POST":
        return redirect(screens.step_up_url(NEEDS_SECOND_FACTOR, request.get_full_path()))
    onward = reverse("clearance:overview")
    return screens.send_again(request, level=NEEDS_SECOND_FACTOR, onward=onward, status=403)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: everything sent, be it nothing at all, once something was sent."""
    return request.POST if request.method == "POST" else None
