"""How a working process tells its parent what it made: pieces of the file, traces it found, or why it gives up."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import IO

FRAME = struct.Struct(">cI")
PIECE, TRACES, REFUSAL, END = b"P", b"T", b"R", b"E"
STEP = 256 * 1024


class Refused(Exception):
    """The first argument is the value of a `Reason` (refusals.py)."""


class Teller:
    def __init__(self, sink: IO[bytes]) -> None:
        self.sink = sink

    def piece(self, data: bytes | memoryview) -> None:
        view = memoryview(data)
        for start in range(0, len(view), STEP):
            self._send(PIECE, view[start : start + STEP])

    def traces(self, values: Iterable[str]) -> None:
        self._send(TRACES, ",".join(dict.fromkeys(values)).encode())

    def refusal(self, reason: str) -> None:
        self._send(REFUSAL, reason.encode())

    def end(self) -> None:
        self._send(END, b"")

    def _send(self, sign: bytes, data: bytes | memoryview) -> None:
        self.sink.write(FRAME.pack(sign, len(data)))
        self.sink.write(data)
        self.sink.flush()
