"""A new key for a marking: taken up while people read and write, after a kill too, and by nobody who tampered."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from audit.models import Event as AuditEvent
from tests.vault.letters.models import Enclosure, Letter
from tests.world import as_owner
from vault import keys, rotation
from vault.models import MarkingKey

TEXT = "HI//SEMICON"
ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


def letters(count: int) -> list[UUID]:
    rows = [Letter(title=f"題名{number}") for number in range(count)]
    Letter.objects.bulk_create(rows)
    return [row.pk for row in rows]


def versions() -> dict[int, int]:
    found: dict[int, int] = {}
    for version in Letter.objects.values_list("key_version", flat=True):
        found[version] = found.get(version, 0) + 1
    return found


def rotate(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_keys", "marking", *(arguments or (TEXT,)), stdout=out)
    return out.getvalue()


def everything_opens(expected: int) -> None:
    keys.forget()
    assert sorted(row.title for row in Letter.objects.all()) == sorted(f"題名{number}" for number in range(expected))


@contextmanager
def running(work: object) -> Iterator[None]:
    """`work(stop)` in a thread with its own connection, until the block ends; what it raises is raised here."""
    stop = Event()

    def repeat() -> None:
        try:
            while not stop.is_set():
                work()  # type: ignore[operator]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(repeat)
        try:
            yield
        finally:
            stop.set()
        done.result()


def test_every_row_of_the_marking_comes_under_the_new_key_and_no_other() -> None:
    letters(25)
    other = Letter(marking="HI//BATTERY", title="電池")
    other.save()
    said = rotate("--batch", "7", TEXT)
    assert "25 / 25" in said
    assert {row.key_version for row in Letter.objects.filter(marking=TEXT)} == {2}
    assert Letter.objects.get(pk=other.pk).key_version == 1
    old, new = MarkingKey.objects.filter(marking=TEXT).order_by("version")
    assert old.retired
    assert not new.retired
    other.delete()
    everything_opens(25)


def test_what_is_sealed_through_a_parent_still_opens() -> None:
    (key,) = letters(1)
    Enclosure(letter=Letter.objects.get(pk=key), name="添付").save()
    rotate()
    assert Enclosure.objects.select_related("letter").get().name == "添付"
    assert Letter.objects.get().key_version == 2


def test_people_read_and_write_meanwhile() -> None:
    count = 400
    ids = letters(count)
    written: list[UUID] = []

    def read() -> None:
        for key in ids[::40]:
            assert Letter.objects.get(pk=key).title.startswith("題名")

    def write() -> None:
        row = Letter(title="新しい")
        row.save()
        written.append(row.pk)
        changed = Letter.objects.get(pk=ids[len(written) % count])
        changed.body = "書き足し"
        changed.save()

    with running(read), running(write):
        for _turn in range(3):
            rotate("--batch", "25", TEXT)
    assert written
    rotate()
    keys.forget()
    assert all(row.title for row in Letter.objects.all())
    assert Letter.objects.filter(pk__in=written).count() == len(written)


def test_a_row_somebody_is_changing_is_passed_over_and_found_by_the_next_run() -> None:
    ids = letters(5)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Letter.objects.select_for_update().get(pk=ids[2])

        def elsewhere() -> str:
            try:
                return rotate()
            finally:
                connections.close_all()

        pool.submit(elsewhere).result(timeout=20)  # waits for nobody
    assert versions() == {1: 1, 2: 4}
    assert "続きから" in rotate()
    assert versions() == {2: 5}


def test_killed_in_the_middle_it_goes_on_where_it_was() -> None:
    count = 800
    letters(count)
    environment = {**os.environ, "ENTAKU_DB_NAME": connection.settings_dict["NAME"]}
    environment["DJANGO_SETTINGS_MODULE"] = "portal.settings.test"
    command = [sys.executable, "manage.py", "rotate_keys", "marking", "--batch", "5", TEXT]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        while process.poll() is None and not Letter.objects.filter(key_version=2).exists():
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    found = versions()
    assert found[1] > 0, "it was through before it could be killed"
    assert found[2] > 0
    everything_opens(count)
    assert "続きから" in rotate()
    assert versions() == {2: count}
    everything_opens(count)


def test_an_edited_row_is_named_and_not_made_readable() -> None:
    ids = letters(3)
    with as_owner():
        Letter.objects.filter(pk=ids[1]).update(level=0)
    with pytest.raises(CommandError, match="開けない"):
        rotate()
    assert versions() == {1: 1, 2: 2}
    assert Letter.objects.get(key_version=1).pk == ids[1]


def test_a_marking_without_a_key_is_told_apart() -> None:
    with pytest.raises(CommandError, match="つづり"):
        rotate("HI//NOWHERE")


def test_a_rotation_is_in_the_log() -> None:
    letters(2)
    rotate()
    with as_owner():
        event = AuditEvent.objects.get(act="key.rotate")
    assert event.label == TEXT
    assert event.detail == {"layer": "marking", "version": 2, "done": 2, "unreadable": 0}


def test_sealed_tables_are_found_in_every_app() -> None:
    names = {model._meta.label for model in rotation.sealed_models()}
    assert {"documents.Document", "dialogues.Message", "dialogues.Room", "vault_tests.Letter"} <= names
