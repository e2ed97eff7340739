"""Checks of a backup by itself, and of what was restored from it against what its manifest says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from audit.verification import GRACE, check_log
from documents.files import FileMissing, StoredFile, file_of
from documents.models import Rendition, StoredBlob, Version
from intake.models import Blob
from intake.padding import padded_size
from portal.embedded.console import Trouble
from vault import Unreadable, keys
from vault.blobs import open_blob
from vault.key_rows import MarkingKey
from vault.providers import KeyProviderUnavailable, provider
from vault.signing import verify
from vault.streams import plain_size

from . import catalogue
from .archive import NotABackup, Reader, Said
from .manifest import BlobTally, Manifest, NotAManifest, Tally, statement

ROWS_AT_ONCE = 500
MOST_NAMED = 10
PIECE = 256 * 1024
LOG = ("audit_event", "audit_leaf", "audit_seal")


@dataclass(frozen=True)
class Contents:
    """What is in a backup, with the signed bytes of its manifest."""

    manifest: Manifest
    raw: bytes
    signature: bytes


def open_backup(file: Any) -> Reader:
    """The backup in `file`. Raises Trouble for what is none, and for one that this root key does not open."""
    try:
        return Reader(file)
    except NotABackup:
        raise Trouble(
            f"{file.name} は控えのファイルではありません。", f"{file.name} is not the file of a backup."
        ) from None
    except KeyProviderUnavailable as error:
        raise Trouble(
            "この控えは、いまのルート鍵では開けません。控えを取ったときのルート鍵を置いてください。",
            "This backup does not open under the present root key; put the one in place that it was taken under.",
            [str(error)],
        ) from error
    except Unreadable:
        raise _damaged(file.name) from None


def check_backup(reader: Reader, name: str) -> Contents:
    """Read all of a backup: each chunk, each hash, the signature. Raises Trouble for one that is not whole."""
    try:
        return _read_through(reader)
    except (Unreadable, NotAManifest, UnicodeDecodeError):
        raise _damaged(name) from None


def _read_through(reader: Reader) -> Contents:
    database, blobs, last = Tally(), BlobTally(), dict[str, bytes]()
    order = ["database"]
    for name, pieces in reader.parts():
        tally = Tally()
        if name in ("manifest", "signature"):
            last[name] = b"".join(pieces)
            order.append(name)
            continue
        for piece in pieces:
            (database if name == "database" else tally).add(piece)
        if name.startswith("blob "):
            blobs.add(name.removeprefix("blob "), tally)
    if order != ["database", "manifest", "signature"]:
        raise Unreadable
    manifest = Manifest.from_bytes(last["manifest"])
    found = (database.size, database.sha256, blobs.count, blobs.size, blobs.sha256, str(reader.header.id))
    said = (
        manifest.database_size, manifest.database_sha256, manifest.blobs, manifest.blobs_size, manifest.blobs_sha256,
        manifest.id,
    )  # fmt: skip
    public = bytes.fromhex(manifest.public_key)
    if found != said or not verify(statement(last["manifest"]), last["signature"], public=public):
        raise Unreadable
    return Contents(manifest, last["manifest"], last["signature"])


def _damaged(name: str) -> Trouble:
    return Trouble(
        f"{name} は壊れているか、途中で切れているか、書き換えられています。別の控えを使ってください。",
        f"{name} is damaged, cut short or altered; use another backup.",
    )


# --- after a restore --------------------------------------------------------------------------------------------


@dataclass
class Findings:
    """What is not as the manifest says, a line in both languages for each; and how many files were opened, or, being
    cases', looked at as they are sealed."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    opened: int = 0
    sealed: int = 0
    destroyed: int = 0

    def add(self, ja: str, en: str) -> None:
        self.lines.append((ja, en))

    def name(self, ja: str, en: str, names: list[str]) -> None:
        """A line with some of the names, if there is any."""
        if names:
            some = ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")
            self.add(f"{ja}（{len(names):,}件: {some}）。", f"{en} ({len(names):,}: {some}).")


def check_restored(contents: Contents, reader: Reader, *, fresh: bool, deep: bool, using: str, say: Said) -> Findings:
    """Compare database and blobs with the manifest. Run inside `accounts.operator.as_owner`.

    Files of cases, whose keys are not at hand, are compared with the backup itself where it is to be `deep`. Unless the
    database is `fresh`, an earlier check has added its own event to the log.
    """
    found, manifest = Findings(), contents.manifest
    keys.forget()  # what this process knows is from before
    _check_database(found, manifest, using, fresh=fresh)
    if not verify(statement(contents.raw), contents.signature):
        found.add(
            "控えの署名の鍵が、戻したデータベースにありません。",
            "The key that signed the backup is not in the restored database.",
        )
    say("監査記録を検証しています", "checking the audit log")
    _check_log(found, manifest, using, fresh=fresh)
    say("ファイルを開いて確かめています", "opening the files")
    _check_blobs(found, manifest, deep=deep)
    _check_sealed(found, manifest, reader if deep else None)
    return found


def _check_database(found: Findings, manifest: Manifest, using: str, *, fresh: bool) -> None:
    if catalogue.migrations(using) != manifest.migrations:
        found.add("移行の状態が控えと異なります。", "The migrations are not those of the backup.")
    for kind, facts in catalogue.schema(using).items():
        if manifest.schema.get(kind) != facts:
            found.add(
                f"データベースの守りが控えと異なります（{kind}）。",
                f"What protects the database is not as it was ({kind}).",
            )
    rows = catalogue.rows(using)
    for table in sorted({*rows, *manifest.tables}):
        grown = not fresh and table in LOG and rows.get(table, 0) > manifest.tables.get(table, 0)
        if rows.get(table) != manifest.tables.get(table) and not grown:
            counts = f"{table}: {manifest.tables.get(table)} → {rows.get(table)}"
            found.add(f"行の数が控えと異なります（{counts}）。", f"The number of rows differs ({counts}).")


def _check_log(found: Findings, manifest: Manifest, using: str, *, fresh: bool) -> None:
    # Whether the log meets the manifest's head is for `check_log` to say, however far it has grown since.
    # What the snapshot held unsealed is no older for having lain in a backup.
    grace = timezone.now() - datetime.fromisoformat(manifest.taken_at) + GRACE
    report = check_log(verify=verify, earlier=[manifest.head] if manifest.head else [], grace=grace, using=using)
    if fresh and report.head != manifest.head:
        found.add("監査記録の封印が控えと異なります。", "The head of the audit log is not that of the backup.")
    if report.findings:
        count = len(report.findings)
        found.add(
            f"監査記録に異常が{count:,}件あります。manage.py audit_verify で確かめてください。",
            f"The audit log has {count:,} faults; see manage.py audit_verify.",
        )


def _check_blobs(found: Findings, manifest: Manifest, *, deep: bool) -> None:
    absent, dead = {*manifest.gone, *manifest.missing}, _destroyed()
    faults: dict[str, list[str]] = {"lost": [], "closed": []}
    for row in _rows_with_files():
        if row.blob_id in absent:
            continue
        document = row.document
        if (document.marking.text, document.key_version) in dead:
            found.destroyed += 1
            continue
        try:
            _open(row, deep=deep)
        except FileMissing:
            faults["lost"].append(row.blob_id)
        except (Unreadable, KeyProviderUnavailable):
            provider().check()  # raises where it is the provider that is away, and not one key that is gone
            faults["closed"].append(row.blob_id)
        else:
            found.opened += 1
    faults["lost"] += _lost_without_a_file(absent.union(faults["lost"]))
    found.name("戻したはずのファイルがありません", "Files that were restored are not there", faults["lost"])
    found.name(
        "開けないファイルがあります（控えの後に鍵を破棄したか、書き換えられています）",
        "Files do not open (their key was destroyed since, or they were altered)",
        faults["closed"],
    )


def _check_sealed(found: Findings, manifest: Manifest, reader: Reader | None) -> None:
    """The files of cases, whose keys lie inside what only their officers open: there, and as large as such a file can
    be; with the backup at hand, each byte as it is in there."""
    lost, altered, absent = list[str](), list[str](), {*manifest.gone, *manifest.missing}
    names = set(Blob.objects.values_list("name", flat=True)) - absent
    for name in sorted(names):
        try:
            with open_blob(name) as blob:
                size = plain_size(blob)
            if size != padded_size(size):
                raise Unreadable
        except FileNotFoundError:
            lost.append(name)
        except Unreadable:
            altered.append(name)
        else:
            found.sealed += 1
    if reader:
        unlike = list(_unlike_the_backup(reader, names.difference(lost, altered)))
        altered += unlike
        found.sealed -= len(unlike)
    found.name("戻したはずの相談のファイルがありません", "Files of cases that were restored are not there", lost)
    found.name("書き換えられたか欠けた相談のファイルがあります", "Files of cases were altered or cut short", altered)


def _unlike_the_backup(reader: Reader, names: set[str]) -> Iterator[str]:
    for part, pieces in reader.parts():
        if (name := part.removeprefix("blob ")) not in names:
            continue
        kept, there = Tally(), Tally()
        for piece in pieces:
            kept.add(piece)
        with open_blob(name) as blob:
            while piece := blob.read(PIECE):
                there.add(piece)
        if there.sha256 != kept.sha256:
            yield name


def _open(row: Version | Rendition, *, deep: bool) -> None:
    """The first and the last chunk, or all of it. Raises Unreadable."""
    file: StoredFile = file_of(row)
    if not deep:
        file.open().close()
        return
    tally = Tally()
    with closing(file.open()) as pieces:
        for piece in pieces:
            tally.add(piece)
    if tally.size != row.size or (isinstance(row, Version) and tally.sha256 != row.digest):
        raise Unreadable


def _rows_with_files() -> Iterator[Version | Rendition]:
    for model in (Version, Rendition):
        yield from _paged(model)


def _paged(model: Any) -> Iterator[Any]:
    last = UUID(int=0)
    rows = model.objects.select_related("document__marking").order_by("pk")
    while page := list(rows.filter(pk__gt=last)[:ROWS_AT_ONCE]):
        yield from page
        last = page[-1].pk


def _lost_without_a_file(known: set[str]) -> list[str]:
    """Blobs that are noted, are no document's, and are not there."""
    theirs: Any = [models.Exists(m.objects.filter(blob=models.OuterRef("pk"))) for m in (Version, Rendition)]
    others = StoredBlob.objects.exclude(theirs[0] | theirs[1]).order_by("name").values_list("name", flat=True)
    return [name for name in others.iterator() if name not in known and not _is_there(name)]


def _is_there(name: str) -> bool:
    try:
        open_blob(name).close()
    except FileNotFoundError:
        return False
    return True


def _destroyed() -> set[tuple[str, int]]:
    """The marking keys that had been destroyed before the backup was taken: their rows open nowhere, as intended."""
    return set(MarkingKey.objects.filter(destroyed__isnull=False).values_list("marking", "version"))
