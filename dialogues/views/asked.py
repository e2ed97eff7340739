"""What the screens of rooms share: the request with its actor, the room asked for, errors put beside their fields."""

from __future__ import annotations

from types import TracebackType
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest

from clearance.access import Actor
from clearance.models import Circle, Marking, Role

from ..models import Room
from ..queries import rooms


class Request(HttpRequest):
    """A request that has passed the access middleware."""

    actor: Actor


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
        reach = self.actor.reach
        levels = range(2, self.ceiling.level + 1)
        return max((level for level in levels if reach.cleared_for(level) and not reach.holds(level)), default=0)


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
        if isinstance(raised, ValidationError):
            self.form.add_error(None, raised)
            return True
        return False
