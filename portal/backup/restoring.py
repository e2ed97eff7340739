"""Restoring a backup into an empty database and an empty blob storage; begun anew after whatever broke it off.

The blobs come first, the database last and in one transaction. A note in the blob storage says from the first byte on
which backup is being restored: what an attempt that was killed has left is then known for what it is.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage
from django.db import OperationalError, connections, transaction

from accounts.operator import as_owner
from audit.acts import Act
from audit.services import SYSTEM, record
from clearance.privileges import install
from portal.embedded.console import Trouble
from portal.readiness import known_migrations
from vault import Unreadable
from vault.blobs import NAME, delete, names, storage

from . import catalogue, postgres
from .archive import Reader, Said
from .checking import Contents, Findings, check_backup, check_restored
from .manifest import BlobTally, Manifest, Tally
from .taking import OWNER, Progress, saying_what_the_disk_says

NOTE = "restoring"


@dataclass(frozen=True)
class Restored:
    contents: Contents
    findings: Findings


def restore(reader: Reader, name: str, *, deep: bool, say: Said) -> Restored:
    """
    Restore the backup `reader`, from the file `name`, into what the settings name. Raises Trouble.

    Before the database has taken it in, a failure leaves both places as empty as they were. What comes out wrong
    afterwards is in the findings; called once more, it is checked once more.
    """
    postgres.tool("pg_restore")
    say("控えを検証しています", "verifying the backup")
    contents = check_backup(reader, name)
    _refuse_another_program(contents.manifest)
    postgres.reach(connections[OWNER])
    _refuse_unfit_roles()
    fresh = _has_to_begin(contents.manifest)
    if fresh:
        _bring_back(reader, contents.manifest, say)
    say("権限を整えています", "granting what is declared")
    with transaction.atomic(using=OWNER):
        install(using=OWNER)
    catalogue.analyse(OWNER)
    with as_owner():
        findings = check_restored(contents, reader, fresh=fresh, deep=deep, using=OWNER, say=say)
    _check_as_the_web_role(findings)
    with as_owner(), transaction.atomic():
        _record(contents.manifest, findings)
    if not findings.lines:
        storage().delete(NOTE)
    return Restored(contents, findings)


def _record(manifest: Manifest, findings: Findings) -> None:
    record(
        actor=SYSTEM, act=Act.BACKUP_RESTORE, target_type="backup", target_id=manifest.id,
        detail={
            "taken_at": manifest.taken_at, "sealed": manifest.head.size if manifest.head else 0,
            "absent": len(manifest.gone) + len(manifest.missing), "findings": len(findings.lines),
        },
    )  # fmt: skip


# --- before anything is written ---------------------------------------------------------------------------------


def _refuse_another_program(manifest: Manifest) -> None:
    ours = {f"{app}.{name}" for app, name in known_migrations()}
    if different := sorted(ours.symmetric_difference(manifest.migrations)):
        raise Trouble(
            f"この控えは別の版のプログラムで取られました（{different[0]}）。"
            "同じ版で戻してから、新しい版にしてください。",
            f"This backup was taken by another version of the program ({different[0]}); "
            "restore it with that version, then update.",
        )


def _refuse_unfit_roles() -> None:
    if unfit := catalogue.unfit_roles(OWNER):
        raise Trouble(
            f"役割 {', '.join(unfit)} がないか、強すぎます。手引きのとおりに作り直してください。",
            f"The roles {', '.join(unfit)} are missing or hold too much; make them as the manual says.",
        )


def _has_to_begin(manifest: Manifest) -> bool:
    """Whether there is something to bring back; False after an attempt that only lacked its checks."""
    noted, empty = _noted(), catalogue.is_empty(OWNER)
    if noted not in (None, manifest.id):
        raise Trouble(
            "ここには別の控えを戻しかけています。データベースとファイルの置き場所を空にしてください。",
            "Another backup was being restored here; empty the database and the blob storage first.",
        )
    if noted is None and not empty:
        raise Trouble(
            "データベースが空ではありません。控えは、何も作っていないデータベースにだけ戻せます。",
            "The database is not empty; a backup is restored only into one in which nothing was made.",
        )
    if noted is None and (found := _any_file(storage())):
        raise Trouble(
            f"ファイルの置き場所が空ではありません（{found}）。控えは、空の置き場所にだけ戻せます。",
            f"The blob storage is not empty ({found}); a backup is restored only into an empty one.",
        )
    return empty


def _noted() -> str | None:
    """The backup whose restoring was begun here and has not ended."""
    try:
        with storage().open(NOTE) as file:
            return str(file.read().decode())
    except FileNotFoundError:
        return None


def _any_file(where: Storage, folder: str = "") -> str | None:
    try:
        folders, files = where.listdir(folder)
    except FileNotFoundError:
        return None
    below = (_any_file(where, f"{folder}/{name}".lstrip("/")) for name in folders)
    return next((f"{folder}/{name}".lstrip("/") for name in files), None) or next(filter(None, below), None)


# --- bringing back ----------------------------------------------------------------------------------------------


def _bring_back(reader: Reader, manifest: Manifest, say: Said) -> None:
    _empty_the_storage()
    storage().save(NOTE, ContentFile(manifest.id.encode()))
    try:
        with saying_what_the_disk_says(_place()):
            _bring_back_blobs(reader, manifest, say)
        say("データベースを戻しています", "restoring the database")
        postgres.restore(OWNER, _part(reader, "database"))
    except BaseException:
        if _still_empty():
            _empty_the_storage()
            with suppress(OSError):
                storage().delete(NOTE)
        raise


def _bring_back_blobs(reader: Reader, manifest: Manifest, say: Said) -> None:
    tally, progress = BlobTally(), Progress(say)
    for part, pieces in reader.parts():
        name = part.removeprefix("blob ")
        if name == part:
            continue
        if not NAME.fullmatch(name):
            raise Unreadable
        blob = Tally()
        if storage().save(name, _Arriving(blob.add(piece) for piece in pieces)) != name:
            raise Trouble(
                f"ファイルの置き場所に、ほかの何かが書き込んでいます（{name}）。",
                f"Something else writes into the blob storage ({name}).",
            )
        tally.add(name, blob)
        progress.blobs(tally, manifest.blobs)
    os.sync()  # all of them at once: one by one takes minutes where there are many


def _part(reader: Reader, wanted: str) -> Iterator[bytes]:
    for name, pieces in reader.parts():
        if name == wanted:
            yield from pieces
            return


def _still_empty() -> bool:
    """Whether the database holds nothing; False where nobody can tell, for then nothing may be removed."""
    connections[OWNER].close()
    try:
        return catalogue.is_empty(OWNER)
    except OperationalError:
        return False


def _empty_the_storage() -> None:
    for name in list(names()):
        with suppress(OSError):
            delete(name)


def _place() -> Path:
    """What a full disk is called by; far away, the storage has its own words."""
    where = storage()
    return Path(where.path(NOTE)) if isinstance(where, FileSystemStorage) else Path(NOTE)


class _Arriving(File):  # type: ignore[type-arg]
    """A file that comes in pieces, as the storages take one: read or in chunks, once, from front to back."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__(io.BufferedReader(_Raw(pieces), 256 * 1024))

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        while piece := self.read(chunk_size or 256 * 1024):
            yield piece


class _Raw(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held = pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        if not self._held:
            self._held = memoryview(next(self._pieces, b""))
        count = min(len(into), len(self._held))
        into[:count] = self._held[:count]
        self._held = self._held[count:]
        return count


# --- afterwards -------------------------------------------------------------------------------------------------


def _check_as_the_web_role(findings: Findings) -> None:
    """A restored database must not be open: whoever asks as the web does, in nobody's name, sees nothing."""
    web = connections["default"]
    if web.settings_dict["USER"] != "portal_app":
        findings.add(
            "ウェブの役割で確かめられませんでした。portal_app の設定で、もう一度実行してください。",
            "It could not be tried as the web's role; run this once more with the settings of portal_app.",
        )
        return
    web.close()
    postgres.reach(web)
    if seen := catalogue.open_to_anybody("default"):
        findings.add(
            f"だれでもない者に見える表があります（{', '.join(seen)}）。",
            f"There are tables that anybody sees ({', '.join(seen)}).",
        )
