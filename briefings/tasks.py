"""The worker's part: releasing what was approved for a time. What is due stands in the database; each run may be the
second of its kind, and a lost broker loses nothing: the next beat finds the same."""

from __future__ import annotations

from celery import shared_task

from .services import publishing


@shared_task(ignore_result=True)
def release_due() -> None:
    """Publish each approved draft whose time has come."""
    publishing.release_due()
