"""Who takes part, who has been asked to, and whom a steward may ask: by exact address, never from a directory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import Http404
from django.utils import timezone

from accounts.models import Organisation, Person
from clearance.access import Actor
from clearance.models import CircleInvitation, CircleMember, CircleOrganisation, NamedHandler
from clearance.models.authorisations import within

from ..models import Room
from . import NOBODY, me

HANDLERS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Firm:
    """A member organisation and the first of the people it has named; how many more there are."""

    tie: CircleOrganisation
    handlers: list[NamedHandler]
    more: int


def people(room: Room) -> QuerySet[CircleMember]:
    """Who takes part in their own right."""
    ties = CircleMember.objects.filter(within(timezone.now()), circle_id=room.circle_id)
    return ties.select_related("person__organisation").order_by("person__organisation__name", "person__name", "pk")


def organisations(room: Room) -> QuerySet[CircleOrganisation]:
    """Which organisations take part as a whole."""
    ties = CircleOrganisation.objects.filter(within(timezone.now()), circle_id=room.circle_id)
    return ties.select_related("organisation").order_by("organisation__name", "pk")


def firms(ties: Iterable[CircleOrganisation]) -> list[Firm]:
    """The member organisations of one room with whom they have named, each as far as a list has room for."""
    held = list(ties)
    by_name = Window(RowNumber(), partition_by="organisation", order_by=("person__name", "pk"))
    of_all = Window(Count("pk"), partition_by="organisation")
    shown = (
        NamedHandler.objects.filter(within(timezone.now()), circle_id__in={tie.circle_id for tie in held})
        .filter(organisation_id__in=[tie.organisation_id for tie in held])
        .annotate(place=by_name, all=of_all)
        .filter(place__lte=HANDLERS_SHOWN)
        .select_related("person")
        .order_by("place")
    )
    named: dict[UUID, list[NamedHandler]] = defaultdict(list)
    more: dict[UUID, int] = defaultdict(int)
    for handler in shown:
        named[handler.organisation_id].append(handler)
        more[handler.organisation_id] = max(0, handler.all - HANDLERS_SHOWN)
    return [Firm(tie, named[tie.organisation_id], more[tie.organisation_id]) for tie in held]


def organisation(room: Room, key: UUID) -> CircleOrganisation:
    """One member organisation's present tie. Raises Http404."""
    found = organisations(room).filter(organisation_id=key).first()
    if found is None:
        raise Http404
    return found


def handlers(tie: CircleOrganisation) -> QuerySet[NamedHandler]:
    """Everyone a member organisation has named."""
    named = NamedHandler.objects.filter(
        within(timezone.now()), circle_id=tie.circle_id, organisation_id=tie.organisation_id
    )
    return named.select_related("person").order_by("person__name", "pk")


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
