"""A stored file in the hand: all that it takes to open it, so that no database is needed to stream it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field

from vault import Unreadable
from vault.blobs import binding, open_blob
from vault.streams import PlainRange, open_range

from .models import Rendition, Version


class FileMissing(Unreadable):
    """The storage has no such blob."""


@dataclass(frozen=True)
class StoredFile:
    """A sealed blob with its key and the size of what is in it, in bytes."""

    blob_name: str
    key: bytes = field(repr=False)
    size: int

    def open(self, start: int = 0, stop: int | None = None) -> PlainRange:
        """The plain bytes of a range. Raises FileMissing, Unreadable before there is any."""
        try:
            blob = open_blob(self.blob_name)
        except FileNotFoundError:
            raise FileMissing from None
        return open_range(blob, key=self.key, binding=binding(self.blob_name), size=self.size, start=start, stop=stop)

    def read(self, start: int, length: int) -> bytes:
        """A piece of the file in memory; shorter at its end."""
        with closing(self.open(start, min(self.size, start + length))) as pieces:
            return b"".join(pieces)


def file_of(row: Version | Rendition) -> StoredFile:
    """The file behind a version or its rendition."""
    return StoredFile(row.blob_id, row.file_key, row.size)
