"""Marking keys and item keys: what they are bound to, and that two who make one at the same moment agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import TestCase
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from tests.world import as_owner
from vault import Unreadable, keys
from vault.binding import bind
from vault.keys import Label, Shelf
from vault.models import MarkingKey
from vault.providers import FileProvider, KeyProviderUnavailable

LABEL = Label("HI//SEMICON", 2, 1, -1)
ROW = bind("row", "documents_document", "1")


def wrapped(label: Label = LABEL) -> tuple[bytes, bytes, int]:
    key = keys.new_item_key()
    return key, *keys.wrap_item_key(key, label=label, binding=ROW)


@pytest.mark.django_db
def test_an_item_key_opens_for_its_row_and_label() -> None:
    key, blob, version = wrapped()
    assert version == 1
    assert key not in blob
    assert keys.unwrap_item_key(blob, version, label=LABEL, binding=ROW) == key


@pytest.mark.django_db
@pytest.mark.parametrize(
    "label",
    [
        replace(LABEL, level=1),
        replace(LABEL, comp_mask=0),
        replace(LABEL, comp_mask=3),
        replace(LABEL, release_mask=1),
        replace(LABEL, text="HI//BATTERY"),
        replace(LABEL, text="HI"),
    ],
    ids=["lower level", "no compartment", "other compartments", "wider release", "other marking", "never used"],
)
def test_an_edited_label_makes_the_key_unreadable(label: Label) -> None:
    _, blob, version = wrapped()
    keys.wrap_item_key(keys.new_item_key(), label=replace(LABEL, text="HI//BATTERY"), binding=ROW)
    with pytest.raises(Unreadable):
        keys.unwrap_item_key(blob, version, label=label, binding=ROW)


@pytest.mark.django_db
def test_an_item_key_moved_to_another_row_is_unreadable() -> None:
    _, blob, version = wrapped()
    with pytest.raises(Unreadable):
        keys.unwrap_item_key(blob, version, label=LABEL, binding=bind("row", "documents_document", "2"))
    with pytest.raises(Unreadable):
        keys.unwrap_item_key(blob, version + 1, label=LABEL, binding=ROW)


@pytest.mark.django_db
def test_every_altered_byte_of_a_wrapped_item_key_is_noticed() -> None:
    _, blob, version = wrapped()
    for place in range(len(blob)):
        altered = bytearray(blob)
        altered[place] ^= 0x80
        with pytest.raises(Unreadable):
            keys.unwrap_item_key(bytes(altered), version, label=LABEL, binding=ROW)
    for length in range(len(blob)):
        with pytest.raises(Unreadable):
            keys.unwrap_item_key(blob[:length], version, label=LABEL, binding=ROW)


@pytest.mark.django_db
def test_a_marking_key_row_cannot_be_passed_off_as_anothers() -> None:
    wrapped(LABEL)
    wrapped(replace(LABEL, text="PUBLIC"))
    public = MarkingKey.objects.get(marking="PUBLIC")
    with as_owner():
        MarkingKey.objects.filter(marking=LABEL.text).update(wrapped=public.wrapped)
    with pytest.raises(Unreadable), another_process():
        keys.wrap_item_key(keys.new_item_key(), label=LABEL, binding=ROW)


@contextmanager
def another_process() -> Iterator[None]:
    """Without the keys that this test's transaction made and still holds."""
    hooks, connection.run_on_commit = connection.run_on_commit, []
    keys.forget()
    yield
    connection.run_on_commit = hooks


@pytest.mark.django_db
def test_a_destroyed_key_opens_nothing_and_a_retired_one_still_does() -> None:
    key, blob, version = wrapped()
    change(retired=timezone.now())
    keys.forget()
    with another_process():
        assert keys.unwrap_item_key(blob, version, label=LABEL, binding=ROW) == key
        assert keys.wrap_item_key(key, label=LABEL, binding=ROW)[1] == 2
        change(destroyed=timezone.now(), wrapped=b"")
        keys.forget()
        with pytest.raises(Unreadable):
            keys.unwrap_item_key(blob, version, label=LABEL, binding=ROW)


def change(**columns: Any) -> None:
    with as_owner():
        MarkingKey.objects.filter(marking=LABEL.text, version=1).update(**columns)


@pytest.mark.django_db
def test_keys_are_asked_for_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    wrapped()
    keys.forget()
    with another_process():
        wrapped()
        with django_assert_num_queries(0):
            for _ in range(50):
                _, blob, version = wrapped()
                keys.unwrap_item_key(blob, version, label=LABEL, binding=ROW)


@pytest.mark.django_db
def test_a_key_made_in_this_transaction_is_used_in_it_without_further_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    wrapped()
    with django_assert_num_queries(0):
        _, blob, version = wrapped()
        keys.unwrap_item_key(blob, version, label=LABEL, binding=ROW)


@pytest.mark.django_db
def test_a_key_whose_row_was_rolled_back_is_forgotten() -> None:
    with transaction.atomic():
        _, blob, version = wrapped()
        transaction.set_rollback(True)
    assert not MarkingKey.objects.filter(marking=LABEL.text).exists()
    with pytest.raises(Unreadable):
        keys.unwrap_item_key(blob, version, label=LABEL, binding=ROW)
    wrapped()
    assert MarkingKey.objects.filter(marking=LABEL.text).count() == 1


@pytest.mark.django_db
def test_a_tests_own_commit_hooks_do_not_teach_the_process_a_lost_key() -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        wrapped()
    assert not [held for shelf in Shelf.all for held in shelf._held if held == (LABEL.text, 1)]


@pytest.mark.django_db(transaction=True)
def test_a_committed_key_stays_in_memory(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with transaction.atomic():
        wrapped()
    wrapped()
    with django_assert_num_queries(0):
        wrapped()


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Each in a thread with a connection of its own, all starting together."""
    barrier = Barrier(count)

    def one(number: int) -> Any:
        try:
            barrier.wait()
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
def test_many_who_first_use_a_marking_at_once_make_one_key() -> None:
    for text in ("HI//A", "HI//B", "HI//C"):
        label = replace(LABEL, text=text)
        made = at_once(8, partial(_in_transaction, label))
        keys.forget()
        assert MarkingKey.objects.filter(marking=text).count() == 1
        for key, blob, version in made:
            assert keys.unwrap_item_key(blob, version, label=label, binding=ROW) == key


def _in_transaction(label: Label, _number: int) -> tuple[bytes, bytes, int]:
    with transaction.atomic():
        return wrapped(label)


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_for_a_maker_that_gives_up_makes_the_key() -> None:
    inserted = Barrier(2)

    def work(number: int) -> tuple[bytes, bytes, int] | None:
        if number == 0:
            with transaction.atomic():
                wrapped()
                inserted.wait()
                transaction.set_rollback(True)
            return None
        inserted.wait()
        with transaction.atomic():
            return wrapped()

    _, made = at_once(2, work)
    keys.forget()
    key, blob, version = made
    assert MarkingKey.objects.filter(marking=LABEL.text).count() == 1
    assert keys.unwrap_item_key(blob, version, label=LABEL, binding=ROW) == key


@pytest.mark.django_db
def test_check_notices_a_database_of_another_root_key(root_key: Path, tmp_path: Path, settings: Any) -> None:
    keys.check()
    wrapped()
    keys.check()
    FileProvider.create(tmp_path / "other.key")
    settings.VAULT_ROOT_KEY_FILE = tmp_path / "other.key"
    keys.forget()
    with pytest.raises(KeyProviderUnavailable, match="別のルート鍵"):
        keys.check()


def test_the_cache_is_bounded_and_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf: Shelf[int, int] = Shelf(limit=3)
    for number in range(5):
        shelf.put(number, number)
    assert [shelf.get(number) for number in range(5)] == [None, None, 2, 3, 4]
    monkeypatch.setattr(keys, "CACHE_SECONDS", -1)
    shelf.put(9, 9)
    assert shelf.get(9) is None


parts = st.lists(st.one_of(st.text(), st.binary()), max_size=5)


@given(parts, parts)
def test_different_parts_never_bind_to_the_same_bytes(first: list[Any], second: list[Any]) -> None:
    as_bytes = [[p if isinstance(p, bytes) else p.encode() for p in side] for side in (first, second)]
    assert (bind("x", *first) == bind("x", *second)) == (as_bytes[0] == as_bytes[1])
