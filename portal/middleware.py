"""The middleware that opens each request's transaction and enters its access context: the last one (docs/adr/0010)."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from audit.acts import Act
from audit.services import record
from clearance.access import ANONYMOUS, Denied
from clearance.context import end_session, enter_request, leave
from clearance.limits import LimitReached, tallied
from clearance.noting import level_noted
from clearance.screens import Request, limit_reached
from clearance.services.limits import note_opened
from clearance.services.refusing import note_refusal
from vault.uploads import parse_upload


class AccessMiddleware:
    """One transaction a request, in the context of its session; rolled back on failure.

    A denial, whose work is rolled back, is recorded in a transaction of its own. An upload is parsed, and sealed to
    disk, before the transaction opens, so that a slow sender holds no connection's transaction.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        request.actor = ANONYMOUS
        parse_upload(request)
        with transaction.atomic():
            request.actor = enter_request(request)
            entered = request.session.session_key
            with tallied(request.actor) as tally:
                response = self.get_response(request)
            if tally.refused and response.status_code != 429:  # whatever swallowed it, nothing is shown by halves
                response = limit_reached(request)
            if entered and request.session.session_key != entered:  # signed out, or the key was changed
                end_session(entered)
                if not request.user.is_authenticated:
                    response["Clear-Site-Data"] = '"cache", "storage"'
            refused: Exception | None = getattr(request, "refused", None)
            if response.status_code >= 500 or refused or tally.refused:
                transaction.set_rollback(True)
        leave()
        note_opened(actor=request.actor, tally=tally)
        if request.user.is_authenticated:  # whatever the view said nothing about: no cache keeps one reader's page
            response.headers.setdefault("Cache-Control", "private, no-store")
        if refused and request.actor.signed_in:
            self._record_refusal(request, refused)
        if getattr(request, "unreadable", False) and request.actor.signed_in:
            self._record_unreadable(request)
        if getattr(response, "streaming", False) and not connection.in_atomic_block:
            connection.close()  # a slow download must not hold a connection
        return response

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        """Note a refusal. What is missing and what is hidden are one to us here as to the asker; what is forbidden by
        name (NotAllowed) is noted as they are. Whoever opened as much as they may today is told so."""
        if isinstance(exception, Http404 | PermissionDenied):
            request.refused = exception
        return limit_reached(request) if isinstance(exception, LimitReached) else None

    @staticmethod
    def _record_refusal(request: Request, refused: Exception) -> None:
        view, target = _asked_for(request)
        level = refused.decision.level if isinstance(refused, Denied) else None
        note_refusal(actor=request.actor, view=view, target=target, level=level)

    @staticmethod
    def _record_unreadable(request: Request) -> None:
        """Somebody altered what is stored, or a key is not the one: the log names what was asked for."""
        view, target = _asked_for(request)
        with transaction.atomic():
            record(
                actor=request.actor, act=Act.ACCESS_UNREADABLE, target_type=view, target_id=target,
                level=level_noted(None, target),
            )  # fmt: skip


def _asked_for(request: Request) -> tuple[str, object]:
    """The view asked for and the key in its address; "" for none."""
    match = request.resolver_match
    return (match.view_name, next(iter(match.kwargs.values()), "")) if match else ("", "")
