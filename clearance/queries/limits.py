"""Who comes near their daily limit of what one person opens, for the clearance officer (clearance/limits.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import connection

from accounts.models import Person
from accounts.models.people import MACHINES

from ..limits import daily
from ..models import LimitLift


@dataclass(frozen=True)
class Counted:
    """What a person opened today, and how often they were refused more."""

    opened: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Line:
    """One person's day: how much they opened, of how much, and what was asked for them."""

    person: Person
    counted: Counted
    limit: int
    waiting: LimitLift | None
    lifts: list[LimitLift]

    @property
    def reached(self) -> bool:
        return self.counted.opened >= self.limit


def near(today: date) -> list[tuple[UUID, Counted]]:
    """Whoever opened half their limit today, and whomever more was asked for; the most first. For the officer alone."""
    asked = set(LimitLift.objects.filter(day=today).values_list("person_id", flat=True))
    half, of_machine = settings.KEY_LIMIT // 2, settings.MACHINE_KEY_LIMIT // 2
    counts = _counts()
    much = [key for key, counted in counts.items() if counted.opened >= min(half, of_machine)]
    machines = set(Person.objects.filter(pk__in=much, email__endswith=MACHINES).values_list("pk", flat=True))
    enough = {key for key in much if counts[key].opened >= (of_machine if key in machines else half)}
    found = {key: counted for key, counted in counts.items() if key in enough | asked}
    found |= {key: Counted() for key in asked - found.keys()}
    return sorted(found.items(), key=lambda each: (-each[1].opened, each[0]))


def lines(near: Iterable[tuple[UUID, Counted]], *, today: date) -> list[Line]:
    """Those people's days, in the order given."""
    counted = dict(near)
    people = Person.objects.select_related("organisation").in_bulk(list(counted))
    lifts = LimitLift.objects.filter(day=today, person__in=counted).select_related("asked_by", "answered_by")
    by_person: dict[UUID, list[LimitLift]] = {}
    for lift in lifts:
        by_person.setdefault(lift.person_id, []).append(lift)
    return [_line(people[key], counts, by_person.get(key, [])) for key, counts in counted.items() if key in people]


def line(person: Person, *, today: date) -> Line:
    """One person's day."""
    (found,) = lines([(person.pk, _counts().get(person.pk, Counted()))], today=today)
    return found


def reached(today: date) -> int:
    """How many have opened as much as they may today."""
    least = min(settings.KEY_LIMIT, settings.MACHINE_KEY_LIMIT)
    return sum(each.reached for each in lines(_counts(least).items(), today=today))


def _line(person: Person, counted: Counted, lifts: list[LimitLift]) -> Line:
    limit = daily(person) + sum(lift.more for lift in lifts if lift.approved)
    return Line(person, counted, limit, next((lift for lift in lifts if lift.answered_by_id is None), None), lifts)


def _counts(least: int = 0) -> dict[UUID, Counted]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_id, opened, refused FROM clearance_key_counts(%s)", [least])
        return {person: Counted(opened, refused) for person, opened, refused in cursor.fetchall()}
