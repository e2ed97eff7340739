"""What the screens of those who write share: officials alone are let in; to everybody else there is no such page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.http import Http404, QueryDict
from django.http.response import HttpResponseBase

from clearance.access import Actor
from clearance.forms.telling import ToldOn
from clearance.screens import Request, page, screens

from ..models import Draft, State
from ..models.briefings import HIGHEST_WRITTEN
from ..queries import drafts as queries

__all__ = ["Request", "ToldOn", "editable", "found", "official_screen", "page", "posted", "waiting_level"]

Path = ParamSpec("Path")
View = Callable[Concatenate[Request, Path], HttpResponseBase]
EDITABLE = frozenset({State.WRITING.value, State.RETURNED.value})


def waiting_level(actor: Actor) -> int:
    """The level that a stronger sign-in would open to an official, whatever there is; 0 for none and for others."""
    return actor.reach.waiting(range(1, HIGHEST_WRITTEN + 1)) if actor.official else 0


_screen = screens(
    step_up="dialogues/step_up.html", unreadable="dialogues/unreadable.html", home="briefings:drafts",
    waiting=waiting_level,
)  # fmt: skip


def official_screen(view: View[Path]) -> View[Path]:
    """A decorator of pages for officials."""

    @wraps(view)
    def guarded(request: Request, /, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
        if not request.actor.official:
            raise Http404
        return view(request, *args, **kwargs)

    return _screen(guarded)


def found(request: Request, key: UUID) -> Draft:
    """The draft that an address names. Raises Http404."""
    return queries.draft(request.actor, key)


def editable(draft: Draft) -> bool:
    """Whether its text can be changed now."""
    return draft.state in EDITABLE


def posted(request: Request) -> QueryDict | None:
    """What was sent, or None."""
    return request.POST if request.method == "POST" else None
