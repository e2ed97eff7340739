"""Where the security log lies: a file a day (UTC), this user's alone, removed when its time is over."""

from __future__ import annotations

import errno
import os
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

NAME = re.compile(r"security-(\d{4}-\d\d-\d\d)\.jsonl")
APPENDING = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


def append(line: str, at: datetime) -> None:
    """Add one line to the file of its day; any number of processes may. Raises OSError.

    The file is opened anew each time: nothing has to be rotated, and no process writes on into yesterday.
    """
    path = settings.SECURITY_LOG_DIR / f"security-{at.astimezone(UTC).date()}.jsonl"
    try:
        descriptor = os.open(path, APPENDING)
    except FileNotFoundError:
        descriptor = _begin(path)
    try:
        data = line.encode()
        if os.write(descriptor, data) < len(data):  # one write: lines of two processes do not mix
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(descriptor)


def _begin(path: Path) -> int:
    """The first line of a day: a file for it, and those whose time is over go."""
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)  # raises where it is another's
    descriptor = os.open(path, APPENDING | os.O_CREAT, 0o600)
    os.fchmod(descriptor, 0o600)
    forget_old()
    return descriptor


def forget_old() -> int:
    """Remove what is older than SECURITY_LOG_DAYS; how many files."""
    oldest = timezone.now().astimezone(UTC).date() - timedelta(days=settings.SECURITY_LOG_DAYS)
    removed = 0
    for path in settings.SECURITY_LOG_DIR.glob("security-*.jsonl"):
        if (match := NAME.fullmatch(path.name)) and date.fromisoformat(match[1]) < oldest:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
