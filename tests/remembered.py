"""What is built alike for test after test is built once a run; for each test its rows are laid down again."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

T = TypeVar("T")
Rows = dict[str, list[dict[str, Any]]]
# Who a connection acts for at the moment.
PASSING = {"clearance_context"}


class Remembered(Generic[T]):
    """The rows a function adds to a database, and what it returns for them.

    It may only add: to an empty database, or to one in which `upon` was laid. Laid down again the rows have the keys
    and moments they had, so that a database holds them once; what triggers did when they were new is among them.
    The function is given what `upon` returns. `owned` is a context in which the connection may write every table.
    """

    def __init__(
        self,
        build: Callable[..., T],
        owned: Callable[[], AbstractContextManager[None]],
        upon: Remembered[Any] | None = None,
    ) -> None:
        self._build, self._owned, self._upon = build, owned, upon
        self._statement = ""
        self._returned = b""

    def learn(self) -> None:
        """Build it once and undo it; whatever the tests' clocks say later, it is of this moment."""
        with transaction.atomic():
            given = [self._upon.lay()] if self._upon else []
            with self._owned():
                before = rows()
            self._returned = pickle.dumps(self._build(*given))
            with self._owned():
                after = rows()
                self._statement = "; ".join([
                    "SET LOCAL session_replication_role = replica",
                    *(
                        insertion(table, [row for row in there if row not in before[table]])
                        for table, there in after.items()
                        if table not in PASSING and there != before[table]
                    ),
                    "SET LOCAL session_replication_role = origin",
                ])  # fmt: skip
            transaction.set_rollback(True)

    def lay(self) -> T:
        with self._owned(), connection.cursor() as cursor:
            cursor.execute(self._statement)
        made: T = pickle.loads(self._returned)
        return made


def rows(using: BaseDatabaseWrapper | None = None) -> Rows:
    """All there is, by table in the order of creation: what is referred to first."""
    found: Rows = {}
    with (using or connection).cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY oid"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT coalesce(json_agg(held)::text, '[]') FROM {table} held")
            found[table] = json.loads(cursor.fetchone()[0])
    return found


def insertion(table: str, new: list[dict[str, Any]], using: BaseDatabaseWrapper | None = None) -> str:
    columns = ", ".join(f'"{column}"' for column in new[0])
    values = sql.Literal(json.dumps(new, ensure_ascii=False)).as_string((using or connection).connection)
    return f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, {values})"
