"""On to the SIEM, from a thread of its own behind a bounded queue: whoever is served never waits for it."""

from __future__ import annotations

import atexit
import os
import queue
import socket
import threading
from functools import cache

import structlog
from django.conf import settings

from portal.metrics import figures
from portal.security_log.entries import Entry
from portal.security_log.syslog import Wire, message

log = structlog.get_logger("portal.security_log")

WAITING = 10_000  # messages of some 400 bytes a process; what comes on top is dropped, and counted
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
FAREWELL = 2.0  # seconds that a process on its way out gives to what still waits


class Sender:
    """The queue and the thread of one process; made anew after a fork, where a thread does not come along."""

    def __init__(self, url: str, root_certificates: str = "", waiting: int = WAITING) -> None:
        self.url, self.root_certificates = url, root_certificates
        self.queue: queue.Queue[bytes | None] = queue.Queue(waiting)
        self.ending = threading.Event()
        self.thread: threading.Thread | None = None
        self.starting = threading.Lock()
        self.wire: Wire | None = None
        self.well = True

    def put(self, told: bytes) -> None:
        """Never blocks, never raises."""
        try:
            self.queue.put_nowait(told)
        except queue.Full:
            figures.dropped("siem")
        if self.thread is None:
            with self.starting:
                if self.thread is None:
                    self.thread = threading.Thread(target=self._run, name="siem", daemon=True)
                    self.thread.start()

    def close(self, patience: float = FAREWELL) -> None:
        """Give what waits a moment to go out."""
        if self.thread:
            try:
                self.queue.put_nowait(None)
            except queue.Full:
                self.ending.set()
            self.thread.join(patience)
            self.ending.set()

    def _run(self) -> None:
        while not self.ending.is_set():
            told = self.queue.get()
            if told is None:
                break
            pause = FIRST_PAUSE
            while not self._sent(told) and not self.ending.wait(pause):
                pause = min(pause * 2, LONGEST_PAUSE)
        if self.wire:
            self.wire.close()

    def _sent(self, told: bytes) -> bool:
        """What a SIEM did not take stays in hand and is tried again, over a new connection."""
        try:
            self.wire = self.wire or Wire(self.url, self.root_certificates)
            self.wire.send(told)
        except OSError as error:
            if self.wire:
                self.wire.close()
            self.wire = None
            if self.well:
                log.warning("the SIEM takes nothing", kind=type(error).__name__)
            self.well = False
            return False
        if not self.well:
            log.info("the SIEM takes entries again")
        self.well = True
        return True


@cache
def sender_of(pid: int, url: str, root_certificates: str) -> Sender:
    made = Sender(url, root_certificates)
    atexit.register(made.close)
    return made


def send(entry: Entry) -> None:
    """Nothing where no SIEM is named."""
    if settings.SIEM:
        told = message(entry, host=socket.gethostname(), enterprise=settings.SIEM_ENTERPRISE)
        sender_of(os.getpid(), settings.SIEM, settings.SIEM_ROOT_CERT).put(told)
