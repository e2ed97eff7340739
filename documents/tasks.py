"""The worker's tasks. They carry ids; what is to be done stands in the database (documents.processing)."""

from uuid import UUID

from celery import shared_task

from .processing import run

ASKED_FOR = 30  # seconds an answer is waited for: the next sweep asks again


@shared_task(ignore_result=True)
def process(version: str) -> None:
    """Do what waits for one version."""
    run.run(UUID(version))


@shared_task(ignore_result=True)
def sweep() -> None:
    """Ask again for what nobody has in hand: an emptied broker or a killed worker loses nothing."""
    for version in run.overdue():
        process.apply_async((str(version),), expires=ASKED_FOR)


@shared_task(ignore_result=True)
def remove_orphans() -> None:
    """Remove blobs that belong to nothing."""
    run.remove_orphans()
