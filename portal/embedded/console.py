"""What the launcher says: progress, and one sentence for what the operator can put right. Standard library only."""

import os
import sys
import time
from collections.abc import Sequence

# CLOCK_MONOTONIC is shared by all processes of a machine: the time runs on across the launcher's own exec.
STARTED = float(os.environ.setdefault("ENTAKU_LAUNCHED", str(time.monotonic())))


class Trouble(Exception):
    """Something the operator can put right: one sentence in each language, and the last lines of what failed."""

    def __init__(self, ja: str, en: str, lines: Sequence[str] = ()) -> None:
        super().__init__(en)
        self.ja, self.en, self.lines = ja, en, lines


def say(line: str) -> None:
    """Print at once; a reader that went away is no reason to stop."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def step(ja: str, en: str) -> None:
    """One progress line with the seconds since the launcher started."""
    say(f"{time.monotonic() - STARTED:6.1f} s  {ja} / {en}")


def complain(trouble: Trouble) -> None:
    for line in trouble.lines:
        print(f"    {line}", file=sys.stderr)
    print(f"円卓: {trouble.ja}\nEntaku: {trouble.en}", file=sys.stderr, flush=True)


def speak_utf8() -> None:
    """A terminal that cannot show Japanese shows question marks, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
