"""Who may open the auditor's pages, and how their streams read on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache

from audit.queries import Holds
from audit.services import Actor

P = ParamSpec("P")
AUDITOR = "AUDITOR"


class Reach(Protocol):
    """The levels a reader holds at this moment."""

    def holds(self, level: int) -> bool: ...


class Reader(Actor, Protocol):
    """Who asks (clearance's actor; this app may not import it)."""

    @property
    def duties(self) -> frozenset[str]: ...

    @property
    def reach(self) -> Reach: ...


class Request(HttpRequest):
    """A request of an auditor, past the access middleware."""

    actor: Reader


def for_auditors(
    view: Callable[Concatenate[Request, P], HttpResponseBase],
) -> Callable[Concatenate[Request, P], HttpResponseBase]:
    """For everybody else the page does not exist."""

    @wraps(view)
    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if AUDITOR not in request.actor.duties:
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))  # type: ignore[return-value]


@contextmanager
def reading_again(request: Request) -> Iterator[Holds | None]:
    """A transaction in the reader's context once more: the request's own is over when a response streams."""
    again: Callable[[HttpRequest], AbstractContextManager[Reader]] = import_string(settings.AUDIT_READING)
    with again(request) as actor:
        yield actor.reach.holds if AUDITOR in actor.duties else None
