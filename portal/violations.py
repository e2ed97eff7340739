"""Where browsers report what a page tried against its policy: one line in the log, of which directive, and no more.

A report quotes addresses of pages, so nothing of it is kept but the directive's name. Anybody may send one: few are
read, and a flood writes a few lines a minute.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

ADDRESS = "/csp-report"
LARGEST = 16 * 1024
LINES_A_MINUTE = 10
DIRECTIVES = frozenset({
    "default-src", "script-src", "script-src-elem", "script-src-attr", "style-src", "style-src-elem", "style-src-attr",
    "img-src", "font-src", "connect-src", "form-action", "frame-ancestors", "base-uri", "object-src", "frame-src",
    "media-src", "worker-src", "manifest-src", "child-src",
})  # fmt: skip

log = structlog.get_logger("portal.violations")
_lock = threading.Lock()
_written = {"minute": 0, "lines": 0}


class ViolationsMiddleware:
    """Answers before sessions and transactions: a report costs no more than reading it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info != ADDRESS:
            return self.get_response(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        directive = _directive(request.read(LARGEST + 1))
        if directive and _may_write():
            log.warning("content security policy violated", kind=directive)
        return HttpResponse(status=204)


def _directive(body: bytes) -> str:
    """Which directive a report is about; empty for what is no report."""
    if len(body) > LARGEST:
        return ""
    try:
        told: Any = json.loads(body)["csp-report"]
        named = str(told.get("effective-directive") or told.get("violated-directive") or "").split(" ")[0]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ""
    return named if named in DIRECTIVES else ""


def _may_write() -> bool:
    minute = int(time.monotonic() // 60)
    with _lock:
        if _written["minute"] != minute:
            _written.update(minute=minute, lines=0)
        _written["lines"] += 1
        return _written["lines"] <= LINES_A_MINUTE
