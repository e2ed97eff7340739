"""What the screens of rooms share: the request with its actor, the room asked for, errors put beside their fields."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from clearance.access import Actor
from clearance.models import Circle, Marking, Role
from vault import Unreadable

from ..models import Room
from ..models.rooms import HIGHEST_SPOKEN
from ..queries import rooms

logger = logging.getLogger(__name__)

Path = ParamSpec("Path")
View = Callable[Concatenate["Request", Path], HttpResponseBase]


class Request(HttpRequest):
    """A request that has passed the access middleware."""

    actor: Actor
    refused: Exception | None


def screen(view: View[Path]) -> View[Path]:
    """A page for signed-in people that says, in words, what is behind a stronger sign-in and what does not open.

    Whoever's authorisation would do but whose session would not meets the same page for what is there and for what is
    not; what they had typed is given back to them.
    """

    @login_required
    @wraps(view)
    def shown(request: Request, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
        try:
            with transaction.atomic():
                return view(request, *args, **kwargs)
        except Http404 as missing:
            level = waiting_level(request.actor)
            if not level:
                raise
            request.refused = missing  # the middleware notes the denial as it does any other
            typed = {"level": level, "typed": request.POST.get("body", "")}
            return page(request, "dialogues/step_up.html", typed, status=404)
        except Unreadable:
            logger.exception("what is stored of a room does not open")
            return page(request, "dialogues/unreadable.html", {}, status=500)

    return shown  # type: ignore[return-value]


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of one reader's: no cache keeps it."""
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def waiting_level(actor: Actor, highest: int = HIGHEST_SPOKEN) -> int:
    """The highest level up to `highest` that a stronger sign-in would open; 0 for none.

    It depends on the actor alone, never on what there is.
    """
    levels = range(1, highest + 1)
    return max((n for n in levels if actor.reach.cleared_for(n) and not actor.reach.holds(n)), default=0)


class Asked:
    """A room of the actor's, with what its pages tell of it."""

    def __init__(self, request: Request, key: UUID) -> None:
        self.actor = request.actor
        self.room: Room = rooms.room(request.actor, key)
        self.circle: Circle = rooms.circle_of(self.room)

    @property
    def ceiling(self) -> Marking:
        return self.circle.ceiling

    @property
    def steward(self) -> bool:
        return self.room.circle_id in self.actor.reach.stewards

    @property
    def member(self) -> bool:
        """Whether they are in by name, and not through their organisation alone."""
        return self.room.circle_id in self.actor.reach.circles

    @property
    def writer(self) -> bool:
        return self.room.circle_id in self.actor.reach.writers and not self.room.archived

    @property
    def role(self) -> str:
        """What the actor is here, in words."""
        circle, reach = self.room.circle_id, self.actor.reach
        if circle in reach.stewards:
            return str(Role.STEWARD.label)
        return str(Role.PARTICIPANT.label if circle in reach.writers else Role.OBSERVER.label)

    @property
    def step_up_to(self) -> int:
        """The level a stronger sign-in would open here, whether or not anything of that level is there; 0 for none."""
        return waiting_level(self.actor, self.ceiling.level)


class ToldOn:
    """`with ToldOn(form):` a service's refusal becomes the form's error; what it had begun is undone."""

    def __init__(self, form: Form) -> None:
        self.form, self.work = form, transaction.atomic()

    def __enter__(self) -> None:
        self.work.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.work.__exit__(kind, raised, trace)
        if not isinstance(raised, ValidationError):
            return False
        if not hasattr(raised, "error_dict"):
            self.form.add_error(None, raised)
            return True
        for name, errors in raised.error_dict.items():
            self.form.add_error(name if name in self.form.fields else None, errors)
        return True
