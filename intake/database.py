"""The calls of the functions in sql/intake.sql: all that the anonymous side does in the database, and its only SQL."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

from django.db import connection

from intake.spool import Bundle


class Delivered(Enum):
    """What became of a bundle."""

    NEW = "new"
    BEFORE = "before"  # it was handed over by a courier that was killed after
    UNKNOWN = "unknown"  # there is no such case, or no mailbox of it any more


def deliver(bundle: Bundle) -> Delivered:
    """Hand over one bundle. Raises `DatabaseError`."""
    return _told("SELECT intake_deliver(%s::jsonb)", bundle)


def take_down(bundle: Bundle) -> Delivered:
    """Hand over a case that the office itself took down. Raises `DatabaseError`."""
    return _told("SELECT intake_take_down(%s::jsonb)", bundle)


def _told(statement: str, bundle: Bundle) -> Delivered:
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(bundle)])
        return Delivered(cursor.fetchone()[0])


def close_round(given: dict[str, Any]) -> None:
    """Raises `DatabaseError`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_close_round(%s::jsonb)", [json.dumps(given)])


def find(lookup: bytes) -> dict[str, Any] | None:
    """The conversation of a receipt, sealed as it is. Raises `DatabaseError`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_find(%s)", [lookup])
        found: dict[str, Any] | str | None = cursor.fetchone()[0]
        return json.loads(found) if isinstance(found, str) else found
