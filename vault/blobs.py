"""Sealed files in the blob storage: made, opened, removed, and swept when nobody knows them."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import weakref
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, cast

from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils import timezone

from vault.binding import bind

Known = Callable[[Collection[str]], Collection[str]]

NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")
SWEEP_BATCH = 500


def storage() -> Storage:
    return storages["blobs"]


def binding(name: str) -> bytes:
    """What the chunks of the blob `name` are bound to: content moved to another name does not open."""
    return bind("blob", name)


class NewBlob:
    """
    A blob being written, under a fresh random name. Unless `keep` is called it goes away again: at the end of the
    `with`, when the last reference to it is dropped (a request that broke off), or when the process ends in order.
    """

    def __init__(self) -> None:
        token = secrets.token_hex(16)
        self.name = f"{token[:2]}/{token}"
        self.binding = binding(self.name)
        self._path = _local_path(self.name)
        self._file = _create(self._path) if self._path else cast("IO[bytes]", storage().open(self.name, "wb"))
        self._abandon = weakref.finalize(self, _abandon, self._file, self.name)

    def write(self, data: memoryview) -> None:
        self._file.write(data)

    def keep(self) -> None:
        """Make what was written last, through a power cut too, before a row that names it can be committed."""
        if self._path:
            self._file.flush()
            os.fsync(self._file.fileno())
            # A new name lasts once its folder is written out, and a new folder once the one above is.
            for folder in (self._path.parent, self._path.parent.parent):
                sync_folder(folder)
        self._file.close()
        self._abandon.detach()

    def discard(self) -> None:
        """Remove it; nothing happens when it was kept or removed before."""
        self._abandon()

    def __enter__(self) -> NewBlob:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()


def open_blob(name: str) -> IO[bytes]:
    """The sealed file, for `streams.open_range`; raises `FileNotFoundError`."""
    return cast("IO[bytes]", storage().open(name, "rb"))


def delete(name: str) -> None:
    """Remove the blob; a missing one is fine."""
    storage().delete(name)


def carry_over(name: str, alias: str) -> None:
    """
    Copy the sealed blob into the storage `alias`, under its own name, to last. May run twice; killed halfway it leaves
    no half of a blob under that name. Raises `FileNotFoundError` when it is in neither.
    """
    there = storages[alias]
    if there.exists(name):
        return
    with open_blob(name) as source:
        if not isinstance(there, FileSystemStorage):
            with cast("IO[bytes]", there.open(name, "wb")) as far:
                shutil.copyfileobj(source, far)
            return
        path = Path(there.path(name))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with _create(fresh) as near:
            shutil.copyfileobj(source, near)
            near.flush()
            os.fsync(near.fileno())
        fresh.replace(path)
        for folder in (path.parent, path.parent.parent):
            sync_folder(folder)


def names() -> Iterator[str]:
    """The name of every blob; whatever else lies in the storage is left out."""
    every = getattr(storage(), "every_name", None)
    yield from (name for name in (every or _every_name)() if NAME.fullmatch(name))


def _every_name() -> Iterator[str]:
    try:
        folders, _ = storage().listdir("")
    except FileNotFoundError:  # the folder is made with the first blob
        return
    for folder in sorted(folders):
        for file in storage().listdir(folder)[1]:
            yield f"{folder}/{file}"


_holders: list[Known] = []


def held_by(known: Known) -> None:
    """Have `sweep` spare what this gives back of the names it gets: an app whose rows name blobs calls it once."""
    _holders.append(known)


def held(names: Collection[str]) -> Collection[str]:
    """Those of the names that a row of any app holds."""
    return {name for known in _holders for name in known(names)}


def sweep(older_than: timedelta, *, known: Known = held) -> int:
    """
    Remove blobs that no row names, left by a killed process or an undone transaction; returns how many.

    `known` gets some names and gives back those that a row holds, by default of any app. Only what was last written
    before `older_than` ago is removed: an upload under way has no row yet. Far away the age costs a call each, so it is
    asked of the few last.
    """
    before, removed, found = timezone.now() - older_than, 0, names()
    while batch := list(islice(found, SWEEP_BATCH)):
        orphans = [name for name in set(batch).difference(known(batch)) if _written_before(name, before)]
        for name in orphans:
            delete(name)
        removed += len(orphans)
    forget_unfinished = getattr(storage(), "forget_unfinished", None)
    return removed + (forget_unfinished(before) if forget_unfinished else 0)


def _written_before(name: str, moment: datetime) -> bool:
    try:
        return storage().get_modified_time(name) < moment
    except FileNotFoundError:  # removed while we looked
        return False


def _local_path(name: str) -> Path | None:
    """Where the blob lies, when the storage is a folder of this machine."""
    folder = storage()
    return Path(folder.path(name)) if isinstance(folder, FileSystemStorage) else None


def _create(path: Path) -> IO[bytes]:
    """An empty file, its owner's alone, that never takes another's place."""
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")


def _abandon(file: IO[bytes], name: str) -> None:
    """Whatever the storage says to it: what is left belongs to nobody, and the sweep takes it."""
    with suppress(OSError):  # a full disk refuses the last write once more
        getattr(file, "abort", file.close)()  # far away, closing is what makes a blob
    with suppress(OSError):
        delete(name)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder last: after a crash a new file's may be gone otherwise, and the file with it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
