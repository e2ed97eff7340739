"""The demo's rooms: every kind, with dialogues under way. All made up."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from clearance.markings import from_text, parse
from clearance.models import (
    Circle,
    CircleInvitation,
    CircleMember,
    CircleOrganisation,
    MarkingPreset,
    NamedHandler,
    Role,
)

from ..models import Message, ReadMark, Room, RoomGrant, Thread
from ..services.presets import suggested
from .chains import CHAINS
from .handled import HANDLED
from .plan import RoomPlan, ThreadPlan
from .trades import TRADES

NAMESPACE = UUID("5b0f6c1e-5d0a-5c43-9a2b-61f2a6a5f0c7")
PLANS = (*CHAINS, *TRADES, *HANDLED)


@transaction.atomic
def make_rooms(people: Mapping[str, Person]) -> dict[str, Room]:
    """Make what is missing of the demo's rooms, with members, threads and messages; each by its key. May run again.

    Rooms above the deployment's ceiling are left out; a later run under a higher one makes them.

    Writes in everybody's name, so it runs as the owner (accounts.operator.as_owner), after the demo's codes are there.
    """
    now = timezone.now()
    return {plan.key: _room(plan, people, now) for plan in PLANS if parse(plan.ceiling).level <= settings.CEILING}


def key_of(*parts: str) -> UUID:
    """The same id whenever the same thing is made."""
    return uuid5(NAMESPACE, "/".join(parts))


def _room(plan: RoomPlan, people: Mapping[str, Person], now: datetime) -> Room:
    found = Room.objects.filter(pk=key_of(plan.key)).first()
    if found is not None:
        return found
    opened = now - timedelta(days=plan.opened)
    ended = None if plan.archived is None else now - timedelta(days=plan.archived)
    circle = Circle(id=_circle_id(plan.key), ceiling=from_text(plan.ceiling), created=opened, closed_at=ended)
    circle.save(force_insert=True)
    _let_in(plan, circle, people, opened)
    for order, named in enumerate(suggested(plan.kind, circle.ceiling)):
        MarkingPreset(circle=circle, marking=named.marking, name=named.name, name_en=named.name_en, order=order).save(
            force_insert=True
        )
    room = Room(
        id=key_of(plan.key), circle=circle, marking=from_text(plan.known_to), kind=plan.kind, name=plan.name,
        purpose=plan.purpose, legal_basis=plan.legal_basis, opened_by=people[plan.steward], created=opened,
        archived_at=ended,
    )  # fmt: skip
    room.save(force_insert=True)
    for thread in plan.threads:
        _thread(room, thread, people, now)
    _invite(plan, room, people, now)
    return room


def _circle_id(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key_of(key).bytes).digest()[:7], "big") + 1


def _let_in(plan: RoomPlan, circle: Circle, people: Mapping[str, Person], since: datetime) -> None:
    CircleMember(circle=circle, person=people[plan.steward], role=Role.STEWARD, since=since).save(force_insert=True)
    for who, role in plan.members:
        CircleMember(circle=circle, person=people[who], role=role, since=since).save(force_insert=True)
    for handlers in plan.firms:
        firm = people[handlers[0]].organisation
        CircleOrganisation(circle=circle, organisation=firm, since=since).save(force_insert=True)
        for who in handlers:
            NamedHandler(circle=circle, organisation=firm, person=people[who], since=since).save(force_insert=True)


def _thread(room: Room, plan: ThreadPlan, people: Mapping[str, Person], now: datetime) -> None:
    marking = from_text(plan.marking)
    began = now - timedelta(days=plan.began)
    first = plan.said[0]
    thread = Thread(
        id=key_of(str(room.pk), plan.title), room=room, circle_id=room.circle_id, marking=marking, title=plan.title,
        author=people[first.who], created=began,
    )  # fmt: skip
    thread.save(force_insert=True)
    for said in plan.said:
        Message(
            thread=thread, circle_id=room.circle_id, marking=from_text(said.marking) if said.marking else marking,
            author=people[said.who], body=said.text, created=began + timedelta(hours=said.hours),
        ).save(force_insert=True)  # fmt: skip
    for who in plan.read_by:
        last = began + timedelta(hours=plan.said[-1].hours)
        ReadMark(person=people[who], thread=thread, seen_until=last).save(force_insert=True)


def _invite(plan: RoomPlan, room: Room, people: Mapping[str, Person], now: datetime) -> None:
    view = Permission.objects.get_by_natural_key("view_room", "dialogues", "room")
    for who, whole_organisation in plan.invited:
        person = people[who]
        asked = CircleInvitation(
            circle_id=room.circle_id, person=person, by=people[plan.steward], item=room.pk, created=now,
            organisation=person.organisation if whole_organisation else None, until=now + timedelta(days=14),
        )  # fmt: skip
        asked.save(force_insert=True)
        RoomGrant(content_object=room, user=person, permission=view, since=now, until=asked.until).save(
            force_insert=True
        )
