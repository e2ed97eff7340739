"""The rooms an actor takes part in, and the ceiling of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from clearance.access import Actor, visible_to
from clearance.models import Circle, CircleMember, CircleOrganisation, NamedHandler
from clearance.models.authorisations import within
from clearance.pages import Page
from documents.places import Place

from ..models import Message, Room
from . import near, ungranted
from .paging import window
from .unread import unread_of_rooms

ROOMS_A_PAGE = 50


def my_rooms(actor: Actor) -> QuerySet[Room]:
    """The rooms whose circle the actor is in; not those they are merely invited to."""
    return visible_to(ungranted(actor), Room.objects.all())


def listed(
    actor: Actor, *, kind: str = "", archived: bool = False, after: str = "", limit: int = ROOMS_A_PAGE
) -> Page[Room]:
    """A page of the actor's rooms with their unread counts, the one last spoken in first."""
    rooms = my_rooms(actor).filter(archived_at__isnull=not archived)
    if kind:
        rooms = rooms.filter(kind=kind)
    said = visible_to(actor, Message.objects.filter(circle_id=OuterRef("circle_id"))).order_by("-created", "-id")
    rooms = rooms.annotate(moved_at=Coalesce(Subquery(said.values("created")[:1]), F("created")))
    page: Page[Room] = window(actor, rooms.select_related("marking"), by="moved_at", after=after, limit=limit)
    counts = unread_of_rooms(near(actor, [room.circle_id for room in page]), page.rows)
    for room in page:
        room.unread = counts[room.pk]
    return page


def room(actor: Actor, key: UUID) -> Room:
    """A room the actor takes part in. Raises Http404, whether there is none or it is closed to them."""
    found = my_rooms(actor).filter(pk=key).select_related("marking", "circle__ceiling").first()
    if found is None:
        raise Http404
    return found


def circle_of(room: Room) -> Circle:
    """The circle the room is opened on, with its ceiling, as it is now."""
    return Circle.objects.select_related("ceiling").get(pk=room.circle_id)


@dataclass(frozen=True, slots=True)
class Attendance:
    """How many take part; None for a reader who is in the room through their organisation alone."""

    people: int
    organisations: int


def attendance(actor: Actor, of: Room) -> Attendance | None:
    """The room's people (named handlers included) and organisations."""
    if of.circle_id not in actor.reach.circles:
        return None
    now = within(timezone.now())
    people = CircleMember.objects.filter(now, circle_id=of.circle_id).order_by().values_list("person_id")
    firms = CircleOrganisation.objects.filter(now, circle_id=of.circle_id).order_by()
    handlers = NamedHandler.objects.filter(
        now, circle_id=of.circle_id, organisation_id__in=firms.values("organisation_id")
    ).order_by()
    return Attendance(people.union(handlers.values_list("person_id")).count(), firms.count())


def as_places(actor: Actor, circles: Collection[int]) -> Iterator[Place]:
    """How documents learn what these circles are called, where the actor may know it (documents.places)."""
    lying = Room.objects.filter(circle_id__among=sorted(circles)).select_related("circle__ceiling")
    for found in visible_to(actor, lying):
        url = reverse("dialogues:room", args=[found.pk])
        yield Place(found.circle_id, found.shown_name, url, found.circle.ceiling)
