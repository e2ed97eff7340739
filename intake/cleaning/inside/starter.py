"""Shuts itself in and runs mat2: readable is what programs need, writable the one folder the file lies in.

It stays to end mat2 and all it started when the product ends. mat2 makes semaphores, which lie in the memory-backed
folder itself; that folder may not be listed from here, so that the files of another work, in folders with names by
chance, are out of reach.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from confine import confine  # type: ignore[import-not-found]

SECONDS = 180
PROGRAMS = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc")
DEVICES = ("/dev/null", "/dev/urandom", "/dev/zero")


def main(parent: int, largest: int, folder: str, command: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda number, frame: os.killpg(0, signal.SIGKILL))
    confine(
        parent=parent,
        farewell=signal.SIGTERM,
        seconds=SECONDS,
        writes=largest,
        descriptors=256,
        children=True,
        readable=(*PROGRAMS, str(Path(command[0]).parent)),
        writable=(folder, *DEVICES),
        unlisted=(str(Path(folder).parent),),
    )
    worker = os.fork()
    if not worker:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.execv(command[0], command)  # noqa: S606 - the program our parent found
    return 1 if os.waitpid(worker, 0)[1] else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]))
