"""Cleans a file in a process of its own that has nothing but the file (inside/confine.py), a few at a time.

The file goes in through a file in memory and comes out through a pipe; the web process holds one piece of it. A child
that takes too long, says too much or ends early is killed, and so is one whose parent or reader has gone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore, Timer
from typing import IO

from .inside.telling import END, FRAME, PIECE, REFUSAL, STEP, TRACES
from .kinds import HEAD, Kind, Way, kind_of
from .mat2 import Mat2, mat2_here
from .refusals import LARGEST, Reason, Uncleanable
from .traces import Trace, traces

CHILD = Path(__file__).parent / "inside" / "child.py"
MOST_CHILDREN = 2
MOST_WAITING = 2  # further files that wait for a place: each holds a thread that others may need
PATIENCE = 60  # seconds they wait
SECONDS = 180
LARGEST_MADE = 256 * 1024 * 1024  # a picture may grow when it is drawn again

_places = BoundedSemaphore(MOST_CHILDREN)
_queue = BoundedSemaphore(MOST_CHILDREN + MOST_WAITING)
REFUSED_KINDS = {Kind.HEIC: Reason.HEIC, Kind.OLD_OFFICE: Reason.OLD_OFFICE, Kind.ARCHIVE: Reason.ARCHIVE}


class Cleaning(Iterator[bytes]):
    """The cleaned file in pieces. What comes before an Uncleanable is not the file and must not be kept.

    Once all of it came, `found` says what was taken out. `close()` it if it is not read to its end.
    """

    def __init__(self, work: Callable[[Cleaning], Generator[bytes, None, None]]) -> None:
        self.found: tuple[Trace, ...] = ()
        self._pieces = work(self)

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        self._pieces.close()


def can_clean(kind: Kind | None) -> Reason | None:
    """Why files of this kind cannot be cleaned here and now; None where they can."""
    if kind is None:
        return Reason.UNKNOWN
    if kind.way is Way.MAT2:
        return None if mat2_here() else Reason.NO_MAT2
    return REFUSED_KINDS.get(kind)


def clean(source: Iterable[bytes], kind: Kind | None, *, seconds: int = SECONDS) -> Cleaning:
    """Raises Uncleanable at once for a kind that cannot be cleaned, else while it is read."""
    reason = can_clean(kind)
    if reason or kind is None:
        raise Uncleanable(reason or Reason.UNKNOWN)
    if kind.way is Way.MAT2:
        return Cleaning(lambda cleaning: _by_mat2(cleaning, source, kind, seconds))
    return Cleaning(lambda cleaning: _by_child(cleaning, source, kind, seconds))


def _by_child(cleaning: Cleaning, source: Iterable[bytes], kind: Kind, seconds: int) -> Generator[bytes, None, None]:
    with _place(), _in_memory(source, kind) as held:
        child = subprocess.Popen(  # noqa: S603 - our own file, run by our own interpreter
            [sys.executable, "-I", str(CHILD), kind.value, str(seconds), str(os.getpid())],
            stdin=held, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/", close_fds=True,
        )  # fmt: skip
        assert child.stdout is not None
        late = Lateness(seconds, child.kill)
        try:
            yield from _received(child.stdout, kind, cleaning, late)
        finally:
            late.cancel()
            child.kill()
            child.wait()
            child.stdout.close()


def _received(pipe: IO[bytes], kind: Kind, cleaning: Cleaning, late: Lateness) -> Iterator[bytes]:
    """The pieces, taken from a process that its input may have turned: their sizes and first bytes are looked at."""
    made, begun = 0, False
    while True:
        head = pipe.read(FRAME.size)
        sign, length = FRAME.unpack(head) if len(head) == FRAME.size else (b"", 0)
        data = pipe.read(min(length, STEP))
        made += len(data)
        if sign == END:
            return
        if len(data) != length or made > LARGEST_MADE or sign not in (PIECE, TRACES, REFUSAL):
            raise Uncleanable(Reason.TIME if late.past else Reason.FAILED)
        if sign == REFUSAL:
            raise Uncleanable(_reason(data))
        if sign == TRACES:
            cleaning.found = traces(data.decode("ascii", "replace"))
        elif not begun and not _begins_as(kind, data):
            raise Uncleanable(Reason.FAILED)
        else:
            begun = True
            yield data


def _begins_as(kind: Kind, data: bytes) -> bool:
    made = kind_of(data[:HEAD], f"x.{kind.extension}")
    return made is not None and made.extension == kind.extension


def _by_mat2(cleaning: Cleaning, source: Iterable[bytes], kind: Kind, seconds: int) -> Generator[bytes, None, None]:
    with _place(), Mat2(kind, LARGEST_MADE) as worker:
        worker.put(_watched(source, kind))
        late = Lateness(seconds, worker.stop)
        try:
            cleaning.found = worker.found()
            made = worker.clean()
        except Uncleanable as error:
            raise Uncleanable(Reason.TIME if late.past else error.reason) from None
        finally:
            late.cancel()
        yield from made


def _reason(data: bytes) -> Reason:
    try:
        return Reason(data.decode("ascii", "replace"))
    except ValueError:
        return Reason.FAILED


class Lateness:
    """Stops the work when its time is over, and remembers that it did."""

    def __init__(self, seconds: float, stop: Callable[[], None]) -> None:
        self.past = False
        self._stop = stop
        self._timer = Timer(seconds, self._strike)
        self._timer.daemon = True
        self._timer.start()

    def _strike(self) -> None:
        self.past = True
        self._stop()

    def cancel(self) -> None:
        self._timer.cancel()


@contextmanager
def _place() -> Iterator[None]:
    if not _queue.acquire(blocking=False):
        raise Uncleanable(Reason.BUSY)
    with _released(_queue):
        if not _places.acquire(timeout=PATIENCE):
            raise Uncleanable(Reason.BUSY)
        with _released(_places):
            yield


@contextmanager
def _released(held: BoundedSemaphore) -> Iterator[None]:
    try:
        yield
    finally:
        held.release()


@contextmanager
def _in_memory(source: Iterable[bytes], kind: Kind) -> Iterator[IO[bytes]]:
    with os.fdopen(os.memfd_create("cleaning", os.MFD_CLOEXEC), "w+b") as held:
        for piece in _watched(source, kind):
            held.write(piece)
        held.seek(0)
        yield held


def _watched(source: Iterable[bytes], kind: Kind) -> Iterator[bytes]:
    """The pieces, as long as they are no more than may be sent and begin as the kind does."""
    size, head = 0, b""
    for piece in source:
        size += len(piece)
        if size > LARGEST:
            raise Uncleanable(Reason.SIZE)
        if len(head) < HEAD:
            head += piece[: HEAD - len(head)]
        yield piece
    if kind_of(head, f"x.{kind.extension}") is not kind:
        raise Uncleanable(Reason.BROKEN)
