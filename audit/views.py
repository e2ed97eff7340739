"""The auditor's pages: the log, one event with its proof, the state of the seal, the export. For nobody else."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from audit import queries
from audit.acts import Act
from audit.export import lines
from audit.forms import NarrowingForm
from audit.guard import Request, for_auditors, reading_again
from audit.models import Event
from audit.queries import COUNTED, PAGE, Cursor
from audit.services import record

SEALS, SEALS_UNFOLDED = 20, 5


@for_auditors
@require_GET
def index(request: Request) -> HttpResponse:
    """The log, newest first: search, narrow, page."""
    form = NarrowingForm(request.GET)
    holds = request.actor.reach.holds
    found: list[Event] = []
    total, narrowed, following = 0, False, ""
    if form.is_valid():
        narrowed = bool(form.used)
        asked = queries.events(form.narrowing(), holds)
        found = queries.below(asked, Cursor.read(request.GET.get("after", "")), PAGE + 1)
        total = queries.counted(asked)
        if len(found) > PAGE:
            found = found[:PAGE]
            following = _address(request, after=str(Cursor(found[-1].at, found[-1].pk)))
        record(
            actor=request.actor, act=Act.AUDIT_SEARCH, target_type="event",
            detail={"filters": ",".join(form.used), "shown": len(found)},
        )  # fmt: skip
    return render(
        request,
        "audit/index.html",
        {
            "form": form,
            "more": form.more,
            "rows": queries.shown(found, holds),
            "narrowed": narrowed,
            "total": total,
            "counted": COUNTED,
            "next_url": following,
            "first_url": _address(request) if "after" in request.GET else "",
            "export_url": _address(request, to="audit:export") if found else "",
            "proofs_url": _address(request, to="audit:proofs"),
        },
    )


@for_auditors
@require_GET
def event(request: Request, event: UUID) -> HttpResponse:
    """One event, and the proof that it stands in the log."""
    found = get_object_or_404(Event, pk=event)
    (row,) = queries.shown([found], request.actor.reach.holds)
    record(actor=request.actor, act=Act.AUDIT_OPEN, target_type="event", target_id=found.pk)
    return render(request, "audit/event.html", {"row": row, "event": found, "proof": queries.proof_of(found)})


@for_auditors
@require_GET
def seal(request: Request) -> HttpResponse:
    """The state of the seal, and the newest seals."""
    state, seals = queries.seal_state(), list(queries.latest_seals(SEALS))
    record(actor=request.actor, act=Act.AUDIT_OPEN, target_type="head")
    parts = {"newest_seals": seals[:SEALS_UNFOLDED], "older_seals": seals[SEALS_UNFOLDED:]}
    return render(request, "audit/seal.html", {"state": state, **parts})


@for_auditors
@require_GET
def export(request: Request) -> HttpResponseBase:
    """The events asked for as CSV. The export is an event itself, before its first line."""
    form = NarrowingForm(request.GET)
    if not form.is_valid():
        return redirect(_address(request, to="audit:index"))
    asked, now = form.narrowing(), timezone.now()
    asked = replace(asked, until=min(asked.until or now, now))  # what happens meanwhile would never end
    record(actor=request.actor, act=Act.AUDIT_EXPORT, target_type="event", detail={"filters": ",".join(form.used)})
    response = StreamingHttpResponse(
        lines(asked, lambda: reading_again(request)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate():%Y%m%d}.csv"'
    return response


def _address(request: Request, *, to: str = "audit:index", **more: str) -> str:
    """The page's address with the conditions given, from the beginning of the list unless `after` says otherwise."""
    given = {name: value for name, value in {**request.GET.dict(), "after": "", **more}.items() if value}
    return reverse(to) + (f"?{urlencode(given)}" if given else "")
