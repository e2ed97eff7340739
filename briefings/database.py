"""The functions of the database by which what no policy can express is done (sql/briefings.sql)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from .models import Briefing


@dataclass(frozen=True)
class Due:
    """An approved draft whose time has come: where it lies, where it goes, and who of the two officials is no longer
    entitled, or what else is in the way ("", AUTHOR, APPROVER, CLOSED, WRITER)."""

    draft: UUID
    inside: int
    outside: int
    lost: str


def due() -> list[Due]:
    """For the worker, before it has a context: ids alone."""
    return [Due(*row) for row in rows("SELECT draft, inside, outside, lost FROM briefings_due()")]


def retract(briefing: Briefing) -> bool:
    """Take a briefing with all its sections out of everybody's sight; False where the present person may not."""
    return bool(rows("SELECT briefings_retract(%s)", briefing.pk)[0][0])


def hide_raised(briefing: Briefing) -> None:
    """After a correction: what stood where it raised a section goes out of sight of whoever may not read that now.
    Raises DatabaseError for whoever has published no approved correction of it."""
    rows("SELECT briefings_hide_raised(%s)", briefing.pk)


def last_draft(briefing: Briefing) -> tuple[UUID, bool] | None:
    """The draft last published of it, and whether a correction is in the making; readable or not. None for whoever is
    no official of the organisation whose information it is."""
    for draft, correcting in rows("SELECT draft, correcting FROM briefings_last_draft(%s)", briefing.pk):
        return (draft, correcting) if draft else None
    return None


def join_everyone(made: int, ceiling: UUID, colleagues: Sequence[UUID]) -> int:
    """The circle of everybody, `made` unless there is one; the present official and these colleagues write there from
    then on. Raises DatabaseError for whoever is no official, and for any ceiling but PUBLIC."""
    found = rows("SELECT briefings_join_everyone(%s, %s, %s)", made, ceiling, list(colleagues))
    return int(found[0][0])


def tell_readers() -> list[UUID]:
    """For the worker: lay the notices that a retraction could not, of briefings opened while it went on; which."""
    return [briefing for (briefing,) in rows("SELECT briefings_tell_readers()")]


def whom(occasion: UUID) -> list[UUID]:
    """For the worker: whom to ask whether the occasion concerns them. Ids alone."""
    return [person for (person,) in rows("SELECT briefings_whom(%s)", occasion)]


def owing(days: Sequence[date]) -> list[tuple[UUID, date]]:
    """For the worker: the briefings that are to be acknowledged by one of these days, and by which."""
    return [(briefing, due) for briefing, due in rows("SELECT briefing, due FROM briefings_owing(%s)", list(days))]


def rows(sql: str, *params: UUID | bytes | str | int | list[date] | list[UUID]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
