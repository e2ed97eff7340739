"""What is counted, each figure by a function that says when: labels are names from the code, never of data."""

from __future__ import annotations

import threading
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from audit.acts import Act
from portal.metrics import files

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()

_requests = Counter("entaku_requests", "Requests answered.", ["view", "method", "status"], registry=REGISTRY)
_seconds = Histogram(
    "entaku_request_seconds",
    "Seconds until the answer began.",
    ["view"],
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_queries = Histogram(
    "entaku_request_queries",
    "Database statements of a request.",
    ["view"],
    registry=REGISTRY,
    buckets=(2, 5, 10, 15, 20, 30, 50, 100),
)
_tasks = Counter("entaku_tasks", "Tasks that ended.", ["task", "outcome"], registry=REGISTRY)
_task_seconds = Counter("entaku_task_seconds", "Seconds that tasks took.", ["task"], registry=REGISTRY)
_unwraps = Counter("entaku_key_unwraps", "Keys opened.", ["layer"], registry=REGISTRY)
_uploads = Counter("entaku_uploads", "Files handed over, and what came of them.", ["outcome"], registry=REGISTRY)
_sign_ins = Counter("entaku_sign_ins", "Attempts to sign in or to prove more.", ["outcome"], registry=REGISTRY)
_denials = Counter("entaku_denials", "Refusals by the access decision.", registry=REGISTRY)
_limits = Counter("entaku_key_limits_reached", "People who reached their daily limit.", registry=REGISTRY)
_drops = Counter("entaku_security_log_drops", "Entries of the security log lost.", ["to"], registry=REGISTRY)

_opened = threading.local()  # keys that this thread opened and has not counted yet, by layer

# Acts of the audit log that are figures, too.
ACTS: dict[str, Any] = {
    Act.DOCUMENT_RECEIVE: _uploads.labels("received"),
    Act.DOCUMENT_VERSION: _uploads.labels("received"),
    Act.DOCUMENT_READY: _uploads.labels("ready"),
    Act.DOCUMENT_QUARANTINE: _uploads.labels("quarantined"),
    Act.DOCUMENT_FAIL: _uploads.labels("failed"),
    Act.SESSION_SIGN_IN: _sign_ins.labels("accepted"),
    Act.SESSION_STEP_UP: _sign_ins.labels("stepped_up"),
    Act.SESSION_FAILED: _sign_ins.labels("refused"),
    Act.SESSION_LOCKED: _sign_ins.labels("locked_out"),
    Act.ACCESS_DENIED: _denials,
    Act.LIMIT_REACHED: _limits,
}
for _to in ("file", "siem"):
    _drops.labels(_to)  # zero is a figure: an alarm must not wait for the first one
for _layer in ("item", "marking"):
    _unwraps.labels(_layer)


def request(view: str, method: str, status: int, *, seconds: float, queries: int) -> None:
    """An answer began."""
    if files.counting:
        _count_opened()
        _requests.labels(view, method, status).inc()
        _seconds.labels(view).observe(seconds)
        _queries.labels(view).observe(queries)


def task(name: str, outcome: str, *, seconds: float) -> None:
    """A task ended."""
    if files.counting:
        _count_opened()
        _tasks.labels(name, outcome).inc()
        _task_seconds.labels(name).inc(seconds)


def act(name: str) -> None:
    """An act of `ACTS` was recorded and is certain."""
    if files.counting:
        ACTS[name].inc()


def unwrapped(layer: str) -> None:
    """A key of this layer (`item`, `marking`) was opened. A page opens hundreds: its thread adds them up first."""
    mine = _opened.__dict__
    mine[layer] = mine.get(layer, 0) + 1


def _count_opened() -> None:
    for layer, number in _opened.__dict__.items():
        _unwraps.labels(layer).inc(number)
    _opened.__dict__.clear()


def dropped(to: str) -> None:
    """An entry of the security log did not get to its `file`, or to the `siem`."""
    if files.counting:
        _drops.labels(to).inc()
