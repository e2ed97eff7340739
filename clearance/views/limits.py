"""The officer's pages of the daily limit: who comes near it, asking to lift it, and the second officer's answer."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit.acts import Act

from ..clock import today
from ..forms.limits import APPROVE, AnswerLiftForm, AskLiftForm
from ..forms.telling import ToldOn
from ..limits import daily
from ..models import LimitLift
from ..numbered import paged
from ..queries import limits as queries
from ..sent import takes
from ..services import limits as services
from ..services.reading import note_listing, note_opening
from .people import person_or_404
from .requests import Request, for_officers, posted


@for_officers
@require_GET
def limits(request: Request) -> HttpResponse:
    """Whoever has opened half of what they may today, or for whom more was asked."""
    day = today()
    page = paged(request, queries.near(day))
    note_listing(actor=request.actor, act=Act.LIMIT_LIST, what="person")
    lines = queries.lines(page.rows, today=day)
    return render(request, "clearance/limits.html", {"page": page, "lines": lines, "limit": settings.KEY_LIMIT})


@takes(AskLiftForm)
@for_officers
@require_http_methods(["GET", "POST"])
def ask(request: Request, person: UUID) -> HttpResponse:
    """Ask for as much again for one person."""
    found = person_or_404(person)
    if found.pk == request.actor.person_id:
        raise Http404
    form = AskLiftForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.ask(actor=request.actor, person=found, reason=form.cleaned_data["reason"])
            messages.success(request, _("引上げを申請しました。別の保全責任者が承認すると、上限が引き上げられます。"))
            return redirect("clearance:limits")
    note_opening(actor=request.actor, act=Act.LIMIT_OPEN, what="person", key=found.pk)
    line = queries.line(found, today=today())
    return render(
        request, "clearance/limit_ask.html", {"form": form, "line": line, "more": daily(found)}
    )  # fmt: skip


@takes(AnswerLiftForm)
@for_officers
@require_http_methods(["GET", "POST"])
def answer(request: Request, lift: UUID) -> HttpResponse:
    """Approve or refuse what another officer asked today. For the person concerned and for whoever asked it does not
    exist."""
    day = today()
    found = _to_answer(request, lift, day)
    form = AnswerLiftForm(posted(request))
    if request.method == "POST" and form.is_valid():
        approve = form.cleaned_data["answer"] == APPROVE
        services.answer(actor=request.actor, lift=found, approve=approve)
        messages.success(request, _("上限を引き上げました。") if approve else _("申請を差し戻しました。"))
        return redirect("clearance:limits")
    note_opening(actor=request.actor, act=Act.LIMIT_OPEN, what="lift", key=found.pk)
    line = queries.line(found.person, today=day)
    return render(request, "clearance/limit_answer.html", {"form": form, "line": line, "lift": found})


def _to_answer(request: Request, key: UUID, day: date) -> LimitLift:
    me = request.actor.person_id
    waiting = LimitLift.objects.filter(answered_by__isnull=True, day=day)
    rows = waiting.exclude(asked_by=me).exclude(person=me).select_related("person__organisation", "asked_by")
    found: LimitLift = get_object_or_404(rows, pk=key)
    return found
