"""Between tests that commit, the database is brought back to how the migrations left it.

Django's own flush truncates every table, then lays content types, permissions and privileges anew, table by table: half
a second, where nearly all of the tables are empty and nothing of the rest has changed.
"""

from __future__ import annotations

from django.db import connections, transaction

from tests.remembered import PASSING, insertion, rows

# No test's.
KEPT = {"django_migrations", *PASSING}


class Emptied:
    """What `learn` finds is what `restore` leaves, in every table; whatever a test committed is gone."""

    def __init__(self) -> None:
        self._tables: list[str] = []
        self._guarded: set[str] = set()
        self._laid: dict[str, str] = {}

    def learn(self) -> None:
        """Take what is there for what the migrations left."""
        connection = connections["owner"]
        found = {table: there for table, there in rows(connection).items() if table not in KEPT}
        self._tables = [*found]
        self._laid = {table: insertion(table, there, connection) for table, there in found.items() if there}
        with connection.cursor() as cursor:
            # Those that refuse to lose a row.
            cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
            self._guarded = {table for (table,) in cursor.fetchall()}

    def restore(self) -> None:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in self._tables))
            held = {table for (table,) in cursor.fetchall()}
            resting = sorted((held | self._laid.keys()) & self._guarded)
            last_first = [table for table in reversed(self._tables) if table in held]
            cursor.execute(
                "; ".join([
                    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in resting),
                    *(f"DELETE FROM {table}" for table in last_first),
                    *self._laid.values(),
                    "SET CONSTRAINTS ALL IMMEDIATE",
                    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in resting),
                ])
            )  # fmt: skip


EMPTIED = Emptied()
