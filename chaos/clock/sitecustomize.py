"""Loaded by Python itself where chaos starts a process: sets its clock by as many seconds as a file says."""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

POLL = 0.05


class Clock:
    """Follows the file, in a thread of each process: a fork takes the set clock along and no thread."""

    def __init__(self, asked: Path) -> None:
        self.asked, self.offset = asked, 0.0
        self.travel: time_machine.travel | None = None
        self.follow()
        os.register_at_fork(after_in_child=self.follow)

    def follow(self) -> None:
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        while True:
            self._set(self._wanted())
            time.sleep(POLL)

    def _wanted(self) -> float:
        try:
            return float(self.asked.read_text())
        except (OSError, ValueError):
            return 0.0

    def _set(self, offset: float) -> None:
        if offset == self.offset:
            return
        if self.travel:
            self.travel.stop()
            self.travel = None
        if offset:
            self.travel = time_machine.travel(datetime.now(UTC) + timedelta(seconds=offset), tick=True)
            self.travel.start()
        self.offset = offset


if "ENTAKU_CHAOS" in os.environ:
    Clock(Path(os.environ["ENTAKU_CHAOS"]) / "clock")
