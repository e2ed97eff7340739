"""The courier: carries what the intake took in into the database, round by round (`python -m intake.courier`).

A process of its own beside the intake's web process, on the same host and under the same database role. It also keeps
the copy of the desks' public keys fresh and sweeps files that were never sent. Whatever it is killed at, or however
long the database is away, nothing is lost: it begins again where it was.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import time
from pathlib import Path
from types import FrameType

import django
from django.conf import settings

log = logging.getLogger(__name__)

TICK = 1.0  # seconds
SWEEP = 3600  # seconds
LOOK = 300  # seconds after which it is swept already, where no more files are taken


class Courier:
    def __init__(self) -> None:
        self._stopping = False
        self._swept = self._looked = 0.0

    def run(self) -> None:
        """Until told to stop. Only one courier works on a folder; a second one waits."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        folder: Path = settings.INTAKE_FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / "courier.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            while not self._stopping:
                self.turn()
                time.sleep(TICK)

    def turn(self) -> None:
        """One look: the desks' keys, a round when one is due, the files that were never sent."""
        from django.db import DatabaseError, connection

        from intake import directory, rounds

        try:
            directory.refresh()
            if due(settings.INTAKE_FOLDER):
                rounds.carry()
                mark(settings.INTAKE_FOLDER)
        except DatabaseError:
            log.warning("the database does not answer")
            connection.close()
        except OSError:
            log.exception("the disk does not take or give what it should")
        self.sweep()

    def sweep(self) -> None:
        """Now and then: remove what was never sent."""
        from intake import pending, spool

        now = time.monotonic()
        if now - self._looked < LOOK:
            return
        self._looked = now
        if now - self._swept > SWEEP or not pending.takes():
            self._swept = now
            pending.sweep()
            spool.forget_unfinished()
            if stuck := spool.stuck():
                log.error("bundles lie set aside", extra={"number": stuck})

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True


def due(folder: Path) -> bool:
    """Whether a round's time came since the last one. The first round ever is due at once."""
    mark = folder / "round"
    return not mark.exists() or mark.read_text() != _current()


def mark(folder: Path) -> None:
    fresh = folder / "round.new"
    fresh.write_text(_current())
    fresh.replace(folder / "round")


def _current() -> str:
    from intake import clock

    return f"{clock.today()} {clock.since_midnight() // settings.INTAKE_ROUND}"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.intake")
    django.setup(set_prefix=False)
    Courier().run()


if __name__ == "__main__":
    main()
