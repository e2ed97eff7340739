"""The worker's part: releasing what was approved for a time, telling that something waits. What is due stands in the
database; each run may be the second of its kind, and a lost broker loses nothing: the next beat finds the same."""

from __future__ import annotations

from celery import shared_task

from clearance.clock import today

from .delivery import forgetting, hooks, letters, occasions, reminding
from .services import publishing


@shared_task(ignore_result=True)
def release_due() -> None:
    """Publish each approved draft whose time has come."""
    publishing.release_due()


@shared_task(ignore_result=True)
def tell() -> None:
    """Find out whom what came concerns, then send what is due to hooks and people."""
    occasions.spread_due()
    letters.post_due()
    hooks.deliver_due()


@shared_task(ignore_result=True)
def remind() -> None:
    """Remind of what is to be acknowledged."""
    reminding.remind(today())


@shared_task(ignore_result=True)
def forget_told() -> None:
    """Once a day: what was told long ago."""
    forgetting.forget_old()
