"""
Files as chunks of AES-256-GCM: written in one pass, readable from any place, never a byte before its tag verifies.

A sealed file is version (1) ‖ random prefix (7) ‖ chunks. Each chunk is the ciphertext of 256 KiB (the last one of
what is left, an empty file's of nothing) and its tag; its nonce is prefix ‖ number (u32) ‖ last flag, its associated
data the binding. Order, number, end and owner of the chunks are thereby authenticated (the STREAM construction of
Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault import Unreadable

CHUNK = 256 * 1024
TAG = 16
VERSION = b"\x01"
PREFIX_SIZE = 7
HEADER_SIZE = len(VERSION) + PREFIX_SIZE


class Sink(Protocol):
    """Anything that takes bytes."""

    def write(self, data: memoryview, /) -> Any: ...


@dataclass(frozen=True)
class SealedStream:
    """What is known of a file once all of it went through: plain size, SHA-256 (hex) of the plain bytes, chunks."""

    size: int
    sha256: str
    chunks: int
    prefix: bytes


def chunk_count(plain_size: int) -> int:
    """How many chunks a file of so many plain bytes has; an empty file has one, which authenticates its emptiness."""
    return max(1, -(-plain_size // CHUNK))


def sealed_size(plain_size: int) -> int:
    """How many bytes the sealed file has."""
    return HEADER_SIZE + plain_size + TAG * chunk_count(plain_size)


def plain_size(blob: IO[bytes]) -> int:
    """How many plain bytes a sealed file says it has, by its beginning and length: all that shows without its key.

    Raises Unreadable where it cannot be a sealed file.
    """
    read, sealed = _reader(blob)
    size = sealed - HEADER_SIZE - TAG * -(-(sealed - HEADER_SIZE) // (CHUNK + TAG))
    if size < 0 or sealed != sealed_size(size):
        raise Unreadable
    begin = bytearray(HEADER_SIZE)
    read(0, memoryview(begin))
    if begin[: len(VERSION)] != VERSION:
        raise Unreadable
    return size


class StreamSealer:
    """Takes plain bytes in pieces of any size and writes sealed chunks; holds one chunk in memory."""

    def __init__(self, sink: Sink, *, key: bytes, binding: bytes) -> None:
        self._sink, self._cipher, self._binding = sink, AESGCM(key), binding
        self._prefix = os.urandom(PREFIX_SIZE)
        self._plain, self._sealed = memoryview(bytearray(CHUNK)), memoryview(bytearray(CHUNK + TAG))
        self._held = self._chunks = self.size = 0
        self._digest = hashlib.sha256()
        sink.write(memoryview(VERSION + self._prefix))

    def write(self, data: bytes | bytearray | memoryview) -> None:
        rest = memoryview(data)
        self._digest.update(rest)
        self.size += len(rest)
        while rest:
            if self._held == CHUNK:  # only now is it known not to be the last
                self._emit(last=False)
            piece = rest[: CHUNK - self._held]
            self._plain[self._held : self._held + len(piece)] = piece
            self._held += len(piece)
            rest = rest[len(piece) :]

    def finish(self) -> SealedStream:
        """Write the last chunk."""
        self._emit(last=True)
        return SealedStream(self.size, self._digest.hexdigest(), self._chunks, self._prefix)

    def _emit(self, *, last: bool) -> None:
        sealed = self._sealed[: self._held + TAG]
        nonce = _nonce(self._prefix, self._chunks, last=last)
        self._cipher.encrypt_into(nonce, self._plain[: self._held], self._binding, sealed)
        self._sink.write(sealed)
        self._chunks += 1
        self._held = 0


def seal_stream(source: Iterable[bytes], sink: Sink, *, key: bytes, binding: bytes) -> SealedStream:
    """Seal all of `source` into `sink` under `key`, a key made for this one file, bound to `binding`."""
    sealer = StreamSealer(sink, key=key, binding=binding)
    for piece in source:
        sealer.write(piece)
    return sealer.finish()


def open_range(
    blob: IO[bytes], *, key: bytes, binding: bytes, size: int, start: int = 0, stop: int | None = None
) -> PlainRange:
    """
    The plain bytes `start` to `stop` (exclusive; the end by default) of a sealed file of `size` plain bytes.

    Before this returns, the file's length, its last chunk and the first chunk asked for are authenticated, so a
    response can still become an error; `Unreadable` says that they did not hold. The result owns `blob` and closes it
    at the end, on `close()` and on failure.
    """
    try:
        return PlainRange(blob, key, binding, size, start, size if stop is None else stop)
    except BaseException:
        blob.close()
        raise


class PlainRange(Iterator[bytes]):
    """The opened bytes, at most a chunk at a time; made by `open_range`."""

    def __init__(self, blob: IO[bytes], key: bytes, binding: bytes, size: int, start: int, stop: int) -> None:
        if not 0 <= start <= stop <= size:
            raise ValueError(f"no range {start}–{stop} in {size} bytes")
        self._blob, self._cipher, self._binding = blob, AESGCM(key), binding
        self._read, sealed = _reader(blob)
        if sealed != sealed_size(size):
            raise Unreadable
        head = bytearray(HEADER_SIZE)
        self._read(0, memoryview(head))
        if head[: len(VERSION)] != VERSION:
            raise Unreadable
        self._prefix, self._size, self._at, self._stop = bytes(head[len(VERSION) :]), size, start, stop
        self._sealed = memoryview(bytearray(min(CHUNK, size) + TAG))
        self._plain, self._opened = b"", -1
        self._open(chunk_count(size) - 1)
        if start < stop:
            self._open(start // CHUNK)

    def __next__(self) -> bytes:
        if self._at >= self._stop:
            self.close()
            raise StopIteration
        number, begin = divmod(self._at, CHUNK)
        if number != self._opened:
            self._open(number)
        end = min(CHUNK, begin + self._stop - self._at)
        self._at += end - begin
        return self._plain[begin:end]

    def close(self) -> None:
        self._blob.close()

    def _open(self, number: int) -> None:
        """Open a chunk; raises `Unreadable`, and then nothing of it is kept."""
        self._plain, self._opened = b"", -1
        last = number == chunk_count(self._size) - 1
        sealed = self._sealed[: min(CHUNK, self._size - number * CHUNK) + TAG]
        try:
            self._read(HEADER_SIZE + number * (CHUNK + TAG), sealed)
            # The plain bytes come as an object of their own, which goes to the socket as it is: one copy less than
            # through a buffer, a tenth of the time a chunk takes. The lock of the interpreter is given up meanwhile.
            self._plain = self._cipher.decrypt(_nonce(self._prefix, number, last=last), sealed, self._binding)
        except InvalidTag:
            raise Unreadable from None
        self._opened = number


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def _reader(blob: IO[bytes]) -> tuple[Callable[[int, memoryview], None], int]:
    """How to fill a buffer from an offset of the blob, and its whole length."""
    try:
        descriptor = blob.fileno()
    except (AttributeError, OSError):  # kept in memory, or far away
        whole = blob.seek(0, os.SEEK_END)

        def seek_and_read(offset: int, into: memoryview) -> int:
            blob.seek(offset)
            piece = blob.read(len(into))
            into[: len(piece)] = piece
            return len(piece)

        return partial(_fill, seek_and_read), whole
    return partial(_fill, lambda at, into: os.preadv(descriptor, [into], at)), os.fstat(descriptor).st_size


def _fill(read: Callable[[int, memoryview], int], offset: int, into: memoryview) -> None:
    """A read may give less than asked for."""
    while into:
        if not (got := read(offset, into)):
            raise Unreadable  # the file lost its end after its length was asked
        offset, into = offset + got, into[got:]
