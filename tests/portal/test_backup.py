"""The drill: a backup taken while people write, restored elsewhere, and read there as the people concerned."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Session
from accounts.operator import EXIT_FAULTS
from audit.models import Event
from documents import tasks
from documents.models import Document, StoredBlob, Version
from intake.models import Blob
from portal.backup import taking
from portal.embedded import translations
from tests.documents.acting import TEXT, body, hand_over, newest_version
from tests.portal.backing_up import LONG, blobs_in, case_with_files, manifest_of, new_database, refused, run, sealed_log
from tests.world import World, as_owner, build
from vault.blobs import delete
from vault.keys import forget

translations.compile_changed()
pytestmark = pytest.mark.django_db(transaction=True)
ClientFor = Callable[..., Client]


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(tasks.process, "delay", lambda _version: None)
    with blobs_in(tmp_path / "blobs") as folder:
        yield folder


@dataclass(eq=False)
class Writer(threading.Thread):
    """Hands over documents and seals the log for as long as it is let, as the web and the worker do."""

    world: World
    made: list[Document] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.stopped = threading.Event()

    def run(self) -> None:
        try:
            while not self.stopped.is_set():
                self.made.append(hand_over(self.world, self.world.official, TEXT))
                sealed_log()
        except BaseException as error:  # noqa: BLE001 -- told in the test's own thread
            self.failures.append(error)
        finally:
            connections.close_all()

    def writes(self, more: int) -> None:
        """Wait until it has made so many more."""
        enough = len(self.made) + more
        while self.is_alive() and len(self.made) < enough:
            self.stopped.wait(0.01)

    def __enter__(self) -> Writer:
        self.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self.stopped.set()
        self.join(30)


@pytest.mark.slow
def test_what_people_wrote_comes_back_and_is_closed_as_before(
    tmp_path: Path, client_for: ClientFor, blobs: Path
) -> None:
    world, backup = build(), tmp_path / "monday.backup"
    early = [hand_over(world, world.official, LONG, name="記録.txt", title=f"記録{n}") for n in range(3)]
    drawings = {name: (blobs / name).read_bytes() for name in case_with_files()}
    client_for(world.engineer)
    sealed_log()
    with Writer(world) as writer:
        writer.writes(3)
        said = run("backup", backup)
        writer.writes(2)
    assert writer.failures == []
    assert "the backup is" in said
    manifest = manifest_of(backup)
    # The moment may lie between a version and its rendition.
    tables = ("documents_version", "documents_rendition", "intake_blob")
    assert manifest.blobs == sum(manifest.tables[table] for table in tables)
    assert manifest.tables["intake_blob"] == 2
    assert 6 <= manifest.tables["documents_version"] < 3 + len(writer.made)
    with as_owner():
        assert Event.objects.filter(act="backup.take", target_id=manifest.id).count() == 1
        assert Session.objects.exists()
    with blobs_in(tmp_path / "second"), new_database():
        said = run("restore", backup, "--deep")
        assert f"{manifest.blobs - 2:,} files opened" in said
        assert "2 files of cases checked as they are sealed" in said
        assert {name: (tmp_path / "second" / name).read_bytes() for name in drawings} == drawings
        for document in early:
            address = reverse("documents:download", args=[document.pk, 1])
            assert body(client_for(world.engineer).get(address)) == LONG
            for stranger in (world.outsider, world.expired):
                assert client_for(stranger).get(address).status_code == 404
        assert "異常はありません" in run("audit_verify", "--database=owner", "--grace=3600")
        assert read_by_the_web_role_in_nobodys_name() == []
        with as_owner():
            assert Document.objects.count() == manifest.tables["documents_document"]
            event = Event.objects.get(act="backup.restore")
            assert (event.target_id, event.person_id, event.detail["findings"]) == (manifest.id, None, 0)
            late = writer.made[-1]
            assert not Document.objects.filter(pk=late.pk).exists()
        sealed_log()  # the log goes on where the backup ended
        assert "異常はありません" in run("audit_verify", "--database=owner", "--grace=3600")
        assert hand_over(world, world.official, TEXT).pk
        assert list((tmp_path / "second").glob("restoring*")) == []


def read_by_the_web_role_in_nobodys_name() -> list[Any]:
    """Rows of what is marked, logged or registered, asked for without a context."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT id FROM documents_document UNION ALL SELECT id FROM audit_event "
            "UNION ALL SELECT id FROM clearance_authorisation"
        )
        return list(cursor.fetchall())


# --- taking one ---------------------------------------------------------------------------------------------------


def test_files_removed_and_files_lost_meanwhile_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = build()
    kept, gone, lost = (hand_over(world, world.official, LONG, name="記録.txt") for _ in range(3))
    names_of = {document.pk: newest_version(document).blob_id for document in (kept, gone, lost)}
    sealed_anew, lost_drawing, _kept = case_with_files(3)

    def erased() -> None:
        with as_owner():
            Version.objects.filter(document=gone).update(blob=StoredBlob.objects.create(name="another"))
            StoredBlob.objects.filter(name=names_of[gone.pk]).delete()
            Blob.objects.filter(name=sealed_anew).delete()

    for name in (names_of[lost.pk], names_of[gone.pk], sealed_anew, lost_drawing):
        delete(name)
    monkeypatch.setattr(taking.postgres, "dump", after(erased))
    said = refused("backup", tmp_path / "a.backup", code=EXIT_FAULTS)
    manifest = manifest_of(tmp_path / "a.backup")
    assert manifest.gone == [names_of[gone.pk], sealed_anew]
    assert manifest.missing == [names_of[lost.pk], lost_drawing]
    assert "2 files were removed meanwhile" in said
    assert names_of[lost.pk] in said
    assert lost_drawing in said
    with blobs_in(tmp_path / "second"), new_database():
        said = run("restore", tmp_path / "a.backup")
        assert "4 files opened, 4 not in the backup" in said
        assert "1 files of cases checked" in said


def after(happens: Callable[[], None]) -> Callable[..., Iterator[bytes]]:
    """The dump, and then what happens: on a thread of its own, as the rest of the portal is."""
    dump = taking.postgres.dump

    def dumped(*args: Any, **options: Any) -> Iterator[bytes]:
        yield from dump(*args, **options)

        def apart() -> None:
            happens()
            connections.close_all()

        thread = threading.Thread(target=apart)
        thread.start()
        thread.join()

    return dumped


def test_whatever_breaks_it_off_nothing_half_made_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    backup, unfinished = folder / "a.backup", folder / ".a.backup.unfinished"

    def left() -> list[str]:
        return sorted(path.name for path in folder.iterdir())

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    def told_to_end() -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(taking.os, "fsync", full)
        assert "There is no space left" in refused("backup", backup)
    assert left() == []

    with monkeypatch.context() as patch:
        patch.setattr(taking.postgres, "dump", after(told_to_end))
        assert "Stopped before the end" in refused("backup", backup)
    assert left() == []

    tools = tmp_path / "tools"
    tools.mkdir()
    settings.PG_BIN = str(tools)
    assert "pg_dump was not found" in refused("backup", backup)
    (tools / "pg_dump").write_text(
        "#!/bin/sh\necho half a dump\necho 'pg_dump: error: the server went away' >&2\nexit 1\n"
    )
    (tools / "pg_dump").chmod(0o755)
    said = refused("backup", backup)
    assert "pg_dump could not copy the database" in said
    assert "the server went away" in said
    assert left() == []
    settings.PG_BIN = ""

    unfinished.write_text("what a killed one has left")
    unfinished.chmod(0o644)
    with unfinished.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert "Another command is taking the backup" in refused("backup", backup)
    with as_owner():
        assert not Event.objects.filter(act="backup.take").exists()

    run("backup", backup)  # it takes the place of what a killed one has left
    assert left() == ["a.backup"]
    assert backup.stat().st_mode & 0o777 == 0o600
    kept = backup.read_bytes()
    assert "is there already" in refused("backup", backup)
    assert backup.read_bytes() == kept
    assert "does not exist" in refused("backup", folder / "none" / "a.backup")


def test_an_unreachable_database_and_a_lost_key_are_one_sentence_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    with monkeypatch.context() as patch:
        connections["owner"].close()
        patch.setitem(connections["owner"].settings_dict, "HOST", str(tmp_path))
        assert "The database cannot be reached" in refused("backup", tmp_path / "a.backup")
        connections["owner"].close()
    settings.VAULT_ROOT_KEY_FILE = tmp_path / "none.key"
    forget()
    assert "none.key" in refused("backup", tmp_path / "a.backup")
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []
