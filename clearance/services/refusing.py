"""Noting refusals: each by itself, and of a flood of one person's the rest of each minute as a number.

Whoever is signed in may ask for what is not there as fast as they like, and the log is never shortened. The count is
kept in the database, so that it holds whichever process answers and whatever else is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from audit.acts import Act
from audit.services import record

from ..actor import Actor
from ..noting import level_noted

EVENTS_A_MINUTE = 60  # each person's; a person at a keyboard does not come near it


@dataclass(frozen=True, slots=True)
class Refused:
    """Whom a count is of."""

    person_id: UUID | None
    organisation_id: UUID | None


@transaction.atomic
def note_refusal(*, actor: Actor, view: str, target: object, level: int | None) -> None:
    """Somebody signed in was refused `target` ("" for nothing in particular). `level`: the target's, where known."""
    if _counted(actor.person_id, actor.organisation_id) > EVENTS_A_MINUTE:
        return
    record(
        actor=actor, act=Act.ACCESS_DENIED, target_type=view, target_id=target, level=level_noted(level, target)
    )  # fmt: skip


@transaction.atomic
def tell_repeats() -> int:
    """Note what the minutes that are over hold beyond that: one event a person and minute. How many were told."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_id, organisation_id, minute, count FROM clearance_take_refusals()")
        rows = cursor.fetchall()
    repeated = [row for row in rows if row[3] > EVENTS_A_MINUTE]
    for person, organisation, minute, count in repeated:
        record(
            actor=Refused(person, organisation), act=Act.ACCESS_DENIED,
            detail={
                "kind": "repeated", "count": count - EVENTS_A_MINUTE,
                "as_of": timezone.localtime(minute).isoformat(timespec="minutes"),
            },
        )  # fmt: skip
    return len(repeated)


def _counted(person: UUID | None, organisation: UUID | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clearance_count_refusal(%s, %s)", [person, organisation])
        (count,) = cursor.fetchone()
    return int(count)
