"""What an auditor takes away to check elsewhere: published heads, proofs, the export, the script that checks them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from audit import merkle, proof_export, queries
from audit.acts import Act
from audit.forms import NarrowingForm
from audit.guard import Request, for_auditors, reading_again
from audit.heads import Head
from audit.models import Event
from audit.publishing import published_keys
from audit.queries import PAGE
from audit.services import record

JSON_LINES = "application/jsonl; charset=utf-8"
LARGEST = 2**63 - 1


@for_auditors
@require_GET
def heads(request: Request) -> HttpResponse:
    """The signed heads, newest first."""
    asked = request.GET.get("before", "")
    before = min(int(asked), LARGEST) if asked.isascii() and asked.isdecimal() and len(asked) < 20 else None
    seals = list(queries.latest_seals(PAGE + 1, before))
    following = f"?before={seals[PAGE - 1].tree_size}" if len(seals) > PAGE else ""
    record(actor=request.actor, act=Act.AUDIT_OPEN, target_type="head")
    return render(
        request,
        "audit/heads.html",
        {
            "seals": seals[:PAGE],
            "next_url": following and reverse("audit:heads") + following,
            "first_url": reverse("audit:heads") if before is not None else "",
        },
    )


@for_auditors
@require_GET
def published(request: Request, size: int) -> HttpResponse:
    """One signed head, with all that a stranger needs to check it."""
    found, keys = _head(size), published_keys()
    record(actor=request.actor, act=Act.AUDIT_OPEN, target_type="head", target_id=size)
    public = keys.get(found.key_id, b"")
    return render(
        request,
        "audit/head.html",
        {
            "head": found,
            "sealed_at": found.sealed_at,
            "public_key": public.hex(),
            "lines": found.to_json(public).splitlines(),
            "parts": {f"{start + 1:,}–{stop:,}": stop - start for start, stop in merkle.perfect_spans(size)},
            "grown": queries.heads_from(size + 1).exists(),
        },
    )


@for_auditors
@require_GET
def published_file(request: Request, size: int) -> HttpResponse:
    """The head as a file, to be kept outside."""
    record(actor=request.actor, act=Act.AUDIT_EXPORT, target_type="head", target_id=size)
    return head_file(_head(size))


@for_auditors
@require_GET
def head(request: Request) -> HttpResponse:
    """The newest signed head, to be kept outside: `audit_verify --head` compares the log with it later."""
    latest = _newest()
    record(actor=request.actor, act=Act.AUDIT_EXPORT, target_type="head", target_id=latest.size)
    return head_file(latest)


def head_file(found: Head) -> HttpResponse:
    response = HttpResponse(found.to_json(published_keys().get(found.key_id, b"")), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="audit-head-{found.size}.json"'
    return response


@for_auditors
@require_GET
def consistency(request: Request, size: int) -> HttpResponseBase:
    """The proof that the log of this head is the beginning of today's."""
    earlier, newest = _head(size), _newest()
    record(actor=request.actor, act=Act.AUDIT_EXPORT, target_type="head", target_id=size)
    lines = list(proof_export.growth(earlier, newest, published_keys()))
    return _attached(iter(lines), f"audit-consistency-{size}-{newest.size}.jsonl")


@for_auditors
@require_GET
def proof(request: Request, event: UUID) -> HttpResponseBase:
    """One event, with its path to the newest head."""
    found, newest = get_object_or_404(Event, pk=event), _newest()
    if not queries.places_of([found], newest.size):
        raise Http404
    record(actor=request.actor, act=Act.AUDIT_EXPORT, target_type="event", target_id=found.pk)
    lines = list(proof_export.proof(found, newest, published_keys(), request.actor.reach.holds))
    return _attached(iter(lines), f"audit-event-{found.pk}.jsonl")


@for_auditors
@require_GET
def proofs(request: Request) -> HttpResponseBase:
    """The whole log, or the events asked for, so that a stranger can check it. The export is an event itself."""
    form = NarrowingForm(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('audit:index')}?{request.GET.urlencode()}")
    newest, keys = _newest(), published_keys()
    asked, now = form.narrowing(), timezone.now()
    record(actor=request.actor, act=Act.AUDIT_EXPORT, target_type="event", detail={"filters": ",".join(form.used)})
    if form.used:
        asked = replace(asked, until=min(asked.until or now, now))
        lines = proof_export.extract(newest, keys, asked, lambda: reading_again(request))
    else:
        lines = proof_export.whole(newest, keys, lambda: reading_again(request))
    return _attached(lines, f"audit-{timezone.localdate():%Y%m%d}.jsonl")


@for_auditors
@require_GET
def verifier(request: Request) -> HttpResponse:
    """The script that checks what was taken away."""
    path: Path = settings.AUDIT_VERIFIER
    response = HttpResponse(path.read_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{path.name}"'
    return response


def _head(size: int) -> Head:
    found = queries.head_of(size)
    if found is None:
        raise Http404
    return found


def _newest() -> Head:
    found = queries.newest_head()
    if found is None:
        raise Http404
    return found


def _attached(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type=JSON_LINES)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
