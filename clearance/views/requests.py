"""What every view here is given, and who is let in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from accounts.assurance import NEEDS_SECOND_FACTOR
from accounts.models import Person

from .. import screens
from ..clock import moment

P = ParamSpec("P")
A_PAGE = 50


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


@dataclass(frozen=True)
class Paged:
    """One page of a list and where the next one is."""

    rows: list[Any]
    total: int
    next_url: str
    first_url: str

    def __len__(self) -> int:
        return len(self.rows)


def paged(request: HttpRequest, queryset: QuerySet[Any]) -> Paged:
    """The page of `queryset` that the address asks for; what is no page is the first."""
    page = Paginator(queryset, A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)

    def address(number: int) -> str:
        asked = query.copy()
        if number > 1:
            asked["page"] = str(number)
        return f"{request.path}?{asked.urlencode()}" if asked else request.path

    return Paged(
        rows=list(page.object_list),
        total=page.paginator.count,
        next_url=address(page.next_page_number()) if page.has_next() else "",
        first_url=address(1) if page.number > 1 else "",
    )
