"""Files as they arrive: sealed chunk by chunk, so that no plain byte of one ever reaches a disk.

Django's own handlers would put a large file into a temporary folder as it is. What arrives here can be read again
through `Arrived.chunks` alone, for as long as the request lasts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from intake import pending
from vault import blobs
from vault.hybrid import new_key
from vault.streams import CHUNK, StreamSealer, open_range

HEAD = 8 * 1024  # bytes: enough to tell what kind of file it is


class Arrived(UploadedFile):  # type: ignore[type-arg]
    """A file that came with a form. `refused`: "" or why it was not taken in, "too large" or "no room"."""

    size: int

    def __init__(self, *, name: str, size: int, head: bytes, key: bytes, blob: str, refused: str) -> None:
        super().__init__(None, name, "application/octet-stream", size)
        self.head, self.refused = head, refused
        self._key, self._blob = key, blob

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The plain bytes; raises `Unreadable`. Opened once the first is asked for: not every reader gets that far."""
        sealed = blobs.open_blob(self._blob)
        binding = blobs.binding(self._blob)
        with closing(open_range(sealed, key=self._key, binding=binding, size=self.size)) as plain:
            yield from plain

    def close(self) -> None:
        """Django's call at the end of the request: what is to stay was sealed anew by then (intake/pending.py)."""
        if self._blob:
            blobs.delete(self._blob)
            self._blob = ""


class SealingHandler(FileUploadHandler):
    """Takes in the files of a form up to `INTAKE_FILE_BYTES` each and `INTAKE_FILES` of them; counts what is more."""

    chunk_size = CHUNK

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._taken = 0
        self._blob: blobs.NewBlob | None = None
        self._sealer: StreamSealer | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._taken += 1
        if self._taken > settings.INTAKE_FILES:
            raise SkipFile
        self._key, self._head, self._size, self._refused = new_key(), b"", 0, ""
        self._blob, self._sealer = None, None
        try:
            if not pending.takes():
                self._refuse("no room")
                return
            self._blob = blobs.NewBlob()
            self._sealer = StreamSealer(self._blob, key=self._key, binding=self._blob.binding)
        except OSError:
            self._refuse("no room")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._size += len(raw_data)
        if self._size > settings.INTAKE_FILE_BYTES:
            self._refuse("too large")
        if self._sealer is None:
            return
        self._head += raw_data[: HEAD - len(self._head)]
        try:
            if start // pending.STEP < self._size // pending.STEP and not pending.takes():
                self._refuse("no room")
                return
            self._sealer.write(raw_data)
        except OSError:
            self._refuse("no room")

    def file_complete(self, file_size: int) -> Arrived | None:
        name = ""
        if self._sealer is not None and self._blob is not None:
            try:
                self._sealer.finish()
                self._blob.keep()
                name = self._blob.name
            except OSError:
                self._refuse("no room")
        return Arrived(
            name=self.file_name or "", size=self._size, head=self._head, key=self._key, blob=name,
            refused=self._refused,
        )  # fmt: skip

    def upload_interrupted(self) -> None:
        self._refuse("interrupted")

    def _refuse(self, why: str) -> None:
        if self._blob is not None:
            self._blob.discard()
        self._blob, self._sealer = None, None
        self._refused = self._refused or why
