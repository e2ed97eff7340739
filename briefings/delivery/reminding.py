"""When to remind of acknowledging: three working days before the day and one, on the day, and while it is overdue once
a week, four times. Whoever has acknowledged meanwhile, or may no longer read it, is not reminded (`occasions`)."""

from __future__ import annotations

from datetime import date, timedelta

from clearance.calendar import is_working_day, working_days_after
from clearance.clock import start_of

from .. import database
from ..models import Occasion
from .occasions import note

WORKING_DAYS_BEFORE = (3, 1)
WEEKS_OVERDUE = (1, 2, 3, 4)
Kind = Occasion.Kind


def remind(on: date) -> int:
    """Note each briefing that is to be reminded of on that day; how many. More runs of one day note nothing more."""
    days = due_days(on)
    found = database.owing(list(days))
    for briefing, due in found:
        note(days[due], briefing, start_of(on))
    return len(found)


def due_days(on: date) -> dict[date, str]:
    """The days by which to acknowledge of which one is reminded on `on`, and as what."""
    days: dict[date, str] = {on - timedelta(weeks=weeks): Kind.OVERDUE for weeks in WEEKS_OVERDUE}
    if is_working_day(on):  # on the days off after it the working days still to come are as many
        days |= {working_days_after(on, number): Kind.REMINDER for number in WORKING_DAYS_BEFORE}
    return days | {on: Kind.REMINDER}
