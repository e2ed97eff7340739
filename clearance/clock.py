"""The moment things happen, by the database's clock: the one its policies judge by."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone


def moment() -> datetime:
    """Now, as the database has it.

    A web server whose clock runs ahead of the database's would otherwise leave people a grace of as many seconds.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        (at,) = cursor.fetchone()
    return at.astimezone(timezone.get_current_timezone())  # type: ignore[no-any-return]


def today() -> date:
    """The day it is here, by that clock."""
    return timezone.localdate(moment())


def start_of(day: date) -> datetime:
    """When a day begins here."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """When a day is over: the first moment that no longer belongs to it."""
    return start_of(day + timedelta(days=1))


def last_day(until: datetime | None) -> date | None:
    """The last day on which something that ends at `until` still counts; None for no end."""
    return None if until is None else timezone.localtime(until - timedelta(microseconds=1)).date()
