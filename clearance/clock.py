"""The moment things happen, by the database's clock: the one its policies judge by."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone


def moment() -> datetime:
    """The present transaction's moment.

    What ends now has ended for the rest of the transaction too, and a web server whose clock runs ahead of the
    database's leaves nobody a second's grace.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (at,) = cursor.fetchone()
    return at.astimezone(timezone.get_current_timezone())  # type: ignore[no-any-return]


def start_of(day: date) -> datetime:
    """When a day begins here."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """When a day is over: the first moment that no longer belongs to it."""
    return start_of(day + timedelta(days=1))


def last_day(until: datetime | None) -> date | None:
    """The last day on which something that ends at `until` still counts; None for no end."""
    return None if until is None else timezone.localtime(until - timedelta(microseconds=1)).date()
