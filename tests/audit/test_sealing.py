"""Sealing: every event once, in one order, by one sealer at a time, whatever its date says."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connections, transaction
from django.utils import timezone

from audit import merkle
from audit.acts import Act
from audit.encoding import hash_of, row_of
from audit.heads import BEFORE_THE_FIRST, Head
from audit.models import Event, Leaf, Seal
from audit.sealing import LOCK, key_id, seal
from audit.services import record
from tests.audit.conftest import START, Someone, checked, event_at, happen, sealed, sign, sql
from tests.world import as_role

SECOND = timedelta(seconds=1)


def seals() -> list[Seal]:
    with as_role("portal_owner"):
        return list(Seal.objects.order_by("tree_size"))


def order() -> list[int]:
    with as_role("portal_owner"):
        return list(Leaf.objects.order_by("seq").values_list("seq", flat=True))


@pytest.mark.django_db
def test_each_event_gets_the_next_place_and_each_batch_a_signed_head(log: None) -> None:
    assert order() == list(range(20))
    made = seals()
    assert [each.tree_size for each in made] == [5, 13, 14, 20]
    assert [len(each.leaves) // 32 for each in made] == [5, 8, 1, 6]
    hashes = [hash_of(row_of(event_at(seq))) for seq in range(20)]
    before = BEFORE_THE_FIRST
    for each in made:
        assert bytes(each.root_hash) == merkle.root(merkle.extend(0, (), hashes[: each.tree_size]))
        assert bytes(each.previous) == before
        assert bytes(each.signature) == sign(Head.of(each).statement)
        before = Head.of(each).digest


@pytest.mark.django_db
def test_sealing_again_changes_nothing(log: None) -> None:
    assert sealed(START + 5 * SECOND) == 0
    assert len(seals()) == 4
    assert order() == list(range(20))


@pytest.mark.django_db
def test_nothing_to_seal_makes_no_seal() -> None:
    assert sealed() == 0
    assert seals() == []


@pytest.mark.django_db
def test_more_than_a_batch_is_sealed_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.sealing.BATCH", 4)
    happen(10)
    assert sealed() == 10
    assert [each.tree_size for each in seals()] == [4, 8, 10]


@pytest.mark.django_db
def test_a_straggler_is_sealed_by_the_sweep_that_reaches_it(log: None) -> None:
    happen(1, START - timedelta(minutes=10))
    now = START + 10 * SECOND
    assert sealed(now, reach=timedelta(minutes=1)) == 0
    assert sealed(now, reach=timedelta(hours=1)) == 1
    happen(1, START - timedelta(days=10))
    assert sealed(now, reach=timedelta(hours=1)) == 0
    assert sealed(now) == 1
    assert order() == list(range(22))


@pytest.mark.django_db
def test_reach_counts_from_the_last_seal_so_that_a_pause_loses_nothing(log: None) -> None:
    happen(2, START + timedelta(hours=5))
    assert sealed(START + timedelta(hours=9), reach=timedelta(minutes=1)) == 2


@pytest.mark.django_db
def test_what_is_dated_after_its_seal_gets_no_second_place(log: None) -> None:
    """Its place is before those that the next run takes off at once."""
    happen(3, START + timedelta(minutes=20))
    assert sealed(START + timedelta(minutes=1)) == 3
    happen(1, START + timedelta(minutes=15))
    assert sealed(START + timedelta(minutes=15), reach=timedelta(minutes=1)) == 1
    happen(2, START + timedelta(minutes=16))
    assert sealed(START + timedelta(minutes=16), reach=timedelta(minutes=1)) == 2
    assert order() == list(range(26))


@pytest.mark.django_db
def test_a_clock_set_back_does_not_set_the_log_back(log: None) -> None:
    happen(1, START + 4 * SECOND)
    assert sealed(START - timedelta(days=1)) == 1
    last = seals()[-1]
    assert last.at == seals()[-2].at
    assert bytes(last.signature) == sign(Head.of(last).statement)


@pytest.mark.django_db
def test_a_seal_of_a_clock_that_ran_ahead_hides_nothing_from_the_next(log: None) -> None:
    happen(1, START + 4 * SECOND)
    assert sealed(START + timedelta(hours=1), reach=timedelta(minutes=1)) == 1
    happen(1, START + 6 * SECOND)
    assert sealed(START + 7 * SECOND, reach=timedelta(minutes=1)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("hours", [-2, 2])
def test_a_server_whose_clock_is_wrong_leaves_nothing_that_looks_put_in(hours: int) -> None:
    now = timezone.now()
    for wrong in (0, hours, 0):
        with time_machine.travel(now + timedelta(hours=wrong)), as_role("portal_worker"):
            record(actor=Someone(), act=Act.DOCUMENT_OPEN, target_type="document", target_id=uuid4())
            assert seal(sign=sign, reach=timedelta(minutes=1)) == 1
    assert checked(at=timezone.now()).findings == []


@pytest.mark.django_db
def test_a_failed_signature_seals_nothing() -> None:
    def broken(data: bytes) -> bytes:
        raise RuntimeError("no key")

    happen(3)
    with pytest.raises(RuntimeError), as_role("portal_worker"):
        seal(sign=broken, at=START)
    assert (seals(), order()) == ([], [])
    assert sealed() == 3


@pytest.mark.django_db
def test_the_seal_names_the_key() -> None:
    happen(1)
    with as_role("portal_worker"):
        seal(sign=sign, at=START, public_key=lambda: b"public")
    assert seals()[0].key_id == key_id(b"public")
    assert len(key_id(b"public")) == 16


@pytest.mark.django_db(transaction=True)
def test_a_second_sealer_steps_back() -> None:
    happen(3)
    connection = connections["owner"]
    with transaction.atomic(using="owner"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        assert sealed() == 0
    assert sealed() == 3


@pytest.mark.django_db(transaction=True)
def test_sealers_at_once_give_each_event_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.sealing.BATCH", 7)
    happen(60)
    counts: list[int] = []

    def work() -> None:
        try:
            counts.extend(seal(sign=sign, at=START, using="owner") for _ in range(5))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    sealed()
    assert sum(counts) <= 60
    assert order() == list(range(60))
    with as_role("portal_owner"):
        assert Event.objects.count() == 60
        assert sql("SELECT count(DISTINCT event_id) FROM audit_leaf") == [(60,)]
