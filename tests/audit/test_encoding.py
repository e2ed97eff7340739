"""The canonical text is JSON with sorted keys, whoever builds it; the database's own text gives the same hash."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import merkle
from audit.encoding import COLUMNS, canonical, hash_of, moment, row_of, subject
from audit.models import Event
from tests.audit.conftest import happen, sql
from tests.world import as_role

text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
scalar = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), text)


@st.composite
def an_event(draw: st.DrawFn) -> Event:
    return Event(
        id=UUID(int=draw(st.integers(0, 2**128 - 1))),
        at=draw(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones())),  # noqa: DTZ001
        person_id=draw(st.none() | st.uuids()), organisation_id=draw(st.none() | st.uuids()),
        act=draw(text), target_type=draw(text), target_id=draw(text), label=draw(text),
        level=draw(st.integers(0, 4)), detail=draw(st.dictionaries(text, scalar, max_size=4)),
    )  # fmt: skip


@given(an_event())
def test_the_canonical_text_is_sorted_json(event: Event) -> None:
    about = {
        "detail": event.detail, "label": event.label, "salt": str(event.salt), "target_id": event.target_id,
    }  # fmt: skip
    plain = {
        "id": str(event.id),
        "at": event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "person_id": str(event.person_id) if event.person_id else None,
        "organisation_id": str(event.organisation_id) if event.organisation_id else None,
        "act": event.act, "target_type": event.target_type, "level": event.level,
        "subject": sha256(as_json(about).encode()).hexdigest(),
    }  # fmt: skip
    assert subject(row_of(event)) == as_json(about)
    assert canonical(row_of(event)) == as_json(plain)
    assert hash_of(row_of(event)) == merkle.leaf_hash(as_json(plain).encode())


def as_json(what: dict[str, object]) -> str:
    return json.dumps(what, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_two_events_that_say_the_same_have_no_hash_in_common() -> None:
    """Or whoever may see one could tell what the other says."""
    one, other = (Event(at=datetime(2026, 11, 22, tzinfo=UTC), label="HI", level=2) for _ in range(2))
    assert subject(row_of(one)) != subject(row_of(other))
    assert one.salt != other.salt


def test_times_sort_as_their_text() -> None:
    times = [datetime(2026, 11, 22, 9, 0, 0, microsecond, UTC) for microsecond in (0, 1, 10, 999_999)]
    assert sorted(map(moment, times)) == [moment(each) for each in times]


@pytest.mark.django_db
def test_the_database_and_the_orm_give_the_same_hash() -> None:
    happen(3, label='秘 "文書"\t\\n', detail={"bb": "é\n", "a": 10**15, "c": None, "d": True})
    with as_role("portal_owner"):
        read = sql(f"SELECT e.id::text, {COLUMNS} FROM audit_event e ORDER BY e.id")
        events = list(Event.objects.order_by("id"))
    assert [hash_of(row) for row in read] == [hash_of(row_of(event)) for event in events]
