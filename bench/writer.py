"""One of those who write events at once: a process of its own, as `portal_app`, a transaction for each event."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import django
import psycopg
from django.db import connection, connections, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

PLAIN = """
INSERT INTO bench_plain (id, at, person_id, organisation_id, act, target_type, target_id, label, level, detail)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
ACT = "document.open"


class Somebody:
    """Whoever acts; made anew for each event, as for each request."""

    def __init__(self) -> None:
        self.person_id: UUID | None = uuid4()
        self.organisation_id: UUID | None = None


def by_the_product(number: int) -> None:
    """One event, as any service of the portal records it."""
    from audit.services import record

    with transaction.atomic():
        record(
            actor=Somebody(), act=ACT, target_type="documents.document", target_id=uuid4(),
            label="HI//SEMICON", level=2, detail={"version": 1, "page": number % 40},
        )  # fmt: skip


def plainly(number: int) -> None:
    """The same row over the same connection, and nothing else."""
    with transaction.atomic():
        somebody = Somebody()
        values = (
            uuid7(), timezone.now(), somebody.person_id, somebody.organisation_id, ACT,
            "documents.document", str(uuid4()), "HI//SEMICON", 2, json.dumps({"version": 1, "page": number % 40}),
        )  # fmt: skip
        raw: psycopg.Connection[Any] = connection.connection
        with psycopg.Cursor(raw) as cursor:
            cursor.execute(PLAIN, values)


WAYS: dict[str, Callable[[int], None]] = {"product": by_the_product, "plain": plainly}


def begin() -> None:
    """A process whose connections are its own."""
    django.setup()
    connections.close_all()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("portal_app",)


def write(way: str, begin: float, seconds: float) -> float:
    """How many a second this one wrote, from the moment `begin` on."""
    one = WAYS[way]
    one(0)
    time.sleep(max(0.0, begin - time.time()))
    begun, number = time.perf_counter(), 0
    while (taken := time.perf_counter() - begun) < seconds:
        number += 1
        one(number)
    return number / taken
