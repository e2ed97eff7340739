"""The functions of the database by which the officers' side does what a policy cannot express (sql/custody.sql)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.timezone import localdate


def end_officer(officer: UUID) -> bool:
    """False where the present person may not, or it has ended."""
    return bool(_value("SELECT consultations_end_officer(%s)", officer))


def end_holder(holder: UUID) -> bool:
    return bool(_value("SELECT consultations_end_holder(%s)", holder))


def may_serve(person: UUID, *, reading: bool) -> bool:
    """Whether somebody may be appointed, to read cases or to hold shares."""
    return bool(_value("SELECT consultations_may_serve(%s, %s)", person, reading))


def backed() -> dict[UUID, int]:
    """For the manager: how many holders have a share of each person's key."""
    return dict(rows("SELECT person_id, holders FROM consultations_backed()"))


def unread() -> int:
    """For the manager: how many cases nobody can open."""
    return int(_value("SELECT consultations_unread()"))


@dataclass(frozen=True)
class Running:
    """What the clocks of an open case run by."""

    received: date
    urgent: bool
    triaged: date | None
    answered: date | None


def manager_sees() -> tuple[int, date, list[Running]]:
    """For the manager: how many desks have nobody to read, and one more where there are concerns that nobody opens; and
    the day it is, and what the open cases' clocks run by. One statement: it is asked for the first page."""
    found = rows(
        "SELECT a.amiss, statement_timestamp(), r.received_on, r.urgent, r.triaged_on, r.answered_on"
        " FROM (SELECT consultations_amiss() AS amiss) a LEFT JOIN consultations_running() r ON true"
    )
    return int(found[0][0]), localdate(found[0][1]), [Running(*row[2:]) for row in found if row[2] is not None]


def _value(sql: str, *params: UUID | bool) -> Any:
    return rows(sql, *params)[0][0]


def rows(sql: str, *params: UUID | int | str | list[UUID]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
