"""The worker's part: taking new cases in, telling that something waits, and destroying what is due.

What is to be done stands in the database, in columns that say nothing of content; each task may run twice. Letters name
no case, no theme and no time.
"""

from __future__ import annotations

from celery import shared_task

from . import retention
from .notices import tell_overdue, tell_urgent, tell_waiting, warn


@shared_task
def take_in() -> None:
    """Open a file for each case that came, with its clocks; tell at once of what is urgent."""
    if retention.take_in():
        tell_urgent()


@shared_task
def remind() -> None:
    """Once a day: what waits, what is soon due, what is overdue."""
    tell_waiting()
    tell_overdue()


@shared_task
def destroy_due() -> None:
    """Once a day: dates moved on, warnings given, and what is due and consented to destroyed."""
    retention.move_dates()
    warn()
    retention.destroy_due()
