"""How far a long command is: a bar on a terminal, a plain line every so often anywhere else."""

from __future__ import annotations

import time
from typing import Any

BAR = 30
LINE_SECONDS = 5.0
BAR_SECONDS = 0.1


class Progress:
    """Counts up to `total`, which is what was there at the start and no promise: people write meanwhile."""

    def __init__(self, out: Any, what: str, total: int) -> None:
        self._out, self._what, self._total, self._done = out, what, total, 0
        self._terminal = bool(getattr(out, "isatty", lambda: False)())
        self._began = self._said = time.monotonic()

    def advance(self, count: int = 1) -> None:
        self._done += count
        now = time.monotonic()
        if now - self._said >= (BAR_SECONDS if self._terminal else LINE_SECONDS):
            self._said = now
            self._say()

    def finish(self) -> None:
        """The last line, which stays."""
        self._say(last=True)

    def _say(self, *, last: bool = False) -> None:
        total = max(self._total, self._done)
        share = self._done / total if total else 1.0
        seconds = time.monotonic() - self._began
        text = f"{self._what}: {self._done:,} / {total:,} ({share:.0%}, {seconds:.1f} s)"
        if not self._terminal:
            self._out.write(f"{text}\n")
            return
        filled = int(BAR * share)
        self._out.write(f"\r[{'#' * filled}{'.' * (BAR - filled)}] {text}" + ("\n" if last else ""))
        self._out.flush()
