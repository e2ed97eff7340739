"""Taking a backup: one snapshot of the database, then the blobs it knows, all into one sealed file or none."""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import IO, Any

from django.db import connections, transaction

from audit.acts import Act
from audit.heads import Head
from audit.models import Seal
from audit.services import SYSTEM, record
from documents.models import StoredBlob
from intake.models import Blob
from portal.embedded.console import Trouble
from vault.blobs import held, open_blob, sync_folder
from vault.signing import public_key, sign

from . import catalogue, postgres
from .archive import Said, Writer
from .manifest import BlobTally, Manifest, Tally, statement

OWNER = "owner"
PIECE = 256 * 1024
NAMES_AT_ONCE = 1000
TELL_EVERY = 5.0  # seconds


@dataclass
class Taken:
    """The backup as it lies there."""

    path: Path
    size: int
    manifest: Manifest


def take(path: Path, *, say: Said) -> Taken:
    """
    Write a backup to `path`, which must not exist. Run inside `accounts.operator.as_owner`. Raises Trouble.

    The file stands under its name once all of it is on the disk; until then, and whatever happens, there is only
    `.<name>.unfinished` beside it, which goes away with a failure and is taken over by the next attempt.
    """
    postgres.tool("pg_dump")
    if path.exists():
        raise _is_there(path)
    with _unfinished(path) as file:
        taken = _write(file, say)
        with transaction.atomic():
            record(
                actor=SYSTEM, act=Act.BACKUP_TAKE, target_type="backup", target_id=taken.id,
                detail={"blobs": taken.blobs, "gone": len(taken.gone), "missing": len(taken.missing)},
            )  # fmt: skip
            _publish(file, path)
    return Taken(path, path.stat().st_size, taken)


def _write(file: IO[bytes], say: Said) -> Manifest:
    postgres.reach(connections[OWNER])
    sign(statement(b""))  # the key is made on first use, and has to be in the snapshot
    writer, progress = Writer(file), Progress(say)
    database = Tally()
    with tempfile.TemporaryFile(dir=Path(file.name).parent) as names:
        with postgres.snapshot(OWNER) as moment:
            facts = _facts()
            count = _note_names(names)
            pieces = postgres.dump(OWNER, moment, without_rows=catalogue.LEFT_OUT)
            writer.part("database", (progress.database(database.add(piece)) for piece in pieces))
        say(f"データベース: {megabytes(database.size)}", f"the database: {megabytes(database.size)}")
        # The snapshot is given up before the long part: it would keep the database from clearing away old rows.
        # What it knew of stays as it was, for a blob is written once and never changed.
        blobs = _Blobs(writer, progress, count)
        blobs.take(_names(names))
    manifest = Manifest(
        id=str(writer.header.id), taken_at=moment.at.isoformat(), server=moment.server,
        left_out=list(catalogue.LEFT_OUT), database_size=database.size, database_sha256=database.sha256,
        blobs=blobs.tally.count, blobs_size=blobs.tally.size, blobs_sha256=blobs.tally.sha256,
        gone=blobs.gone, missing=blobs.missing, public_key=public_key().hex(), **facts,
    )  # fmt: skip
    raw = manifest.to_bytes()
    writer.part("manifest", [raw])
    writer.part("signature", [sign(statement(raw))])
    writer.finish()
    return manifest


def _facts() -> dict[str, Any]:
    seal = Seal.objects.defer("leaves").order_by("-tree_size").first()
    return {
        "migrations": catalogue.migrations(OWNER),
        "tables": catalogue.rows(OWNER),
        "schema": catalogue.schema(OWNER),
        "head": Head.of(seal) if seal else None,
    }


def _note_names(names: IO[bytes]) -> int:
    """Write down the blobs that the snapshot knows, documents' and cases': too many names to be held in memory."""
    count = 0
    for rows in (StoredBlob.objects.all(), Blob.objects.all()):
        every, last = rows.order_by("name").values_list("name", flat=True), ""
        while page := list(every.filter(name__gt=last)[:NAMES_AT_ONCE]):
            names.write("".join(f"{name}\n" for name in page).encode())
            last, count = page[-1], count + len(page)
    return count


def _names(names: IO[bytes]) -> Iterator[str]:
    names.seek(0)
    for line in names:
        yield line.decode().rstrip("\n")


@dataclass
class _Blobs:
    """The part of a backup that is blobs."""

    writer: Writer
    progress: Progress
    total: int
    tally: BlobTally = field(default_factory=BlobTally)
    gone: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def take(self, names: Iterator[str]) -> None:
        for name in names:
            try:
                blob = open_blob(name)
            except FileNotFoundError:
                self._absent(name)
                continue
            tally = Tally()
            with blob:
                self.writer.part(f"blob {name}", map(tally.add, _pieces(blob)))
            self.tally.add(name, tally)
            self.progress.blobs(self.tally, self.total)

    def _absent(self, name: str) -> None:
        """Removed since the snapshot, as an erasure and a narrowed marking do; or lost, if a row names it still."""
        (self.missing if held([name]) else self.gone).append(name)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


class Progress:
    """Says how far it is, every few seconds."""

    def __init__(self, say: Said) -> None:
        self._say, self._told, self._size = say, monotonic(), 0

    def database(self, piece: bytes) -> bytes:
        self._size += len(piece)
        size = megabytes(self._size)
        self._tell(lambda: (f"データベースを写しています: {size}", f"copying the database: {size}"))
        return piece

    def blobs(self, tally: BlobTally, total: int) -> None:
        done = f"{tally.count:,} / {total:,} ({megabytes(tally.size)})"
        self._tell(lambda: (f"ファイル: {done}", f"files: {done}"))

    def _tell(self, line: Callable[[], tuple[str, str]]) -> None:
        if monotonic() - self._told >= TELL_EVERY:
            self._told = monotonic()
            self._say(*line())


def megabytes(size: int) -> str:
    return f"{size / 1024**2:,.1f} MiB"


# --- the file ---------------------------------------------------------------------------------------------------


@contextmanager
def _unfinished(path: Path) -> Iterator[IO[bytes]]:
    """The file while it is being written: its owner's alone, one writer at a time, gone when something fails."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with saying_what_the_disk_says(path), open(unfinished, "r+b", opener=_private) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(
                f"{path} への控えは、いま別の命令が取っています。終わるのを待ってください。",
                f"Another command is taking the backup {path} just now; wait until it has ended.",
            ) from None
        try:
            os.fchmod(file.fileno(), 0o600)  # whatever an earlier attempt had left
            file.truncate(0)
            yield file
        finally:
            with suppress(FileNotFoundError):
                unfinished.unlink()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _publish(file: IO[bytes], path: Path) -> None:
    """Give the finished file its name, once all of it is on the disk."""
    file.flush()
    os.fsync(file.fileno())
    try:
        os.link(file.name, path)  # a link, unlike a rename, never takes another file's place
    except FileExistsError:
        raise _is_there(path) from None
    sync_folder(path.parent)


@contextmanager
def saying_what_the_disk_says(path: Path) -> Iterator[None]:
    """A full disk, a missing folder or a refused right as one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Trouble(
                f"{path.parent} の空きが足りません。空けるか、別の場所を選んでください。",
                f"There is no space left in {path.parent}; make some, or choose another place.",
            ) from error
        raise Trouble(
            f"{error.filename or path} を読み書きできません（{error.strerror}）。場所と権限を確かめてください。",
            f"{error.filename or path} cannot be read or written ({error.strerror}); check the place and its rights.",
        ) from error


def _is_there(path: Path) -> Trouble:
    return Trouble(
        f"{path} はすでにあります。控えは上書きしません。別の名前にしてください。",
        f"{path} is there already; a backup is never written over. Choose another name.",
    )
