"""What the pages of cases share: who is let in, the case asked for, and the officer's own key that opens it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import Appointment
from clearance.access import Actor
from clearance.forms.telling import ToldOn
from clearance.screens import Request, page, screens

from ..custody import UnlockedKey, needs_key, unlocked
from ..models.cases import CaseFile
from ..queries import board

__all__ = ["Request", "ToldOn", "keyed", "manager_screen", "needs", "officer_screen", "page", "posted", "screen"]

Path = ParamSpec("Path")
View = Callable[Concatenate[Request, Path], HttpResponseBase]
WithKey = Callable[Concatenate[Request, UnlockedKey, Path], HttpResponseBase]


def _nothing_waits(_actor: Actor) -> int:
    """No stronger sign-in opens a case: the officer's own key does."""
    return 0


screen = screens(
    step_up="dialogues/step_up.html", unreadable="consultations/unreadable.html", home="consultations:index",
    waiting=_nothing_waits,
)  # fmt: skip


def needs(duty: Appointment.Duty) -> Callable[[View[Path]], View[Path]]:
    """A decorator of pages for people with a duty: for everybody else there is no such page."""

    def guard(view: View[Path]) -> View[Path]:
        @wraps(view)
        def guarded(request: Request, /, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
            if duty not in request.actor.duties:
                raise Http404
            return view(request, *args, **kwargs)

        return screen(guarded)

    return guard


officer_screen = needs(Appointment.Duty.OFFICIAL)
manager_screen = needs(Appointment.Duty.DESK_MANAGER)


def keyed(view: WithKey[Path]) -> View[Path]:
    """A decorator of what only an unlocked key does: whoever's key is locked unlocks it first, and what they sent
    meanwhile is kept (consultations/custody.py).

    A case of theirs has to be there first, where the address names one: whoever reads none learns nothing of keys.
    """

    @needs_key
    def opened(request: Request, /, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
        key = unlocked(request)
        assert key is not None
        return view(request, key, *args, **kwargs)

    @wraps(view)
    def asked(request: Request, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
        if isinstance(case := kwargs.get("case"), UUID):
            request.case_file = board.case(case)  # type: ignore[attr-defined]
        return opened(request, *args, **kwargs)

    return asked  # type: ignore[return-value]


def file_of(request: Request) -> CaseFile:
    """The case the address names; `keyed` has asked for it."""
    return request.case_file  # type: ignore[attr-defined, no-any-return]


def posted(request: Request) -> Any:
    """What a form is bound to: everything sent, be it nothing at all, once something was sent."""
    return request.POST if request.method == "POST" else None


def back(file: CaseFile, anchor: str = "") -> HttpResponse:
    return redirect(reverse("consultations:case", args=[file.pk]) + anchor)
