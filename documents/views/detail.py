"""One document: its card, its state while the worker is at it, its ledger, its record data, taking it back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clearance.numbered import paged
from clearance.screens import by_itself
from clearance.sent import takes

from .. import rules
from ..forms import RecordForm
from ..queries import documents, relabelling
from ..services.reading import Form, note_form, note_readings, open_card
from ..services.records import enter_in_records
from ..services.withdrawing import withdraw as take_back
from .asked import Request, ToldOn, page, place_of, screen


@screen
@require_safe
def document(request: Request, document: UUID) -> HttpResponse:
    """The document's card: what it is, its versions, what the actor may do."""
    if "waiting" in request.GET:  # where there is no script, the page loads itself anew
        by_itself(request)
    found = documents.document(request.actor, document)
    open_card(actor=request.actor, document=found)
    versions = documents.versions(request.actor, found)
    may = rules.abilities(request.actor, found)
    return page(
        request,
        "documents/document.html",
        {
            "document": found,
            "versions": versions,
            "newest": versions[0] if versions else None,
            "shown": next((version for version in versions if version.ready), None),
            "place": place_of(request.actor, found),
            "may": may,
            "request_open": relabelling.open_request(found) if may.relabel else None,
            "official": request.actor.official,
            "token": _token(versions[0].state, versions[0].percent) if versions else "",
        },
    )


@screen
@require_safe
def state(request: Request, document: UUID) -> HttpResponse:
    """How far the newest version is, as a short text to compare: pages ask it every so often."""
    found = documents.document(request.actor, document)
    newest = documents.newest_version(found)
    answer = HttpResponse(_token(newest.state, newest.percent) if newest else "", content_type="text/plain")
    answer["Cache-Control"] = "private, no-store"
    return answer


def _token(state: str, percent: int) -> str:
    return f"{state}:{percent}"


@screen
@require_safe
def readings(request: Request, document: UUID) -> HttpResponse:
    """The ledger of readings, for the originator's people and the circle's stewards."""
    found = documents.document(request.actor, document)
    rules.insist(rules.to_see_ledger(request.actor, found))
    lines = paged(request, documents.readings(found))
    note_readings(actor=request.actor, document=found)
    return page(request, "documents/readings.html", {"document": found, "lines": lines})


@takes(RecordForm)
@screen
@require_http_methods(["GET", "POST"])
def record(request: Request, document: UUID) -> HttpResponse:
    """The record data of a public document."""
    found = documents.document(request.actor, document)
    rules.insist(rules.to_record(request.actor, found))
    initial = {name: getattr(found, name) for name in ("record_file", "record_retention", "record_disposal")}
    form = RecordForm(request.POST or None, initial=initial)
    if form.is_valid():
        with ToldOn(form):
            enter_in_records(actor=request.actor, document=found, record=form.record())
            messages.success(request, _("行政文書として登録しました。"))
            return redirect("documents:document", found.pk)
    note_form(actor=request.actor, document=found, form=Form.RECORD)
    return page(request, "documents/record.html", {"document": found, "form": form})


@screen
@require_http_methods(["GET", "POST"])
def withdraw(request: Request, document: UUID) -> HttpResponse:
    """Ask, then take the document back."""
    found = documents.document(request.actor, document)
    rules.insist(rules.to_withdraw(request.actor, found))
    if request.method == "POST":
        try:
            take_back(actor=request.actor, document=found)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect("documents:document", found.pk)
        messages.success(request, _("文書を取り下げました。ほかの方の一覧からも消えています。"))
        return redirect("documents:index")
    note_form(actor=request.actor, document=found, form=Form.WITHDRAW)
    return page(request, "documents/withdraw.html", {"document": found})
