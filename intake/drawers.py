"""Folders that tell nobody when somebody wrote: all of them are there from the first day, and dated by the day.

Made when the first thing is laid into it, a drawer's birth would be that moment, long after the thing has gone.
"""

from __future__ import annotations

import os
from pathlib import Path

from intake import clock

NAMES = tuple(f"{number:02x}" for number in range(256))


def made(folder: Path) -> Path:
    """The folder, with a drawer for each two hexadecimal digits that a name begins with."""
    if not (folder / NAMES[-1]).exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in NAMES:
            (folder / name).mkdir(mode=0o700, exist_ok=True)
            date(folder / name)
        date(folder)
    return folder


def date(path: Path) -> None:
    """By the day, not by the moment at which something was laid there or taken away."""
    os.utime(path, times=(clock.midnight(clock.today()),) * 2)
