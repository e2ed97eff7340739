"""A log to seal, bend and check: roles, a signer, and a tamperer with the owner's rights and the triggers off."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection

from audit import services
from audit.acts import Act
from audit.findings import Fault
from audit.heads import Head
from audit.models import Event
from audit.sealing import seal
from audit.services import record
from audit.verification import Report, check_log
from portal.embedded import translations
from tests.world import as_role

translations.compile_changed()  # findings are told in both languages, however the tests are started

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TABLES = ("audit_event", "audit_leaf", "audit_seal")


class Someone:
    """A signed-in actor."""

    def __init__(self) -> None:
        self.person_id: UUID | None = uuid4()
        self.organisation_id: UUID | None = uuid4()


def sign(data: bytes) -> bytes:
    return hmac.digest(b"the suite's key", data, "sha512")


def verify(data: bytes, signature: bytes) -> bool:
    return hmac.compare_digest(sign(data), signature)


@contextmanager
def tampering() -> Iterator[None]:
    """What a database administrator can do: change rows with the triggers off."""
    with as_role("portal_owner"):
        for table in TABLES:
            sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in TABLES:
            sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def sql(statement: str, *params: Any) -> list[tuple[Any, ...]]:
    """Run a statement on the web role's connection; the rows, where there are any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall()) if cursor.description else []


def happen(number: int, at: datetime = START, **fields: Any) -> None:
    """Record that many events, a millisecond apart by the database's clock."""
    for index in range(number):
        moment = at + timedelta(milliseconds=index)
        insert = services.INSERT.replace("clock_timestamp()", f"'{moment.isoformat()}'")
        with time_machine.travel(moment, tick=False), mock.patch.object(services, "INSERT", insert):
            record(actor=Someone(), act=Act.DOCUMENT_OPEN, target_type="document", target_id=uuid4(), **fields)


def sealed(at: datetime = START + timedelta(seconds=1), **options: Any) -> int:
    with as_role("portal_worker"):
        return seal(sign=sign, at=at, **options)


def checked(*earlier: Head, at: datetime | None = None, second: Sequence[Head] | None = None) -> Report:
    with as_role("portal_worker"), time_machine.travel(at or START + timedelta(minutes=30)):
        return check_log(verify=verify, earlier=earlier, second=second)


def faults(
    *earlier: Head, at: datetime | None = None, second: Sequence[Head] | None = None
) -> list[tuple[Fault, int | None]]:
    return [(finding.fault, finding.seq) for finding in checked(*earlier, at=at, second=second).findings]


def event_at(seq: int) -> Event:
    with as_role("portal_owner"):
        return Event.objects.get(pk=sql("SELECT event_id FROM audit_leaf WHERE seq = %s", seq)[0][0])


@pytest.fixture
def log(db: None) -> None:
    """Four seals: over 5, 8, 1 and 6 events, a second apart."""
    for second, number in enumerate((5, 8, 1, 6)):
        at = START + timedelta(seconds=second)
        happen(number, at, detail={"page": second})
        assert sealed(at + timedelta(milliseconds=900)) == number
