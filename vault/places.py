"""So many at once: what takes much memory waits for its place, and says so when that takes too long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

WAIT = 10.0  # seconds


class Busy(Exception):
    """Too many are being worked on at this moment; try again shortly."""


class Places:
    """Places in one process. `with places:` raises Busy where none comes free in time."""

    def __init__(self, at_once: int) -> None:
        self._free = BoundedSemaphore(at_once)

    @contextmanager
    def taken(self) -> Iterator[None]:
        if not self._free.acquire(timeout=WAIT):
            raise Busy
        try:
            yield
        finally:
            self._free.release()
