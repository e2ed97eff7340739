"""Restoring: what is refused, what a failure leaves behind, what is found out afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker, Settings

from accounts.operator import EXIT_FAULTS
from audit.models import Event
from documents import tasks
from documents.models import StoredBlob
from intake.models import Blob
from portal.backup import catalogue, restoring
from portal.embedded import translations
from tests.documents.acting import hand_over
from tests.emptied import EMPTIED
from tests.portal.backing_up import (
    LONG,
    blobs_in,
    case_with_files,
    execute,
    manifest_of,
    new_database,
    refused,
    run,
    sealed_log,
)
from tests.world import as_owner, build
from vault.blobs import names
from vault.keys import forget
from vault.providers import FileProvider

translations.compile_changed()
pytestmark = pytest.mark.django_db  # the suite's database is made for whoever asks for it by this mark


@pytest.fixture
def _django_db_helper() -> None:
    """In place of pytest-django's: the tests here touch no database but their own, so there is nothing to undo."""


@pytest.fixture(scope="module")
def backup(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a small world, taken once; the world itself is gone."""
    folder = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), blobs_in(folder / "blobs"):
        patch.setattr(tasks.process, "delay", lambda _version: None)
        world = build()
        hand_over(world, world.official, LONG, name="記録.txt")
        case_with_files()
        sealed_log()
        run("backup", folder / "a.backup")
        EMPTIED.restore()
        forget()
    return folder / "a.backup"


@dataclass
class Place:
    """A backup, and an empty database and folder to restore it into."""

    backup: Path
    blobs: Path

    def is_untouched(self) -> bool:
        ((tables,),) = execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        return tables == 0 and [path for path in self.blobs.rglob("*") if path.is_file()] == []


@pytest.fixture
def place(backup: Path, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Place]:
    with django_db_blocker.unblock(), blobs_in(tmp_path / "second") as blobs, new_database():
        yield Place(backup, blobs)


def test_a_damaged_backup_is_refused_before_anything_is_written(place: Place, tmp_path: Path) -> None:
    whole = place.backup.read_bytes()
    middle = len(whole) // 2
    for altered in (whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :], whole[:-1], whole[:middle]):
        (tmp_path / "b.backup").write_bytes(altered)
        assert "damaged, cut short or altered" in refused("restore", tmp_path / "b.backup")
        assert place.is_untouched()


def test_under_another_root_key_nothing_is_restored(place: Place, tmp_path: Path, settings: Settings) -> None:
    settings.VAULT_ROOT_KEY_FILE = tmp_path / "another.key"
    forget()
    said = refused("restore", place.backup)
    assert "ルート鍵のファイル" in said  # there is none at all
    FileProvider.create(tmp_path / "another.key")
    forget()
    assert "does not open under the present root key" in refused("restore", place.backup)
    assert place.is_untouched()


def test_only_empty_places_take_a_backup(place: Place) -> None:
    execute("CREATE TABLE there (id integer)")
    assert "The database is not empty" in refused("restore", place.backup)
    execute("DROP TABLE there")
    (place.blobs / "ab").mkdir(parents=True)
    (place.blobs / "ab" / "there").write_text("mine")
    assert "The blob storage is not empty (ab/there)" in refused("restore", place.backup)
    (place.blobs / "ab" / "there").unlink()
    assert place.is_untouched()
    run("restore", place.backup)
    assert "The database is not empty" in refused("restore", place.backup)


def test_another_version_of_the_program_does_not_restore_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    known = restoring.known_migrations()
    for other in (known | {("documents", "0099_later")}, known - {("documents", "0001_initial")}):
        monkeypatch.setattr(restoring, "known_migrations", lambda other=other: other)
        assert "another version of the program (documents.0" in refused("restore", place.backup)
    assert place.is_untouched()


def test_roles_that_could_pass_over_the_policies_are_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "ROLES", {"app": "portal_app", "worker": "postgres", "intake": "portal_nobody"})
    assert "portal_nobody, postgres are missing or hold too much" in refused("restore", place.backup)
    assert place.is_untouched()


def test_a_restore_that_fails_leaves_both_places_empty(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    original = restoring.postgres.restore

    def into_a_taken_name(using: str, pieces: Any) -> None:
        execute("CREATE VIEW accounts_person AS SELECT 1 AS id")
        try:
            original(using, pieces)
        finally:
            execute("DROP VIEW accounts_person")

    with monkeypatch.context() as patch:
        patch.setattr(restoring.postgres, "restore", into_a_taken_name)
        said = refused("restore", place.backup)
    assert "pg_restore could not restore the database" in said
    assert "already exists" in said
    assert place.is_untouched()
    monkeypatch.setattr(restoring.storage(), "_save", full)
    assert "no space left" in refused("restore", place.backup)
    assert place.is_untouched()


def full(name: str, _content: Any) -> str:
    if name == restoring.NOTE:
        return name
    raise OSError(28, "No space left on device")


class Killed(BaseException):
    """Nobody catches it, and nothing tidies up after it."""


def test_a_restore_that_was_killed_is_begun_anew(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(restoring.postgres, "restore", killed)
        patch.setattr(restoring, "_still_empty", lambda: False)
        with pytest.raises(Killed):
            run("restore", place.backup)
    assert len(list(names())) == 4
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "install", killed)
        with pytest.raises(Killed):  # this time with the database already filled
            run("restore", place.backup)
    assert (place.blobs / restoring.NOTE).exists()
    said = run("restore", place.backup)
    assert "2 files opened" in said
    assert "2 files of cases checked" in said
    assert not (place.blobs / restoring.NOTE).exists()


def test_a_restored_database_that_is_open_is_said_to_be(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    original = restoring.install

    def and_open(**options: Any) -> None:
        original(**options)
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE documents_document DISABLE ROW LEVEL SECURITY")
            cursor.execute("CREATE POLICY all_see ON documents_version FOR SELECT TO portal_app USING (true)")
            cursor.execute("GRANT SELECT ON clearance_granttable TO portal_app")
            cursor.execute("DELETE FROM documents_processing")

    with monkeypatch.context() as patch:
        patch.setattr(restoring, "install", and_open)
        said = refused("restore", place.backup, code=EXIT_FAULTS)
    for fault in ("(row security)", "(policies)", "(privileges)", "documents_processing: 1 → 0"):
        assert fault in said, fault
    opened = ("clearance_granttable", "documents_document", "documents_rendition", "documents_version")
    assert f"anybody sees ({', '.join(opened)})" in said
    assert "5 things are not as in the backup" in said
    with as_owner():
        assert Event.objects.get(act="backup.restore").detail["findings"] == 5
    assert (place.blobs / restoring.NOTE).exists()  # not done with


def test_a_log_and_a_file_that_changed_are_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    original, changed = restoring.install, list[str]()

    def and_bend(**options: Any) -> None:
        original(**options)
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
            cursor.execute("UPDATE audit_event SET target_type = 'altered'")
            cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")
        for model in (StoredBlob, Blob):
            with as_owner():
                first, second = (place.blobs / row.name for row in model.objects.order_by("name"))
            first.write_bytes(first.read_bytes()[:-1])
            second.unlink()
            changed.append(first.name)

    monkeypatch.setattr(restoring, "install", and_bend)
    said = refused("restore", place.backup, code=EXIT_FAULTS)
    assert "faults; see manage.py audit_verify" in said
    assert "Files do not open" in said
    assert "Files that were restored are not there" in said
    assert "Files of cases that were restored are not there (1: " in said
    assert f"Files of cases were altered or cut short (1: {changed[1][:2]}/{changed[1]})" in said
    assert "0 files of cases checked" in said


def test_only_deep_reads_what_lies_between_a_file_s_ends(place: Place) -> None:
    run("restore", place.backup)
    largest = max((path for path in place.blobs.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.write_bytes(bytes(content))
    with as_owner():
        drawing = place.blobs / Blob.objects.order_by("name")[0].name
    content = bytearray(drawing.read_bytes())
    content[len(content) // 2] ^= 1
    drawing.write_bytes(bytes(content))
    # What a killed attempt leaves: the next one goes on with the checks.
    (place.blobs / restoring.NOTE).write_text(manifest_of(place.backup).id)
    said = refused("restore", place.backup, "--deep", code=EXIT_FAULTS)
    assert "Files do not open" in said
    assert "Files of cases were altered or cut short (1: " in said
    assert "1 files of cases checked" in said
    assert "2 files opened" in run("restore", place.backup)
