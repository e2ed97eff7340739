"""Files between arriving and being sent: sealed on the intake's disk under keys that only the sender's form holds.

There is no session to keep them in. Each travels as a token from page to page; what is never sent is swept after two
days, and nobody could have opened it in between. Whoever sends files can fill any disk; so files are taken while there
is plenty of room, and what is left after that is for words.
"""

from __future__ import annotations

import os
import shutil
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer

from intake import drawers, spool
from intake.padding import pad_stream, padded_size
from vault import blobs
from vault.hybrid import new_key
from vault.streams import PlainRange, StreamSealer, open_range

KEPT = timedelta(days=2)
HURRY = timedelta(hours=6)  # instead, where no more files are taken
STEP = 1024 * 1024  # bytes between two looks at the disk
COUNTED = 15.0  # seconds for which what lay here is not counted again


class SentAlready(Exception):
    """Another sending of the same form was quicker: its files are the ones that count."""


class BadToken(ValueError):
    """The form brings a file that this intake did not give it, or no longer has."""


@dataclass(frozen=True)
class Pending:
    """A sealed file. `label`: the neutral name it is sent under; `removed`: what was taken out of it, as codes."""

    blob: str
    key: str  # base64
    size: int  # bytes, before it was filled up
    label: str
    kind: str
    cleaned: bool
    removed: tuple[str, ...] = ()

    @property
    def token(self) -> str:
        return _signer().sign_object(asdict(self), compress=True)

    def content(self) -> dict[str, Any]:
        """What the sealed entry says of it."""
        return {
            "name": self.label, "kind": self.kind, "size": self.size, "cleaned": self.cleaned,
            "blob": self.blob, "key": self.key,
        }  # fmt: skip


def takes() -> bool:
    """Whether files are still taken: with plenty of room, and while those that lie here leave as much again free.

    Sent or not, they count alike until the courier has carried them: whoever means to fill the disk can send as well.
    """
    return spool.room() is spool.Room.PLENTY and _counted.lying() <= _free()


def takes_along() -> bool:
    """Whether files that wait may still be sent with the words they belong to.

    Less room does for them; what words alone may fill (`spool.room`) is left all the same.
    """
    return _free() >= 2 * settings.INTAKE_SPARE_BYTES


def while_room(chunks: Iterable[bytes], enough: Callable[[], bool] = takes) -> Iterator[bytes]:
    """The chunks, as long as there is room for them. Raises `spool.Full`."""
    unseen = STEP
    for chunk in chunks:
        unseen += len(chunk)
        if unseen >= STEP:
            unseen = 0
            if not enough():
                raise spool.Full
        yield chunk


class Counted:
    """How much room the files here take."""

    def __init__(self) -> None:
        self._lock, self._found, self._at = Lock(), 0, -COUNTED

    def lying(self) -> int:
        """Bytes, as of a moment ago: counting goes through all of them."""
        with self._lock:
            if time.monotonic() - self._at > COUNTED:
                self._found = sum(status.st_size for _, status in _here())
                self._at = time.monotonic()
            return self._found


_counted = Counted()


def keep(chunks: Iterable[bytes], *, label: str, kind: str, cleaned: bool, removed: Iterable[str] = ()) -> Pending:
    """Seal a file, filled up to its size class. Raises `spool.Full`, and whatever the source raises."""
    key, size = new_key(), 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            size += len(chunk)
            yield chunk

    if spool.room() is spool.Room.NONE:
        raise spool.Full
    drawers.made(_folder())
    with blobs.NewBlob() as blob:
        try:
            sealer = StreamSealer(blob, key=key, binding=blob.binding)
            for chunk in pad_stream(counted()):
                sealer.write(chunk)
            sealer.finish()
            blob.keep()
        except OSError as error:
            raise spool.Full from error
    _date_by_day(blob.name)
    return Pending(blob.name, b64encode(key).decode(), size, label, kind, cleaned, tuple(removed))


def again(file: Pending) -> Pending:
    """The same file under a name and key of its own, for what is sent now: a form that is sent, mended and sent once
    more brings its files into two cases. Raises as `keep` does, and `FileNotFoundError`."""
    with closing(opened(file)) as plain:
        chunks = while_room(plain, takes_along)
        return keep(chunks, label=file.label, kind=file.kind, cleaned=file.cleaned, removed=file.removed)


@contextmanager
def sent_with(files: Iterable[Pending]) -> Iterator[list[Pending]]:
    """Each file `again`. Where what they are sent with does not go through, they go as well."""
    taken: list[Pending] = []
    try:
        for file in files:
            taken.append(again(file))
        yield taken
    except BaseException:
        for file in taken:
            discard(file)
        raise


def from_token(token: str) -> Pending:
    """Raises `BadToken`."""
    try:
        said = _signer().unsign_object(token)
        found = Pending(**{**said, "removed": tuple(said["removed"])})
    except (BadSignature, ValueError, KeyError, TypeError) as error:
        raise BadToken from error
    if not (blobs.NAME.fullmatch(found.blob) and blobs.storage().exists(found.blob)):
        raise BadToken
    return found


def opened(file: Pending) -> PlainRange:
    """Its bytes, as they were before it was filled up; raises `Unreadable`, `FileNotFoundError`."""
    return open_range(
        blobs.open_blob(file.blob), key=b64decode(file.key), binding=blobs.binding(file.blob),
        size=padded_size(file.size), stop=file.size,
    )  # fmt: skip


def discard(file: Pending) -> None:
    remove(file.blob)


def sweep() -> int:
    """Remove what was never sent, sooner where no more files are taken; how many files.

    Their age is that of their entry on the disk: they are dated by the day, to tell nobody more.
    """
    before = time.time() - (KEPT if takes() else HURRY).total_seconds()
    old = {name for name, status in _here() if status.st_ctime < before}
    unsent = old.difference(spool.blobs()) if old else old
    for name in unsent:
        remove(name)
    return len(unsent)


def _here() -> Iterator[tuple[str, os.stat_result]]:
    for name in blobs.names():
        with suppress(FileNotFoundError):  # carried over or given up while we looked
            yield name, Path(blobs.storage().path(name)).stat()


def _free() -> int:
    return shutil.disk_usage(spool.folder()).free


def remove(name: str) -> None:
    """A missing one is fine."""
    blobs.delete(name)
    drawers.date(Path(blobs.storage().path(name)).parent)


def _date_by_day(name: str) -> None:
    path = Path(blobs.storage().path(name))
    drawers.date(path)
    drawers.date(path.parent)


def _folder() -> Path:
    return Path(blobs.storage().path("."))


def _signer() -> Signer:
    return Signer(salt="intake.pending")
