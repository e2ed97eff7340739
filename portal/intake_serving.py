"""gunicorn for the anonymous intake: nothing is counted, no line tells who asked for what, nobody holds a thread."""

import errno
import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from gunicorn.config import Config

from portal.logs.servers import GunicornLogger
from portal.serving import Worker as PortalWorker
from portal.serving import on_starting as on_starting

SILENCE = 30.0  # seconds between two pieces of a request
BEGIN, CROWDED = 60.0, 10.0  # seconds a request may be waited for in all; the fewer while few threads are free
RATE = 2048  # bytes a second that it has to keep up beyond those: the slowest of the ways here has more
SLICE = 2.0  # seconds of waiting after which it is looked at anew how many wait
ANSWER = 120.0  # seconds to take in an answer


class SilentLogger(GunicornLogger):
    """Only that the server starts and stops, and why it could not: a line on a bad request would hold its address."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.setLevel(logging.ERROR)

    def warning(self, *said: object) -> None:
        """Nothing: gunicorn's warnings are about requests."""

    def exception(self, message: object, *said: object) -> None:
        """That something failed, without the request's address or path that gunicorn would put in; whole, where it is
        the start that failed."""
        if isinstance(message, BaseException):
            super().exception(message)
        else:
            super().error("the server failed on a request")


logger_class = SilentLogger


class Slow(ConnectionResetError):
    """Whoever is this slow is taken for gone: gunicorn closes the connection and says nothing of it."""


class Patient:
    """A connection of which a thread waits for one request, with a patience that ends."""

    def __init__(self, sock: Any, crowded: Callable[[], bool]) -> None:
        self._sock, self._crowded = sock, crowded
        self.begin()

    def begin(self) -> None:
        self._got, self._waited = 0, 0.0

    def recv(self, size: int) -> bytes:
        """What comes next. Only the waiting for it counts, not what is done with it. Raises `Slow`."""
        given, silent = self._sock.gettimeout(), 0.0
        if given is not None:  # gunicorn itself waits no longer than that
            return bytes(self._sock.recv(size))
        while True:
            begin = CROWDED if self._crowded() else BEGIN
            patience = min(min(SILENCE, begin) - silent, begin + self._got / RATE - self._waited)
            if patience <= 0:
                raise Slow(errno.ECONNRESET, "too slow")
            began = time.monotonic()
            self._sock.settimeout(min(patience, SLICE))
            try:
                data: bytes = self._sock.recv(size)
            except TimeoutError:
                continue
            finally:
                self._sock.settimeout(None)
                waited = time.monotonic() - began
                silent, self._waited = silent + waited, self._waited + waited
            self._got += len(data)
            return data

    def sendall(self, data: bytes) -> None:
        """Raises `Slow`."""
        given = self._sock.gettimeout()
        self._sock.settimeout(ANSWER if given is None else given)
        try:
            self._sock.sendall(data)
        except TimeoutError:
            raise Slow(errno.ECONNRESET, "too slow") from None
        finally:
            self._sock.settimeout(given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class Worker(PortalWorker):
    """A thread reads a request for as long as it keeps coming: gunicorn's own would wait for its next byte for ever."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._lock, self._busy = Lock(), 0

    def handle(self, conn: Any) -> Any:
        if not isinstance(conn.sock, Patient):
            conn.sock = Patient(conn.sock, self._crowded)
        conn.sock.begin()
        with self._lock:
            self._busy += 1
        try:
            return super().handle(conn)
        finally:
            with self._lock:
                self._busy -= 1

    def _crowded(self) -> bool:
        return bool(4 * self._busy >= 3 * self.cfg.threads)
