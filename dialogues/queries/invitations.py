"""Invitations to rooms, as the person asked sees them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from clearance.access import Actor, visible_to
from clearance.models import CircleInvitation
from clearance.questions import NOW, Question

from ..models import Room
from . import me


@dataclass(frozen=True, slots=True)
class Invited:
    """An open invitation, and the room it is to where the person's authorisation reaches its name."""

    invitation: CircleInvitation
    room: Room | None


def waiting_for(actor: Actor) -> list[Invited]:
    """The actor's open invitations, newest first."""
    if actor.person_id is None:
        return []
    return _with_rooms(actor, _waiting(actor))


@Question
def _waiting(actor: Actor) -> QuerySet[CircleInvitation]:
    asked = CircleInvitation.objects.open(NOW).filter(person_id=me(actor))
    return asked.select_related("by__organisation", "organisation")


def invitation(actor: Actor, key: UUID) -> Invited:
    """One of the actor's open invitations. Raises Http404 for any other."""
    asked = CircleInvitation.objects.open(timezone.now()).filter(person_id=me(actor), pk=key)
    found = _with_rooms(actor, list(asked.select_related("by__organisation", "organisation")))
    if not found:
        raise Http404
    return found[0]


def _with_rooms(actor: Actor, asked: list[CircleInvitation]) -> list[Invited]:
    keys = [one.item for one in asked if one.item]
    shown = visible_to(actor, Room.objects.filter(pk__in=keys)).select_related("marking") if keys else []
    rooms = {room.pk: room for room in shown}
    return [Invited(one, rooms.get(one.item) if one.item else None) for one in asked]
