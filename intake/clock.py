"""The only time the anonymous side knows: the day in Japan, and how far into it."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone


def today() -> date:
    return timezone.localdate()


def since_midnight(now: datetime | None = None) -> int:
    """Whole seconds since the day began in Japan."""
    local = timezone.localtime(now)
    return int((local - local.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds())


def midnight(day: date) -> float:
    """When the day began, as seconds of the epoch: what files are dated with."""
    return timezone.make_aware(datetime.combine(day, time.min)).timestamp()
