"""Who comes near their daily limit of what one person opens, for the clearance officer (clearance/limits.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import connection

from accounts.models import Person

from ..models import LimitLift

SHOWN_FROM = 2  # the officer sees whoever has used the limit's half


@dataclass(frozen=True)
class Line:
    """One person's day: how much they opened, of how much, and what was asked for them."""

    person: Person
    opened: int
    limit: int
    waiting: LimitLift | None
    lifts: list[LimitLift]

    @property
    def reached(self) -> bool:
        return self.opened >= self.limit


def counts() -> dict[UUID, int]:
    """What each person opened today who opened half their limit, the most first. Nobody but the officer is told."""
    return _counts(settings.KEY_LIMIT // SHOWN_FROM)


def near(today: date) -> list[tuple[UUID, int]]:
    """The people of `counts` and whomever more was asked for today, with what they opened; the most first."""
    found = counts()
    asked = set(LimitLift.objects.filter(day=today).values_list("person_id", flat=True)) - set(found)
    if asked:
        every = _counts(0)
        found |= {person: every.get(person, 0) for person in asked}
    return sorted(found.items(), key=lambda counted: (-counted[1], counted[0]))


def lines(near: Iterable[tuple[UUID, int]], *, today: date) -> list[Line]:
    """Those people's days, in the order given."""
    opened = dict(near)
    people = Person.objects.select_related("organisation").in_bulk(list(opened))
    lifts = LimitLift.objects.filter(day=today, person__in=opened).select_related("asked_by", "answered_by")
    by_person: dict[UUID, list[LimitLift]] = {}
    for lift in lifts:
        by_person.setdefault(lift.person_id, []).append(lift)
    return [_line(people[key], number, by_person.get(key, [])) for key, number in opened.items() if key in people]


def line(person: Person, *, today: date) -> Line:
    """One person's day."""
    (found,) = lines([(person.pk, _counts(0).get(person.pk, 0))], today=today)
    return found


def reached(today: date) -> int:
    """How many have opened as much as they may today."""
    return sum(each.reached for each in lines(counts().items(), today=today))


def _line(person: Person, opened: int, lifts: list[LimitLift]) -> Line:
    limit = settings.KEY_LIMIT + sum(lift.more for lift in lifts if lift.approved)
    return Line(person, opened, limit, next((lift for lift in lifts if lift.answered_by_id is None), None), lifts)


def _counts(least: int) -> dict[UUID, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_id, opened FROM clearance_key_counts(%s)", [least])
        return dict(cursor.fetchall())
