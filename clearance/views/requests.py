"""What every view here is given, and who is let in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
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

    return never_cache(login_required(guarded))  # type: ignore[return-value]


def _asked_to_prove(request: Request) -> HttpResponse:
    if request.method != "POST":
        return redirect(_step_up_url(request.get_full_path()))
    sent = [(name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]
    url = _step_up_url(reverse("clearance:overview"))
    return render(request, "clearance/send_again.html", {"sent": sent, "step_up_url": url}, status=403)


def _step_up_url(onward: str) -> str:
    query = {"level": str(NEEDS_SECOND_FACTOR), "act": "", "next": onward}
    return reverse("accounts:step_up") + "?" + urlencode(query)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: everything sent, be it nothing at all, once something was sent."""
    return request.POST if request.method == "POST" else None
