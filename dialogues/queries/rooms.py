"""The rooms an actor takes part in, and the ceiling of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.urls import reverse

from clearance.access import Actor, visible_to
from clearance.models import Circle, CircleMember, CircleOrganisation, NamedHandler
from clearance.models.authorisations import within
from clearance.pages import Page
from clearance.questions import NOW, Given, Question
from documents.places import Place

from ..models import Message, Room
from . import near, ungranted
from .paging import Window, window
from .unread import CappedCount, with_unread_of_rooms

ROOMS_A_PAGE = 50


def my_rooms(actor: Actor, *, at: datetime | None = None) -> QuerySet[Room]:
    """The rooms whose circle the actor is in; not those they are merely invited to."""
    reach = actor.reach
    in_them = Room.objects.filter(circle_id__among=reach.circles | reach.circles_open)  # one list: planned once for all
    return visible_to(ungranted(actor), in_them, at=at)


def listed(
    actor: Actor, *, kind: str = "", archived: bool = False, after: str = "", limit: int = ROOMS_A_PAGE
) -> Page[Room]:
    """A page of the actor's rooms with their unread counts, the one last spoken in first."""
    if kind:
        of_kind = _moved(actor).filter(archived_at__isnull=not archived, kind=kind)
        return window(actor, of_kind, by="moved_at", after=after, limit=limit)
    return (_ended if archived else _going_on).page(actor, after=after, limit=limit)


def _moved(actor: Actor, *, at: datetime | None = None) -> QuerySet[Room]:
    """The actor's rooms with the moment they last moved, when something was said that the actor may read; and how much
    of that waits, which the database counts for the rooms of a page alone."""
    said = visible_to(actor, Message.objects.filter(circle_id=OuterRef("circle_id")), at=at)
    latest = Subquery(said.order_by("-created", "-id").values("created")[:1])
    rooms = my_rooms(actor, at=at).select_related("marking").annotate(moved_at=Coalesce(latest, F("created")))
    return with_unread_of_rooms(actor, rooms, at=at)


_going_on = Window(lambda actor: _moved(actor, at=NOW).filter(archived_at__isnull=True), by="moved_at")
_ended = Window(lambda actor: _moved(actor, at=NOW).filter(archived_at__isnull=False), by="moved_at")


def room(actor: Actor, key: UUID) -> Room:
    """A room the actor takes part in. Raises Http404, whether there is none or it is closed to them."""
    found = _one.first(actor, key=key)
    if found is None:
        raise Http404
    return found


@Question
def _one(actor: Actor) -> QuerySet[Room]:
    return my_rooms(actor, at=NOW).filter(pk=Given("key")).select_related("marking", "circle__ceiling")


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
    return Attendance(*_attending(actor, circle=of.circle_id)[0])


@Question
def _attending(actor: Actor) -> QuerySet[Circle, tuple[int, int]]:
    now, circle = within(NOW), Given("circle")
    people = CircleMember.objects.filter(now, circle_id=circle).order_by().values_list("person_id")
    firms = CircleOrganisation.objects.filter(now, circle_id=circle).order_by()
    handlers = NamedHandler.objects.filter(now, circle_id=circle, organisation_id__in=firms.values("organisation_id"))
    everybody = people.union(handlers.order_by().values_list("person_id"))
    return Circle.objects.filter(pk=circle).values_list(CappedCount(everybody), CappedCount(firms.values("pk")))


def as_places(actor: Actor, circles: Collection[int]) -> Iterator[Place]:
    """How documents learn what these circles are called, where the actor may know it (documents.places)."""
    for found in _on_circles(near(actor, circles), circles=sorted(circles)):
        url = reverse("dialogues:room", args=[found.pk])
        yield Place(found.circle_id, found.shown_name, url, found.circle.ceiling)


@Question
def _on_circles(actor: Actor) -> QuerySet[Room]:
    lying = Room.objects.filter(circle_id__among=Given("circles")).select_related("circle__ceiling")
    return visible_to(actor, lying, at=NOW)
