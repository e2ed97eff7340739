"""The calls of the functions in sql/intake.sql: all that the anonymous side does in the database, and its only SQL."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from intake.spool import Bundle


def deliver(bundle: Bundle) -> bool:
    """Hand over one bundle; False when it was before. Raises `DatabaseError`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_deliver(%s::jsonb)", [json.dumps(bundle)])
        return bool(cursor.fetchone()[0])


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
