"""The second place: each head once more in a folder outside the database, where whoever owns that cannot take it back.

One file a day (UTC), a line a head, only ever added to and on the disk before we go on. The folder may be another
machine's: a mount that takes appends and refuses the rest, or one that is collected from. A head covers every event
before it, so a day's file may later be cut down to its last line.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path

from audit.heads import Head, NotAHead
from audit.queries import latest_seals

log = logging.getLogger(__name__)

PATTERN = "heads-*.jsonl"
TAIL = 256 * 1024  # bytes read of each file's end: some 600 heads, of which the largest counts

_failing = False  # said once, not each second


def keep(folder: Path, public_keys: Mapping[str, bytes], *, using: str = "default") -> bool:
    """Add the newest head to the day's file, unless it stands there already; whether it now does.

    Never raises for the folder's sake: what cannot be kept is sealed all the same, the log of the process says so, and
    the next head, which covers this one, is tried anew.
    """
    global _failing
    newest = latest_seals(1, using=using).first()
    if newest is None:
        return False
    head = Head.of(newest)
    try:
        _append(folder / f"heads-{head.at[:10]}.jsonl", head.to_json(public_keys.get(head.key_id, b""), indent=None))
    except OSError as error:
        if not _failing:
            log.error("audit heads: cannot be written to the second place: %s", error.strerror)
        _failing = True
        return False
    if _failing:
        log.warning("audit heads: written to the second place again")
    _failing = False
    return True


def kept_in(folder: Path) -> list[Head]:
    """The largest head of each day's file, by size. A line that was torn by a crash counts for nothing.

    Raises OSError.
    """
    largest = []
    for path in sorted(folder.glob(PATTERN)):
        heads = [head for line in _tail(path) if (head := _read(line))]
        if heads:
            largest.append(max(heads, key=lambda head: head.size))
    return sorted(largest, key=lambda head: head.size)


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = line.encode()
    fresh = not path.exists()
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(file).st_size
        end = os.pread(file, len(data), max(0, size - len(data)))
        if end == data:
            return
        if end and not end.endswith(b"\n"):  # a full disk or a crash tore the last line
            data = b"\n" + data
        if os.write(file, data) != len(data):
            raise OSError(None, "the line was cut short")
        os.fsync(file)
    finally:
        os.close(file)
    if fresh:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Without it a new file's name may be gone after a crash, and the file with it."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _tail(path: Path) -> list[str]:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        return file.read().decode("utf-8", "replace").splitlines()


def _read(line: str) -> Head | None:
    try:
        return Head.from_json(line)
    except NotAHead:
        return None
