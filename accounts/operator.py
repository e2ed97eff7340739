"""What only the operator does, at the server: commands run with the owner's connection in place of the web role's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connections

OWNER = "owner"


@contextmanager
def as_owner() -> Iterator[None]:
    """Everything within, the log included, goes over the owner's connection. Raises CommandError without."""
    if OWNER not in connections.settings:
        raise CommandError(
            "所有者の接続が設定されていません（ENTAKU_DB_OWNER_PASSWORD）。 / The owner's connection is not configured."
        )
    web = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[OWNER]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = web
