"""The log only grows: for the roles that own nothing by privilege and policy, for the owner by trigger."""

import pytest
from django.db import ProgrammingError
from django.db.utils import DatabaseError

from audit.models import Event
from tests.audit.conftest import START, happen, sql
from tests.world import as_role

pytestmark = pytest.mark.django_db

CHANGES = (
    "UPDATE audit_event SET act = 'document.list'",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event",
    "UPDATE audit_leaf SET seq = seq + 1",
    "DELETE FROM audit_leaf",
    "TRUNCATE audit_leaf",
    "UPDATE audit_seal SET key_id = ''",
    "DELETE FROM audit_seal",
    "TRUNCATE audit_seal",
    "UPDATE audit_event SET act = act WHERE false",
)


@pytest.mark.parametrize("role", ["portal_app", "portal_worker", "portal_intake", "portal_owner"])
@pytest.mark.parametrize("change", CHANGES)
def test_no_role_changes_the_log(log: None, role: str, change: str) -> None:
    with pytest.raises(ProgrammingError) as refusal, as_role(role):
        sql(change)
    expected = "the log only grows" if role == "portal_owner" else "permission denied"
    assert expected in str(refusal.value)


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO audit_leaf (seq, event_id) VALUES (99, gen_random_uuid())",
        "INSERT INTO audit_seal SELECT * FROM audit_seal",
        "DROP TABLE audit_event",
        "ALTER TABLE audit_event DISABLE TRIGGER USER",
        "ALTER TABLE audit_event DISABLE ROW LEVEL SECURITY",
        "DROP FUNCTION audit_refuse_change CASCADE",
    ],
)
def test_the_web_role_neither_seals_nor_disarms(log: None, change: str) -> None:
    with pytest.raises(ProgrammingError), as_role("portal_app"):
        sql(change)


def test_the_web_role_writes_and_reads_nothing_without_the_duty() -> None:
    happen(3)
    assert Event.objects.count() == 0
    with as_role("portal_owner"):
        assert Event.objects.count() == 3


def test_the_intake_neither_writes_nor_reads() -> None:
    with pytest.raises(ProgrammingError), as_role("portal_intake"):
        happen(1)
    with pytest.raises(ProgrammingError), as_role("portal_intake"):
        Event.objects.count()


@pytest.mark.parametrize("fields", [{"level": -1}, {"label": "a\0b"}])
def test_the_database_refuses_what_no_event_can_be(fields: dict[str, object]) -> None:
    with pytest.raises((DatabaseError, ValueError)), as_role("portal_app"):
        happen(1, START, **fields)
