"""One line for each task that ran: its name, how it ended and how long it took; never what it was given.

A task's lines carry the id of the request that asked for it, which goes with the message and joins the two logs' lines.
"""

from __future__ import annotations

import re
import time
from typing import Any

import structlog
from celery.signals import (
    beat_init,
    before_task_publish,
    celeryd_init,
    setup_logging,
    task_failure,
    task_postrun,
    task_prerun,
    worker_process_init,
    worker_ready,
)
from django.conf import settings
from structlog.contextvars import bind_contextvars, get_contextvars, unbind_contextvars

from portal import logs
from portal.logs import processes
from portal.metrics import files

log = structlog.get_logger("portal.tasks")

# What beat sends every few seconds is told only when it fails.
TICKING = frozenset(
    {"portal.tasks.heartbeat", "portal.tasks.seal_audit_log", "documents.tasks.sweep", "intake.tasks.log_rounds"}
)
HEADER = "entaku_request"
ID = re.compile(r"[0-9a-f]{16}")
_begun: dict[str, float] = {}


@setup_logging.connect
def leave_it_to_django(**given: Any) -> None:
    """Celery sets up no logging where somebody answers this."""


@celeryd_init.connect
@beat_init.connect
def take_over(**given: Any) -> None:
    """Before Celery's first warning."""
    logs.setup(settings.LOGGING)
    processes.last_words()


@worker_process_init.connect
def forked(**given: Any) -> None:
    files.after_fork()


@worker_ready.connect
def serve_figures(**given: Any) -> None:
    from portal.metrics.server import serve_worker

    serve_worker()


@before_task_publish.connect
def asked_for(headers: dict[str, Any] | None = None, **given: Any) -> None:
    """The message says in which request it was sent; a task that sends another hands on what it was told."""
    request = get_contextvars().get("request")
    if headers is not None and request:
        headers[HEADER] = request


@task_prerun.connect
def begun(task_id: str, task: Any, **given: Any) -> None:
    _begun[task_id] = time.perf_counter()
    bind_contextvars(task=task.name, task_id=task_id)
    if request := _asked_in(task):
        bind_contextvars(request=request)


@task_failure.connect
def failed(exception: BaseException, **given: Any) -> None:
    log.error("task failed", exc_info=exception)


@task_postrun.connect
def ended(task_id: str, task: Any, state: str | None = None, **given: Any) -> None:
    from portal.metrics import figures  # it is decided by then where to count

    seconds = time.perf_counter() - _begun.pop(task_id, time.perf_counter())
    figures.task(task.name, (state or "unknown").lower(), seconds=seconds)
    if task.name not in TICKING and state == "SUCCESS":
        log.info("task", ms=round(seconds * 1000, 1))
    unbind_contextvars("task", "task_id", *(["request"] if _asked_in(task) else []))


def _asked_in(task: Any) -> str:
    """The id of the request, as the web makes them; whoever writes to the broker puts nothing else into our log."""
    request = str(task.request.get(HEADER) or "")
    return request if ID.fullmatch(request) else ""
