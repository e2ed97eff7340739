"""Lets the suite empty the log between tests: the triggers rest while Django flushes as the owner."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

LOG = ("audit_event", "audit_leaf", "audit_seal")


@pytest.fixture(autouse=True, scope="session")
def _flush_empties_the_log() -> Iterator[None]:
    original = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
        log = [table for table in LOG if table in tables]
        return [
            *(f"ALTER TABLE {table} DISABLE TRIGGER USER;" for table in log),
            *original(self, style, tables, **options),
            *(f"ALTER TABLE {table} ENABLE TRIGGER USER;" for table in log),
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield
