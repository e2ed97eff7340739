"""The worker: nothing is lost, nothing is done twice, nothing bad gets through, leftovers go."""

from __future__ import annotations

import errno
import os
import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from clearance.context import acting
from documents import tasks
from documents.demo.pdf import pdf
from documents.kinds import Kind
from documents.models import Document, Problem, Processing, Rendition, State, StoredBlob, Version, Work
from documents.processing import checking, queue, run
from documents.services.receiving import ask_worker
from documents.services.withdrawing import withdraw
from tests.documents.acting import TEXT, as_worker, hand_over, newest_version, work
from tests.documents.test_pages import BROKEN
from tests.world import World, as_owner, being
from vault.providers import KeyProviderUnavailable

pytestmark = pytest.mark.django_db


def job(document: Document) -> Processing:
    with as_owner():
        return Processing.objects.get(document=document)


def ran(document: Document) -> None:
    version = newest_version(document).pk
    with as_worker():
        run.run(version)


def test_work_done_is_not_done_again(world: World) -> None:
    document = hand_over(world, world.official)
    with as_owner():
        drawn = Rendition.objects.get().pk
    for _again in range(2):
        ran(document)
    assert job(document).attempts == 1
    with as_owner():
        assert Rendition.objects.get().pk == drawn


def test_checking_twice_changes_nothing(world: World) -> None:
    document = hand_over(world, world.official)
    with as_owner():
        drawn = Rendition.objects.get().blob_id
        Processing.objects.update(done_at=None, due_at=timezone.now())
    ran(document)
    assert newest_version(document).state == State.READY
    with as_owner():
        assert Rendition.objects.get().blob_id == drawn


def test_work_in_somebodys_hand_is_left_alone_until_they_are_gone(world: World) -> None:
    document = hand_over(world, world.official, worked=False)
    waiting = job(document)
    with as_worker():
        assert queue.claim(waiting)
        assert not queue.claim(waiting)
    ran(document)
    assert newest_version(document).state == State.RECEIVED
    with as_worker():
        assert run.overdue() == []
        Processing.objects.update(due_at=timezone.now() - timedelta(minutes=3))
        assert run.overdue() == [waiting.version_id]
    ran(document)
    assert newest_version(document).state == State.READY


def test_an_emptied_broker_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [hand_over(world, world.official, worked=False) for _ in range(3)]
    asked: list[str] = []
    monkeypatch.setattr(tasks.process, "apply_async", lambda ids, **_: asked.append(*ids))
    with as_worker():
        Processing.objects.update(due_at=timezone.now() - timedelta(minutes=3))
        tasks.sweep()
        for version in asked:
            tasks.process(version)
    assert {UUID(version) for version in asked} == {newest_version(document).pk for document in documents}
    assert {newest_version(document).state for document in documents} == {State.READY}


def test_a_failing_attempt_is_laid_down_and_given_up_in_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    document = hand_over(world, world.official, worked=False)

    def fail(*_: object) -> None:
        raise OSError("no picture that can be drawn")  # without a number: a library's, about the file

    monkeypatch.setattr(checking, "by_content", fail)
    version = newest_version(document)
    for attempt in range(1, queue.MOST_ATTEMPTS + 1):
        with as_worker(), pytest.raises(OSError, match="picture"):
            run.run(version.pk)
        waiting = job(document)
        assert waiting.attempts == attempt
        assert waiting.due_at > timezone.now()  # after a pause
        with as_owner():
            Processing.objects.update(due_at=timezone.now())
    ran(document)
    version = newest_version(document)
    assert (version.state, version.problem) == (State.FAILED, Problem.GAVE_UP)
    assert job(document).done_at is not None


AWAY = {
    "keys": KeyProviderUnavailable(),
    "disk full": OSError(errno.ENOSPC, "No space left on device"),
    "disk broken": OSError(errno.EIO, "Input/output error"),
    "database": OperationalError("server closed the connection"),
}


@pytest.mark.parametrize("fault", AWAY.values(), ids=AWAY)
def test_what_is_away_counts_as_no_attempt_and_is_tried_again_soon(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    document = hand_over(world, world.official, worked=False)

    def away(*_: object) -> None:
        raise fault

    monkeypatch.setattr(run, "take_up", away)
    version = newest_version(document)
    with as_worker(), pytest.raises(type(fault)):
        run.run(version.pk)
    waiting = job(document)
    assert waiting.attempts == 0
    assert waiting.due_at < timezone.now() + timedelta(seconds=10)
    assert waiting.done_at is None


def test_who_was_killed_is_missed_within_seconds(world: World) -> None:
    document = hand_over(world, world.official, worked=False)
    with as_worker():
        assert queue.claim(job(document))  # and nothing more is heard
    assert job(document).due_at < timezone.now() + timedelta(seconds=5)
    assert timedelta(seconds=6) >= queue.LEASE + run.STALLED
    swept = settings.CELERY_BEAT_SCHEDULE["take up stalled documents"]["schedule"]
    assert swept <= 2


def test_who_takes_long_is_not_taken_for_dead(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    document = hand_over(world, world.official, worked=False)
    renewed = threading.Event()
    monkeypatch.setattr(queue, "RENEWED_EVERY", 0.01)
    monkeypatch.setattr(queue, "go_on", lambda work: renewed.set())
    with queue.in_hand(job(document)):
        assert renewed.wait(5)


def test_renewing_puts_the_end_of_the_claim_off(world: World) -> None:
    document = hand_over(world, world.official, worked=False)
    waiting = job(document)
    with as_worker():
        Processing.objects.update(due_at=timezone.now() - timedelta(minutes=3))
        queue.go_on(waiting)
        assert not queue.claim(waiting)
        queue.finish(waiting)
        queue.go_on(waiting)
    assert job(document).done_at is not None


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_wrong_clock_keeps_no_work_to_itself(world: World, hours: int) -> None:
    document = hand_over(world, world.official, worked=False)
    waiting = job(document)
    version = newest_version(document)
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        with as_worker():
            assert run.overdue() == []
            assert queue.claim(waiting)
            queue.lay_down(waiting, counted=False)
        with as_owner():
            ask_worker(version, Work.RESEAL)
    with as_owner():
        late = [abs(each.due_at - timezone.now()) for each in Processing.objects.all()]
    assert len(late) == 2
    assert max(late) < timedelta(minutes=1)


def test_a_long_queue_is_not_asked_for_over_and_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST_ASKED", 2)
    documents = [hand_over(world, world.official, worked=False) for _ in range(3)]
    with as_worker():
        for number, document in enumerate(documents):
            late = timezone.now() - timedelta(minutes=9 - number)
            Processing.objects.filter(document=document).update(due_at=late)
        assert run.overdue() == [newest_version(document).pk for document in documents[:2]]


def test_what_was_withdrawn_meanwhile_is_dropped(world: World) -> None:
    document = hand_over(world, world.official, worked=False)
    with being(world.official) as actor:
        withdraw(actor=actor, document=document)
    ran(document)
    assert job(document).done_at is not None
    assert newest_version(document).state == State.RECEIVED


def test_withdrawing_while_the_worker_draws_leaves_no_rendition(
    world: World, monkeypatch: pytest.MonkeyPatch, blobs: Path
) -> None:
    document = hand_over(world, world.official, worked=False)
    look = checking._look

    def look_and_withdraw(held: object) -> object:
        outcome = look(held)  # type: ignore[arg-type]
        with as_owner():
            Document.objects.update(withdrawn=True)
        return outcome

    monkeypatch.setattr(checking, "_look", look_and_withdraw)
    ran(document)
    with as_owner():
        assert not Rendition.objects.exists()
    assert len([path for path in blobs.rglob("*") if path.is_file()]) == 1


ALTERED = {
    "a flipped byte": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\0"),
    "a cut end": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "nothing left": lambda path: path.write_bytes(b""),
}


@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_what_is_not_stored_as_it_came_is_quarantined(world: World, blobs: Path, alter: object) -> None:
    document = hand_over(world, world.official, worked=False)
    alter(blobs / newest_version(document).blob_id)  # type: ignore[operator]
    ran(document)
    version = newest_version(document)
    assert (version.state, version.problem) == (State.QUARANTINED, Problem.ALTERED)


def test_a_lost_blob_fails_its_version(world: World, blobs: Path) -> None:
    document = hand_over(world, world.official, worked=False)
    (blobs / newest_version(document).blob_id).unlink()
    ran(document)
    version = newest_version(document)
    assert (version.state, version.problem) == (State.FAILED, Problem.MISSING)


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_pdf_that_cannot_be_drawn_can_still_be_taken(world: World, content: bytes) -> None:
    document = hand_over(world, world.official, content, name="a.pdf")
    version = newest_version(document)
    assert (version.state, version.problem, version.viewable) == (State.READY, Problem.NOT_DRAWN, False)


def test_what_only_begins_as_a_text_is_none(world: World) -> None:
    document = hand_over(world, world.official, TEXT * 500 + b"\0\1\2", name="a.txt")
    version = newest_version(document)
    assert (version.kind, version.state, version.viewable) == (Kind.OTHER, State.READY, False)
    with as_owner():
        assert Document.objects.get().kind == Kind.OTHER


def test_progress_is_shown_while_the_worker_is_at_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("documents.processing.at_hand.PROGRESS_SECONDS", 0.0)
    document = hand_over(world, world.official, pdf([["a"]] * 4), name="a.pdf", worked=False)
    seen: list[int] = []
    save = Version.save

    def spy(self: Version, **options: object) -> None:
        seen.append(self.percent)
        save(self, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Version, "save", spy)
    ran(document)
    assert seen == sorted(seen)
    assert len(seen) > 4
    assert seen[-1] == 100


def test_leftover_blobs_go_and_no_others(world: World, blobs: Path) -> None:
    document = hand_over(world, world.official)
    kept = {path for path in blobs.rglob("*") if path.is_file()}
    for name in ("ab/" + "ab" * 16, "cd/" + "cd" * 16):
        (blobs / name).parent.mkdir(exist_ok=True)
        (blobs / name).write_bytes(b"left")
    for path in [*kept, blobs / ("ab/" + "ab" * 16)]:
        os.utime(path, (0, 0))
    with as_worker():
        assert run.remove_orphans() == 1
    assert {path for path in blobs.rglob("*") if path.is_file()} == {*kept, blobs / ("cd/" + "cd" * 16)}
    ran(document)
    assert newest_version(document).ready


def test_the_database_forgets_no_blob_that_a_row_has(world: World) -> None:
    document = hand_over(world, world.official)
    name = newest_version(document).blob_id
    with as_worker(), transaction.atomic():
        StoredBlob.objects.filter(name=name)._raw_delete("default")
        with pytest.raises(DatabaseError, match="foreign key"):
            connection.check_constraints()
        transaction.set_rollback(True)


def test_the_worker_reaches_just_the_document_at_hand(world: World) -> None:
    first = hand_over(world, world.official, title="一つ目")
    hand_over(world, world.official, title="二つ目")
    with as_worker():
        assert not Document.objects.exists()
        with acting(items=[first.pk]):
            assert [document.pk for document in Document.objects.all()] == [first.pk]
    work()
