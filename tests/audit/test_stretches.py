"""Whoever hashes, this process or its helpers, the hashes and their order are the same; and no helper is left over."""

import multiprocessing

import pytest
from billiard.pool import Pool

from audit import reading, stretches
from audit.encoding import hash_of, row_of
from audit.findings import Fault
from audit.merkle import HASH_BYTES, pack
from audit.stretches import Chunk, dealt, helped, helpers_for
from tests.audit.conftest import START, event_at, faults, happen, sealed, sql, tampering

STOPS = [5, 13, 20]  # where the seals of `log` end


@pytest.fixture
def by_helpers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two helpers, whatever the machine and the log, and chunks of one seal."""
    monkeypatch.setattr("audit.verification.helpers_for", lambda _events: 2)
    monkeypatch.setattr("audit.reading.CHUNK", 1)


def here(stops: list[int]) -> list[Chunk]:
    return list(reading.chunks("default", 0, stops))


@pytest.mark.django_db
@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_helpers_give_what_this_process_gives(log: None, by_helpers: None, number: int) -> None:
    with tampering(), helped(number) as helpers:
        chunks = here(STOPS)
        found = [stretch for each in dealt(chunks, helpers) for stretch in each]
        expected = [
            pack([hash_of(row_of(event_at(seq))) for seq in range(a, b)]) for a, b in ((0, 5), (5, 13), (13, 20))
        ]
    assert len(chunks) == 3
    assert [stretch.hashes for stretch in found] == expected
    assert not multiprocessing.active_children()


@pytest.mark.django_db
def test_where_places_are_missing_the_others_stay_with_their_seal(log: None) -> None:
    with tampering():
        sql("DELETE FROM audit_leaf WHERE seq IN (0, 6, 7, 19)")
        sql("DELETE FROM audit_event WHERE id = (SELECT event_id FROM audit_leaf WHERE seq = 10)")
        (chunk,) = here(STOPS)
        found = stretches.stretches(chunk)
    assert [len(stretch.hashes) // HASH_BYTES for stretch in found] == [4, 5, 6]


@pytest.mark.django_db
def test_helpers_or_none_the_faults_are_the_same(log: None, by_helpers: None) -> None:
    happen(1, START.replace(year=2025))
    sealed(START.replace(minute=59))
    with tampering():
        sql("UPDATE audit_event SET label = 'x' WHERE id = (SELECT event_id FROM audit_leaf WHERE seq = 7)")
        sql("DELETE FROM audit_event WHERE id = (SELECT event_id FROM audit_leaf WHERE seq = 15)")
    assert faults() == [(Fault.ALTERED, 7), (Fault.REMOVED, 15), (Fault.MISDATED, 20)]


@pytest.mark.django_db
def test_no_helper_outlives_a_check_that_is_broken_off(log: None, by_helpers: None) -> None:
    def broken_off() -> None:
        with helped(2) as helpers:
            next(dealt(chunks, helpers))
            raise RuntimeError

    with tampering():
        chunks = here(STOPS)
    with pytest.raises(RuntimeError):
        broken_off()
    assert not multiprocessing.active_children()


def test_a_short_log_or_one_processor_takes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for processors, events, expected in ((1, 10**6, 0), (2, 10**6, 1), (8, 10**6, 2), (8, 1000, 0)):
        monkeypatch.setattr("os.sched_getaffinity", lambda _pid, number=processors: set(range(number)))
        assert helpers_for(events) == expected


def test_a_task_of_the_worker_takes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 1})
    with Pool(1) as pool:  # as Celery runs tasks: a process of its pool is refused children
        assert pool.apply(helpers_for, (10**6,)) == 0
