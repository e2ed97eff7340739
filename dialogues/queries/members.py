"""Who takes part, who has been asked to, and whom a steward may ask: by exact address, never from a directory."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.models import Organisation, Person
from clearance.access import Actor
from clearance.models import CircleInvitation, CircleMember, CircleOrganisation, NamedHandler
from clearance.models.authorisations import within

from ..models import Room
from . import NOBODY, me


@dataclass(frozen=True, slots=True)
class Firm:
    """A member organisation and the people it has named."""

    tie: CircleOrganisation
    handlers: list[NamedHandler]


def people(room: Room) -> QuerySet[CircleMember]:
    """Who takes part in their own right."""
    ties = CircleMember.objects.filter(within(timezone.now()), circle_id=room.circle_id)
    return ties.select_related("person__organisation").order_by("person__organisation__name", "person__name", "pk")


def firms(room: Room) -> list[Firm]:
    """The member organisations, each with its named handlers."""
    now = within(timezone.now())
    named: dict[UUID, list[NamedHandler]] = defaultdict(list)
    handlers = NamedHandler.objects.filter(now, circle_id=room.circle_id).select_related("person")
    for handler in handlers.order_by("person__name", "pk"):
        named[handler.organisation_id].append(handler)
    ties = CircleOrganisation.objects.filter(now, circle_id=room.circle_id).select_related("organisation")
    return [Firm(tie, named[tie.organisation_id]) for tie in ties.order_by("organisation__name", "pk")]


def firm(room: Room, organisation: UUID) -> Firm:
    """One member organisation. Raises Http404."""
    found = next((firm for firm in firms(room) if firm.tie.organisation_id == organisation), None)
    if found is None:
        raise Http404
    return found


def member(room: Room, key: UUID) -> CircleMember:
    """One person's present tie. Raises Http404."""
    found = people(room).filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def handler(room: Room, key: UUID) -> NamedHandler:
    """One named handler's present tie. Raises Http404."""
    ties = NamedHandler.objects.filter(within(timezone.now()), circle_id=room.circle_id, pk=key)
    found = ties.select_related("person", "organisation").first()
    if found is None:
        raise Http404
    return found


def waiting(room: Room) -> QuerySet[CircleInvitation]:
    """The room's invitations that wait for an answer; only its stewards see them."""
    asked = CircleInvitation.objects.open(timezone.now()).filter(circle_id=room.circle_id)
    return asked.select_related("person__organisation", "organisation", "by")


def names_handlers_of(actor: Actor, room: Room) -> UUID | None:
    """The organisation whose handlers the actor may name although no steward: the one they answered for."""
    if room.circle_id not in actor.reach.circles:
        return None
    answered = CircleInvitation.objects.filter(
        circle_id=room.circle_id,
        person_id=me(actor),
        organisation_id=actor.organisation_id or NOBODY,
        accepted_at__isnull=False,
    )
    return actor.organisation_id if answered.exists() else None


def colleague(organisation: Organisation, address: str) -> Person | None:
    """The active person of the organisation with exactly this address."""
    found = Person.objects.filter(organisation=organisation, email=address.strip().lower(), is_active=True)
    return found.select_related("organisation").first()
