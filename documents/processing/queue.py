"""The queue: taking work, saying that it goes on, laying it down. No access context: ids and times are all there is."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from ..models import Processing

# Work that was not heard of for so long is somebody's who is gone. Progress is said every few seconds.
LEASE = timedelta(minutes=15)
MOST_ATTEMPTS = 5


def waiting(version: UUID) -> list[Processing]:
    """What is to be done with a version, oldest first."""
    return list(Processing.objects.filter(version_id=version, done_at__isnull=True))


def claim(work: Processing) -> bool:
    """Take it, unless somebody else has it. Counts the attempt before it is made: the next one knows of a crash."""
    now = timezone.now()
    mine = Processing.objects.filter(pk=work.pk, done_at__isnull=True, due_at__lte=now)
    return mine.update(due_at=now + LEASE, attempts=F("attempts") + 1) == 1


def go_on(work: Processing) -> None:
    """Renew the claim."""
    Processing.objects.filter(pk=work.pk).update(due_at=timezone.now() + LEASE)


def lay_down(work: Processing, *, counted: bool = True) -> None:
    """Give it back for a while that doubles each time. What could not even be attempted is not `counted`."""
    pause = timedelta(minutes=2**work.attempts)
    attempts = work.attempts + 1 if counted else work.attempts
    Processing.objects.filter(pk=work.pk).update(due_at=timezone.now() + pause, attempts=attempts)


def finish(work: Processing) -> None:
    Processing.objects.filter(pk=work.pk).update(done_at=timezone.now())


def worn_out(work: Processing) -> bool:
    """Whether it has been tried as often as it will be. `work` is as it was before it was claimed."""
    return work.attempts >= MOST_ATTEMPTS


def overdue(*, by: timedelta) -> list[UUID]:
    """Versions with work that nobody has in hand although it has been due for so long."""
    late = Processing.objects.filter(done_at__isnull=True, due_at__lt=timezone.now() - by)
    return list(dict.fromkeys(late.values_list("version_id", flat=True)))
