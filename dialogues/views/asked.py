"""What the screens of rooms share: the room asked for, with what its pages tell of it."""

from __future__ import annotations

from uuid import UUID

from clearance.access import Actor
from clearance.forms.telling import ToldOn
from clearance.models import Circle, Marking, Role
from clearance.screens import Request, page, screens

from ..models import Room
from ..models.rooms import HIGHEST_SPOKEN
from ..queries import rooms

__all__ = ["Asked", "Request", "ToldOn", "page", "screen", "waiting_level"]


def waiting_level(actor: Actor, highest: int = HIGHEST_SPOKEN) -> int:
    """The highest level up to `highest` that a stronger sign-in would open; 0 for none."""
    return actor.reach.waiting(range(1, highest + 1))


screen = screens(
    step_up="dialogues/step_up.html", unreadable="dialogues/unreadable.html", home="dialogues:index",
    waiting=waiting_level,
)  # fmt: skip


class Asked:
    """A room of the actor's, with what its pages tell of it."""

    def __init__(self, request: Request, key: UUID) -> None:
        self.request, self.actor = request, request.actor
        self.room: Room = rooms.room(request.actor, key)
        self.circle: Circle = self.room.circle

    @property
    def ceiling(self) -> Marking:
        return self.circle.ceiling

    @property
    def steward(self) -> bool:
        """Whether they run the room; nobody does once it has ended."""
        return self.room.circle_id in self.actor.reach.stewards

    @property
    def keeper(self) -> bool:
        """Whether they look after who is in it and what lies there, ended or not."""
        return self.room.circle_id in self.actor.reach.keepers

    @property
    def member(self) -> bool:
        """Whether they are in by name, and not through their organisation alone."""
        return self.room.circle_id in self.actor.reach.circles

    @property
    def writer(self) -> bool:
        return self.room.circle_id in self.actor.reach.writers

    @property
    def ended_meanwhile(self) -> bool:
        """Whether something was sent to a room that has ended: the form then keeps what was typed, and says so."""
        return self.room.archived and self.request.method == "POST"

    @property
    def role(self) -> str:
        """What the actor is here, in words."""
        circle, reach = self.room.circle_id, self.actor.reach
        if circle in reach.keepers:
            return str(Role.STEWARD.label)
        return str(Role.PARTICIPANT.label if circle in reach.writers else Role.OBSERVER.label)

    @property
    def step_up_to(self) -> int:
        """The level a stronger sign-in would open here, whether or not anything of that level is there; 0 for none."""
        return waiting_level(self.actor, self.ceiling.level)
