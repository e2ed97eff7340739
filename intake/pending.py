"""Files between arriving and being sent: sealed on the intake's disk under keys that only the sender's form holds.

There is no session to keep them in. Each travels as a token from page to page; what is never sent is swept after two
days, and nobody could have opened it in between.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.signing import BadSignature, Signer

from intake import clock, spool
from intake.padding import pad_stream, padded_size
from vault import blobs
from vault.hybrid import new_key
from vault.streams import StreamSealer, open_range

KEPT = timedelta(days=2)


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
    return keep(opened(file), label=file.label, kind=file.kind, cleaned=file.cleaned, removed=file.removed)


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


def opened(file: Pending) -> Iterator[bytes]:
    """Its bytes, as they were before it was filled up; raises `Unreadable`, `FileNotFoundError`."""
    return open_range(
        blobs.open_blob(file.blob), key=b64decode(file.key), binding=blobs.binding(file.blob),
        size=padded_size(file.size), stop=file.size,
    )  # fmt: skip


def discard(file: Pending) -> None:
    blobs.delete(file.blob)


def sweep() -> int:
    """Remove what was never sent; how many files."""
    return blobs.sweep(KEPT, known=lambda names: set(names) & set(spool.blobs()))


def _date_by_day(name: str) -> None:
    path = Path(blobs.storage().path(name))
    os.utime(path, times=(clock.midnight(clock.today()),) * 2)


def _signer() -> Signer:
    return Signer(salt="intake.pending")
