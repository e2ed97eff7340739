"""The queue: taking work, saying that it goes on, laying it down. No access context: ids and times are all there is.

The times are the database's: a machine whose clock is wrong neither keeps work for itself nor lets it lie.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import Error, connection
from django.db.models import F
from django.db.models.functions import Now

from ..models import Processing

# Work that was not heard of for so long is somebody's who is gone. Whoever has it says each second that it goes on.
LEASE = timedelta(seconds=4)
RENEWED_EVERY = 1.0
# What failed around the document, and not on it, is tried again so soon.
PAUSE = timedelta(seconds=3)
MOST_ATTEMPTS = 5
MOST_ASKED = 20  # in one sweep: a long queue is not asked for over and over


def waiting(version: UUID) -> list[Processing]:
    """What is to be done with a version, oldest first."""
    return list(Processing.objects.filter(version_id=version, done_at__isnull=True))


def claim(work: Processing) -> bool:
    """Take it, unless somebody else has it. Counts the attempt before it is made: the next one knows of a crash."""
    mine = Processing.objects.filter(pk=work.pk, done_at__isnull=True, due_at__lte=Now())
    return mine.update(due_at=Now() + LEASE, attempts=F("attempts") + 1) == 1


def go_on(work: Processing) -> None:
    """Renew the claim."""
    Processing.objects.filter(pk=work.pk, done_at__isnull=True).update(due_at=Now() + LEASE)


@contextmanager
def in_hand(work: Processing) -> Iterator[None]:
    """Renew the claim for as long as the block lasts, in a thread of its own: drawing a page may take long."""
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(work, ended), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        ended.set()
        renewing.join()


def _renew(work: Processing, ended: threading.Event) -> None:
    while not ended.wait(RENEWED_EVERY):
        try:
            go_on(work)
        except Error:  # the database is away: what is lost is taken up by the next one
            pass
        finally:
            connection.close()  # this thread's own


def lay_down(work: Processing, *, counted: bool = True) -> None:
    """Give it back for a while: one that doubles each time, or a short one for what is not `counted`, since the fault
    was not the document's."""
    pause = timedelta(minutes=2**work.attempts) if counted else PAUSE
    attempts = work.attempts + 1 if counted else work.attempts
    Processing.objects.filter(pk=work.pk).update(due_at=Now() + pause, attempts=attempts)


def finish(work: Processing) -> None:
    Processing.objects.filter(pk=work.pk).update(done_at=Now())


def worn_out(work: Processing) -> bool:
    """Whether it has been tried as often as it will be. `work` is as it was before it was claimed."""
    return work.attempts >= MOST_ATTEMPTS


def overdue(*, by: timedelta) -> list[UUID]:
    """Versions with work that nobody has in hand although it has been due for so long; the longest first, not all."""
    late = Processing.objects.filter(done_at__isnull=True, due_at__lt=Now() - by).order_by("due_at", "pk")
    return list(dict.fromkeys(late.values_list("version_id", flat=True)[:MOST_ASKED]))
