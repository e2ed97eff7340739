"""Each request: an id of its own, which request the thread is at work on, its line in the log and its figures."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import structlog
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from structlog.contextvars import bind_contextvars, clear_contextvars

from portal.headers import MethodsMiddleware
from portal.metrics import figures

log = structlog.get_logger("portal.requests")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# What this thread answers just now: what is recorded meanwhile can be told from where (portal.security_log).
current: ContextVar[HttpRequest | None] = ContextVar("current request", default=None)


class Counter:
    """How many statements a request sent, by whatever way it asks the ORM."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.number += 1
        return execute(*arguments)


class RequestMiddleware:
    """The id is made here and goes to the tasks alone (portal.logs.tasks): it joins the lines of one request, not those
    of two systems.

    The line names the view, never the path: a path holds ids and one-time links.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        clear_contextvars()
        bind_contextvars(request=secrets.token_hex(8))
        begun, counter, token = time.perf_counter(), Counter(), current.set(request)
        try:
            with connection.execute_wrapper(counter):
                response = self.get_response(request)
        finally:
            current.reset(token)
        seconds = time.perf_counter() - begun
        method = count(request, status=response.status_code, seconds=seconds, queries=counter.number)
        log.info(
            "request",
            view=view_of(request),
            method=method,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            queries=counter.number,
        )
        clear_contextvars()  # a thread serves many
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Whatever is logged from now on says in which view."""
        bind_contextvars(view=view_of(request))


class CountedMethodsMiddleware(MethodsMiddleware):
    """What is refused by its method comes no further, to where requests are counted.

    Machines delete what they sent in; TAXII has a method of its own for that, and refuses it elsewhere itself.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "DELETE" and request.path_info.startswith("/taxii2/"):
            return self.get_response(request)
        return super().__call__(request)

    def refuse(self, request: HttpRequest) -> HttpResponseBase:
        response = super().refuse(request)
        count(request, status=response.status_code)
        return response


def count(request: HttpRequest, *, status: int, seconds: float = 0, queries: int = 0) -> str:
    """Add it to the figures; the method by which it is counted: whoever asks may make up any."""
    method = request.method if request.method and request.method in METHODS else "OTHER"
    figures.request(view_of(request), method, status, seconds=seconds, queries=queries)
    return method


def view_of(request: HttpRequest) -> str:
    """The view's name in the URLconf; `none` where no address fits."""
    return request.resolver_match.view_name if request.resolver_match else "none"
