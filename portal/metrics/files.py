"""The files through which the processes of one server add up their figures (prometheus_client's multiprocess mode).

prometheus_client decides as it is imported whether it counts in files: `choose` comes before that.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path

from django.conf import settings

from portal.logs import processes

logger = logging.getLogger(__name__)

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
KINDS = ("counter", "histogram")
NAME = re.compile(r"[a-z]+_(\d+)\.db")
# Measured: 0.4 MiB with every view asked for. The library makes sparse files; writing into a hole of a full disk would
# kill the process (SIGBUS), so that they are made whole beforehand.
SIZE = 1024**2

counting = True  # a process without its files counts nothing, and works on


def choose() -> None:
    """In servers, count in files from now on; in commands and tests, in memory."""
    if processes.kind() not in processes.KINDS.values() or VARIABLE in os.environ:
        return
    assert "prometheus_client" not in sys.modules, "prometheus_client was imported before it was told where to count"
    folder = settings.METRICS_DIR / processes.kind()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in folder.glob("*.db"):
            if not _alive(path):
                path.unlink(missing_ok=True)
        _reserve(folder)
    except OSError:
        logger.exception("figures are kept in memory: their folder cannot be written")
    else:
        os.environ[VARIABLE] = str(folder)


def after_fork() -> None:
    """In a new process: files of its own, before it counts anything."""
    global counting
    if folder := os.environ.get(VARIABLE):
        try:
            _reserve(Path(folder))
        except OSError:
            counting = False
            logger.exception("nothing is counted in this process: its files cannot be written")


def all_files(*kinds: str) -> list[str]:
    """The files of every process of these kinds on this server, of those that ended too."""
    return [str(path) for kind in kinds for path in sorted((settings.METRICS_DIR / kind).glob("*.db"))]


def _reserve(folder: Path) -> None:
    for kind in KINDS:
        descriptor = os.open(folder / f"{kind}_{os.getpid()}.db", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, SIZE)
        finally:
            os.close(descriptor)


def _alive(path: Path) -> bool:
    match = NAME.fullmatch(path.name)
    return match is not None and Path(f"/proc/{match[1]}").exists()
