"""Runs what waits for a version, and finds what nobody has in hand."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.db import InterfaceError, OperationalError

from vault.blobs import sweep
from vault.providers import KeyProviderUnavailable

from ..models import Processing, Work
from . import queue
from .at_hand import Gone, take_up
from .checking import check, give_up
from .resealing import reseal

logger = logging.getLogger(__name__)

STALLED = timedelta(seconds=2)
ORPHANED = timedelta(hours=26)  # longer than any upload and any work on a file takes


def run(version: UUID) -> None:
    """Do what waits for this version. What somebody else has in hand is left alone. May run any number of times."""
    for work in queue.waiting(version):
        if queue.claim(work):
            _attempt(work)


def _attempt(work: Processing) -> None:
    try:
        held = take_up(work)
        with queue.in_hand(work):
            if queue.worn_out(work):
                give_up(held)
            elif work.work == Work.RESEAL:
                reseal(held)
            else:
                check(held)
    except Gone:
        logger.info("nothing left to do for version %s", work.version_id)
    except Exception as error:
        with suppress(OperationalError, InterfaceError):  # the database is away: the claim lapses by itself
            queue.lay_down(work, counted=not _around(error))
        raise
    queue.finish(work)


def _around(error: Exception) -> bool:
    """Whether the fault is the machine's: keys, database or storage that are away, a full disk. It may last for hours,
    and no document is given up for it. Libraries raise OSError for a file they cannot read, too, without a number."""
    if isinstance(error, OSError):
        return error.errno is not None
    return isinstance(error, KeyProviderUnavailable | OperationalError | InterfaceError)


def overdue() -> list[UUID]:
    """Versions whose work got lost on the way to a worker, or with one."""
    return queue.overdue(by=STALLED)


def remove_orphans() -> int:
    """Blobs that no row names. Returns how many."""
    return sweep(ORPHANED)
