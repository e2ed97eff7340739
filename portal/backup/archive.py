"""
The file of a backup: a header in the open, then one sealed stream (vault.streams) of named parts.

    ENTAKU BACKUP 1 LF ‖ length (u32) ‖ header (JSON: id, time, the file's key wrapped by the key provider) ‖ stream
    stream:  { "P" ‖ length (u16) ‖ name ‖ { "D" ‖ length (u32) ‖ bytes } ‖ "E" }

The stream is bound to the header, and the flag of its last chunk is the end marker: a cut, a changed or exchanged byte
and a header from another backup are all found before anything of the chunk concerned is believed. The last two parts
are the manifest and its signature.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, cast
from uuid import UUID, uuid4

from vault import Unreadable
from vault.binding import bind
from vault.keys import new_item_key
from vault.providers import provider
from vault.streams import CHUNK, HEADER_SIZE, TAG, Sink, StreamSealer, open_range

MAGIC = b"ENTAKU BACKUP 1\n"
LONGEST_HEADER = 64 * 1024
PART, DATA, END = b"P", b"D", b"E"


class NotABackup(Exception):
    """The file does not begin as a backup does."""


@dataclass(frozen=True)
class Header:
    """What stands in the open. `wrapped` is the key of the stream, sealed by the key provider to the backup's id."""

    id: UUID
    made_at: str
    wrapped: bytes

    @classmethod
    def fresh(cls, key: bytes) -> Header:
        name = uuid4()
        return cls(name, datetime.now(UTC).isoformat(timespec="seconds"), provider().wrap(key, _key_aad(name)))

    @classmethod
    def read(cls, file: IO[bytes]) -> tuple[Header, bytes]:
        """The header and the bytes it came in. Raises NotABackup."""
        begin = file.read(len(MAGIC) + 4)
        length = int.from_bytes(begin[len(MAGIC) :], "big")
        if not begin.startswith(MAGIC) or len(begin) != len(MAGIC) + 4 or length > LONGEST_HEADER:
            raise NotABackup
        raw = file.read(length)
        try:
            fields = json.loads(raw)
            header = cls(UUID(fields["id"]), str(fields["made_at"]), bytes.fromhex(fields["wrapped"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NotABackup from None
        return header, begin + raw

    def to_bytes(self) -> bytes:
        fields = {"id": str(self.id), "made_at": self.made_at, "wrapped": self.wrapped.hex()}
        raw = json.dumps(fields, sort_keys=True).encode()
        return MAGIC + len(raw).to_bytes(4, "big") + raw

    def key(self) -> bytes:
        """The key of the stream. Raises KeyProviderUnavailable where another root key wrapped it, Unreadable."""
        return provider().unwrap(self.wrapped, _key_aad(self.id))


class Writer:
    """Writes a backup from front to back, one chunk in memory."""

    def __init__(self, file: IO[bytes]) -> None:
        key = new_item_key()
        self.header = Header.fresh(key)
        raw = self.header.to_bytes()
        file.write(raw)
        self._sealer = StreamSealer(cast(Sink, file), key=key, binding=_binding(raw))

    def part(self, name: str, pieces: Iterable[bytes]) -> None:
        encoded = name.encode()
        self._sealer.write(PART + len(encoded).to_bytes(2, "big") + encoded)
        for piece in pieces:
            for start in range(0, len(piece), CHUNK):
                data = memoryview(piece)[start : start + CHUNK]
                self._sealer.write(DATA + len(data).to_bytes(4, "big"))
                self._sealer.write(data)
        self._sealer.write(END)

    def finish(self) -> None:
        """Write the last chunk, which says that there is no further one."""
        self._sealer.finish()


class Reader:
    """Reads a backup's parts in order, as often as wanted. Nothing is given out that was not authenticated."""

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        self.header, self._raw = Header.read(file)
        self._file, self._key = file, self.header.key()
        self.size = os.fstat(file.fileno()).st_size

    def parts(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Each part's name and pieces. The pieces have to be read before the next part is asked for.

        Raises Unreadable: at the first part already where the end of the file is not the end that was written.
        """
        plain = self._open()
        while kind := plain.take(1, at_end=True):
            if kind != PART:
                raise Unreadable
            name = plain.take(int.from_bytes(plain.take(2), "big")).decode()
            pieces = self._pieces(plain)
            yield name, pieces
            for _left_over in pieces:
                pass

    def _pieces(self, plain: _Plain) -> Iterator[bytes]:
        while (kind := plain.take(1)) == DATA:
            length = int.from_bytes(plain.take(4), "big")
            if length > CHUNK:
                raise Unreadable
            yield plain.take(length)
        if kind != END:
            raise Unreadable

    def _open(self) -> _Plain:
        window = _Window(self._file, len(self._raw))
        sealed = window.seek(0, os.SEEK_END)
        chunks = -(-(sealed - HEADER_SIZE) // (CHUNK + TAG))
        size = sealed - HEADER_SIZE - chunks * TAG
        if chunks < 1 or size < 0:
            raise Unreadable
        source = cast("IO[bytes]", window)
        return _Plain(open_range(source, key=self._key, binding=_binding(self._raw), size=size))


class _Plain:
    """The opened stream, taken by length."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source, self._held, self._at = source, b"", 0

    def take(self, length: int, *, at_end: bool = False) -> bytes:
        """So many bytes; none where the stream has ended and that was to be expected."""
        taken: list[bytes] = []
        while length:
            if self._at == len(self._held):
                self._held, self._at = next(self._source, b""), 0
                if not self._held:
                    if at_end and not taken:
                        return b""
                    raise Unreadable
            piece = self._held[self._at : self._at + length]
            self._at += len(piece)
            length -= len(piece)
            taken.append(piece)
        return b"".join(taken)


class _Window:
    """A file from `start` on, as if it began there. Closing it leaves the file open, to be read once more."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        self._file, self._start = file, start

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_SET:
            offset += self._start
        return max(0, self._file.seek(offset, whence) - self._start)

    def read(self, length: int) -> bytes:
        return self._file.read(length)

    def close(self) -> None:
        pass


Said = Callable[[str, str], None]  # a line of progress, in Japanese and English


def _key_aad(name: UUID) -> bytes:
    return bind("backup-key", str(name))


def _binding(raw: bytes) -> bytes:
    return bind("backup", raw)
