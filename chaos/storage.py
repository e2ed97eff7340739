"""The product's blob storage with faults that come and go: every tenth write fails, or the disk is said to be full.

What is asked for stands in files of the folder that ENTAKU_CHAOS names: `tenth`, `full`.
"""

from __future__ import annotations

import errno
import itertools
import os
from pathlib import Path
from typing import IO, Any, cast

from django.core.files.storage import FileSystemStorage

import vault.blobs

ASKED = Path(os.environ.get("ENTAKU_CHAOS", "/nonexistent"))
_writes = itertools.count(1)
_create = vault.blobs._create


def perhaps_fail() -> None:
    """Raises OSError when it is this write's turn."""
    if (ASKED / "full").exists():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if (ASKED / "tenth").exists() and next(_writes) % 10 == 0:
        raise OSError(errno.EIO, os.strerror(errno.EIO))


class FaultyFile:
    """A file whose writes may fail; everything else is the file's own."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        perhaps_fail()
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class FaultyStorage(FileSystemStorage):
    """What goes through the storage's own `save`; the vault's blobs are written past it, through `create`."""

    def _save(self, name: str, content: Any) -> str:
        perhaps_fail()
        return str(super()._save(name, content))  # type: ignore[misc] # the stubs leave it out


def create(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", FaultyFile(_create(path)))


vault.blobs._create = create
