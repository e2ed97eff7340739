"""The manager's pages: desks, who reads there, who holds shares. No case is seen from here."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit.acts import Act
from clearance.forms.entitlements import Confirmed
from clearance.forms.telling import ToldOn
from clearance.sent import takes
from clearance.services.reading import note_listing, note_opening
from intake.models import Desk

from ..forms.custody import DeskForm, PersonForm
from ..models.custody import DeskOfficer, EscrowHolder
from ..queries import custody as queries
from ..services import custody as services
from .keys import _posted
from .serving import Request, for_managers


@for_managers
@require_GET
def desks(request: Request) -> HttpResponse:
    """Every desk with its officers, the holders, and what is amiss."""
    note_listing(actor=request.actor, act=Act.DESK_LIST, what="desk")
    return render(request, "consultations/custody/desks.html", {"desks": queries.desks()})


@takes(DeskForm)
@for_managers
@require_http_methods(["GET", "POST"])
def desk_add(request: Request) -> HttpResponse:
    form = DeskForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.open_desk(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("窓口を開きました。次に、担当者を選んでください。"))
            return redirect("consultations:desks")
    return render(request, "consultations/custody/desk_form.html", {"form": form, "desk": None})


@takes(DeskForm)
@for_managers
@require_http_methods(["GET", "POST"])
def desk_change(request: Request, desk: UUID) -> HttpResponse:
    """How it is called and described; whether it takes concerns."""
    found = get_object_or_404(Desk, pk=desk)
    if request.method == "POST" and "active" in request.POST:
        services.set_active(actor=request.actor, desk=found, active=request.POST["active"] == "yes")
        messages.success(request, _("受付の状態を変更しました。"))
        return redirect("consultations:desks")
    form = DeskForm(_posted(request), instance=found)
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.change_desk(actor=request.actor, desk=found, **form.cleaned_data)
            messages.success(request, _("窓口を変更しました。"))
            return redirect("consultations:desks")
    note_opening(actor=request.actor, act=Act.DESK_FORM, what="desk", key=found.pk)
    return render(request, "consultations/custody/desk_form.html", {"form": form, "desk": found})


@takes(PersonForm)
@for_managers
@require_http_methods(["GET", "POST"])
def desk_appoint(request: Request, desk: UUID) -> HttpResponse:
    """Choose an officer."""
    found = get_object_or_404(Desk, pk=desk)
    form = PersonForm(_posted(request), reading=True)
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.appoint_officer(actor=request.actor, desk=found, person=form.chosen())
            messages.success(request, _("担当者に選びました。ご本人が鍵を作ると、新しい相談を読めるようになります。"))
            return redirect("consultations:desks")
    note_opening(actor=request.actor, act=Act.DESK_FORM, what="desk", key=found.pk)
    return render(request, "consultations/custody/desk_appoint.html", {"form": form, "desk": found})


@takes(Confirmed)
@for_managers
@require_http_methods(["GET", "POST"])
def officer_end(request: Request, officer: UUID) -> HttpResponse:
    found = get_object_or_404(DeskOfficer.objects.in_force().select_related("desk", "person"), pk=officer)
    form = Confirmed(_posted(request))
    if request.method == "POST" and form.is_valid():
        services.end_officer(actor=request.actor, officer=found)
        messages.success(request, _("担当から外しました。"))
        return redirect("consultations:desks")
    note_opening(actor=request.actor, act=Act.DESK_FORM, what="desk", key=found.desk_id)
    return render(request, "consultations/custody/officer_end.html", {"form": form, "officer": found})


@takes(PersonForm)
@for_managers
@require_http_methods(["GET", "POST"])
def holder_add(request: Request) -> HttpResponse:
    """Choose an escrow holder."""
    form = PersonForm(_posted(request), reading=False)
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.appoint_holder(actor=request.actor, person=form.chosen())
            messages.success(
                request, _("復旧を支える方に選びました。ご本人が鍵を作ると、担当者の鍵を預かれるようになります。")
            )
            return redirect("consultations:desks")
    note_opening(actor=request.actor, act=Act.DESK_FORM, what="desk", key="holders")
    return render(request, "consultations/custody/holder_add.html", {"form": form})


@takes(Confirmed)
@for_managers
@require_http_methods(["GET", "POST"])
def holder_end(request: Request, holder: UUID) -> HttpResponse:
    found: EscrowHolder | None = EscrowHolder.objects.in_force().select_related("person").filter(pk=holder).first()
    if found is None:
        raise Http404
    form = Confirmed(_posted(request))
    if request.method == "POST" and form.is_valid():
        services.end_holder(actor=request.actor, holder=found)
        messages.success(request, _("復旧を支える方から外しました。"))
        return redirect("consultations:desks")
    note_opening(actor=request.actor, act=Act.DESK_FORM, what="desk", key=found.pk)
    return render(request, "consultations/custody/holder_end.html", {"form": form, "holder": found})
