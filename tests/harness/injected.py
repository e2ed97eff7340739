"""SQL as injected SQL would run: with the web role's privileges, in whatever context the request has."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, connection, transaction


def refused(sql: str, *params: Any) -> bool:
    """Whether it changes nothing."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
            return bool(cursor.rowcount == 0)
    except DatabaseError:
        return True


def copied(table: str, **instead: str) -> str:
    """A further row of a table, like one that is there but for its id and the columns given as SQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
        columns = [name for (name,) in cursor.fetchall()]
    made = {"id": "gen_random_uuid()"} | instead
    values = ", ".join(made.get(name, f'"{name}"') for name in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} LIMIT 1"
