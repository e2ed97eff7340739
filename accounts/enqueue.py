"""Handing work to the tasks once it is certain: after the commit, and without undoing it where the broker is away."""

from __future__ import annotations

from celery import Task
from django.db import transaction


def on_commit(task: Task[..., None], *ids: str) -> None:
    """Enqueue `task` with these ids after the transaction. A broker that is away is logged, and no error."""

    # Not a partial: Django could not name it when the broker is away, and would fail instead of going on.
    def enqueue() -> None:
        task.delay(*ids)

    transaction.on_commit(enqueue, robust=True)
