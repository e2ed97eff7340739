"""The drill: a backup taken while people write, restored elsewhere, and read there as the people concerned."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Session
from audit.models import Event
from documents import tasks
from documents.models import Document, StoredBlob, Version
from portal.backup import restoring
from portal.backup.checking import check_backup, open_backup
from portal.backup.manifest import Manifest
from portal.backup.telling import EXIT_FAULTS
from portal.embedded import translations
from portal.tasks import seal_audit_log
from tests.documents.acting import TEXT, body, hand_over, newest_version
from tests.portal.second_place import blob_storage, execute, new_database, working_on
from tests.world import World, as_owner, as_role, build
from vault.blobs import delete, names

translations.compile_changed()
pytestmark = pytest.mark.django_db(transaction=True)
ClientFor = Callable[..., Client]
SECOND = "entaku_restored"
LONG = b"0123456789abcdef" * 65_536  # 1 MiB: four chunks


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tasks.process, "delay", lambda _version: None)
    return into(tmp_path / "blobs", settings)


def into(folder: Path, settings: Settings) -> Path:
    """Let the blobs lie in that folder from now on."""
    settings.STORAGES = {**settings.STORAGES, "blobs": blob_storage(folder)}
    return folder


def run(command: str, *arguments: object) -> str:
    out = io.StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=out)
    except CommandError as error:
        raise AssertionError(f"{out.getvalue()}{error}") from error
    return out.getvalue()


def refused(command: str, *arguments: object, code: int = 1) -> str:
    """What the command says when it does not do what was asked, in both languages."""
    out = io.StringIO()
    with pytest.raises(CommandError) as failure:
        call_command(command, *map(str, arguments), stdout=out)
    said = str(failure.value)
    assert failure.value.returncode == code, said
    assert " / " in said.splitlines()[0]
    return out.getvalue() + said


def manifest_of(path: Path) -> Manifest:
    with path.open("rb") as file:
        return check_backup(open_backup(file), str(path)).manifest


def sealed_log() -> None:
    with as_role("portal_worker"):
        seal_audit_log()


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

    def __enter__(self) -> Writer:
        self.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self.stopped.set()
        self.join(30)


@pytest.mark.slow
def test_what_people_wrote_comes_back_and_is_closed_as_before(
    tmp_path: Path, settings: Settings, client_for: ClientFor
) -> None:
    world, backup = build(), tmp_path / "monday.backup"
    early = [hand_over(world, world.official, LONG, name="記録.txt", title=f"記録{n}") for n in range(3)]
    client_for(world.engineer)
    sealed_log()
    with Writer(world) as writer:
        while len(writer.made) < 3:
            pass
        said = run("backup", backup)
        during = len(writer.made)
        while len(writer.made) < during + 2:
            pass
    assert writer.failures == []
    assert "the backup is" in said
    manifest = manifest_of(backup)
    assert manifest.blobs == 2 * manifest.tables["documents_version"]
    assert 6 <= manifest.tables["documents_version"] < 3 + len(writer.made)
    with as_owner():
        assert Event.objects.filter(act="backup.take", target_id=manifest.id).count() == 1
        assert Session.objects.exists()
    into(tmp_path / "second", settings)
    with new_database(SECOND), working_on(SECOND):
        said = run("restore", backup, "--deep")
        assert f"{manifest.blobs:,} files opened" in said
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


# --- what is no whole backup, and what is no empty place ----------------------------------------------------------


@dataclass
class Place:
    """A backup of a small world, and an empty database and folder to restore it into."""

    world: World
    document: Document
    backup: Path
    blobs: Path


@pytest.fixture
def place(tmp_path: Path, settings: Settings) -> Iterator[Place]:
    world = build()
    document = hand_over(world, world.official, LONG, name="記録.txt")
    sealed_log()
    run("backup", tmp_path / "a.backup")
    second = into(tmp_path / "second", settings)
    with new_database(SECOND), working_on(SECOND):
        yield Place(world, document, tmp_path / "a.backup", second)


def is_untouched(place: Place) -> bool:
    ((tables,),) = execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
    return tables == 0 and [path for path in place.blobs.rglob("*") if path.is_file()] == []


def test_a_damaged_backup_is_refused_before_anything_is_written(place: Place, tmp_path: Path) -> None:
    whole = place.backup.read_bytes()
    for altered in (
        whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :],
        whole[:-1],
        whole[: len(whole) // 2],
    ):
        (tmp_path / "b.backup").write_bytes(altered)
        assert "damaged, cut short or altered" in refused("restore", tmp_path / "b.backup")
        assert is_untouched(place)


def test_only_empty_places_take_a_backup(place: Place) -> None:
    execute("CREATE TABLE there (id integer)")
    assert "The database is not empty" in refused("restore", place.backup)
    execute("DROP TABLE there")
    (place.blobs / "ab").mkdir(parents=True)
    (place.blobs / "ab" / "there").write_text("mine")
    assert "The blob storage is not empty (ab/there)" in refused("restore", place.backup)
    (place.blobs / "ab" / "there").unlink()
    assert is_untouched(place)
    run("restore", place.backup)
    assert "The database is not empty" in refused("restore", place.backup)


def test_a_restore_that_fails_leaves_both_places_empty(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    execute("CREATE SCHEMA elsewhere")  # no part of what has to be empty, and in the way of nothing
    original = restoring.postgres.restore

    def into_a_full_database(using: str, pieces: Any) -> None:
        execute("CREATE VIEW accounts_person AS SELECT 1 AS id")
        try:
            original(using, pieces)
        finally:
            execute("DROP VIEW accounts_person")

    monkeypatch.setattr(restoring.postgres, "restore", into_a_full_database)
    said = refused("restore", place.backup)
    assert "pg_restore could not restore the database" in said
    assert "already exists" in said
    assert is_untouched(place)


class Killed(BaseException):
    pass


def test_a_restore_that_was_killed_is_begun_anew(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(restoring.postgres, "restore", killed)
        patch.setattr(restoring, "_still_empty", lambda: False)  # nothing tidies up after kill -9
        with pytest.raises(Killed):
            run("restore", place.backup)
    assert len(list(names())) == 2
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "install", killed)
        with pytest.raises(Killed):  # this time with the database already filled
            run("restore", place.backup)
    assert "2 files opened" in run("restore", place.backup)


def test_a_restored_database_that_lost_its_policies_is_said_to_be_open(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = restoring.install

    def and_open(**options: Any) -> None:
        original(**options)
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE documents_document DISABLE ROW LEVEL SECURITY")
            cursor.execute("CREATE POLICY all_see ON documents_version FOR SELECT TO portal_app USING (true)")
            cursor.execute("GRANT SELECT ON documents_processing TO portal_app")
            cursor.execute("DELETE FROM documents_processing")

    monkeypatch.setattr(restoring, "install", and_open)
    said = refused("restore", place.backup, code=EXIT_FAULTS)
    for fault in ("(row security)", "(policies)", "(privileges)", "documents_processing: 1 → 0", "documents_version)."):
        assert fault in said, fault
    with as_owner():
        assert Event.objects.get(act="backup.restore").detail["findings"] == 5


def test_a_log_or_a_file_that_changed_under_the_restore_is_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    original = restoring.install

    def and_bend(**options: Any) -> None:
        original(**options)
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
            cursor.execute("UPDATE audit_event SET label = 'PUBLIC'")
            cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")
        path = place.blobs / next(iter(sorted(names())))
        path.write_bytes(path.read_bytes()[:-1])

    monkeypatch.setattr(restoring, "install", and_bend)
    said = refused("restore", place.backup, code=EXIT_FAULTS)
    assert "faults; see manage.py audit_verify" in said
    assert "Files do not open" in said


# --- taking one ---------------------------------------------------------------------------------------------------


def test_files_removed_and_files_lost_meanwhile_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    world = build()
    kept, gone, lost = (hand_over(world, world.official, LONG, name="記録.txt") for _ in range(3))
    names_of = {document.pk: newest_version(document).blob_id for document in (kept, gone, lost)}

    def erased(*_: Any) -> None:
        with as_owner():
            Version.objects.filter(document=gone).update(blob=StoredBlob.objects.create(name="another"))
            StoredBlob.objects.filter(name=names_of[gone.pk]).delete()

    delete(names_of[lost.pk])
    delete(names_of[gone.pk])
    monkeypatch.setattr("portal.backup.taking.postgres.dump", after(erased, monkeypatch))
    said = refused("backup", tmp_path / "a.backup", code=EXIT_FAULTS)
    manifest = manifest_of(tmp_path / "a.backup")
    assert manifest.gone == [names_of[gone.pk]]
    assert manifest.missing == [names_of[lost.pk]]
    assert "1 files were removed meanwhile" in said
    assert names_of[lost.pk] in said
    into(tmp_path / "second", settings)
    with new_database(SECOND), working_on(SECOND):
        assert "4 files opened, 2 not in the backup" in run("restore", tmp_path / "a.backup")


def after(happens: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Iterator[bytes]]:
    """The dump, and then what happens: on a thread of its own, as the rest of the portal is."""
    from portal.backup.postgres import dump

    def dumped(*args: Any, **options: Any) -> Iterator[bytes]:
        yield from dump(*args, **options)

        def apart() -> None:
            happens()
            connections.close_all()

        thread = threading.Thread(target=apart)
        thread.start()
        thread.join()

    return dumped
