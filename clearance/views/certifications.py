"""Entering, suspending, resuming and revoking what organisations have agreed to or are certified for."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.acts import Act

from ..clock import moment
from ..forms import CertificationForm, ReasonForm
from ..forms.entitlements import Confirmed
from ..forms.telling import ToldOn
from ..models import OrganisationCertification
from ..queries import people
from ..queries.states import entries
from ..sent import takes
from ..services import certifications as services
from ..services.reading import note_opening
from .organisations import organisation_or_404
from .requests import Request, for_officers, posted


@takes(CertificationForm)
@for_officers
@require_http_methods(["GET", "POST"])
def record(request: Request, organisation: UUID) -> HttpResponse:
    """Enter an agreement or a certification."""
    found = organisation_or_404(organisation)
    form = CertificationForm(
        posted(request),
        initial={"since": timezone.localdate(), "kind": OrganisationCertification.Kind.AGREEMENT},
    )
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.grant(actor=request.actor, organisation=found, **form.cleaned_data)
            messages.success(request, _("契約・認定を登録しました。"))
            return redirect("clearance:organisation", organisation)
    note_opening(actor=request.actor, act=Act.ORGANISATION_OPEN, what="organisation", key=organisation)
    return render(request, "clearance/certification_add.html", {"form": form, "organisation": found})


@takes(ReasonForm)
@for_officers
@require_http_methods(["GET", "POST"])
def suspend(request: Request, certification: UUID) -> HttpResponse:
    """Take its effect away for the time being."""
    found = _certification_or_404(certification)
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.suspend(actor=request.actor, certification=found, reason=form.cleaned_data["reason"])
            messages.success(request, _("効力を停止しました。次の操作から読めなくなります。"))
            return redirect("clearance:organisation", found.organisation_id)
    return _asked(request, "suspend", found, form)


@for_officers
@require_http_methods(["GET", "POST"])
def resume(request: Request, certification: UUID) -> HttpResponse:
    """Give it its effect back."""
    found = _certification_or_404(certification)
    form = Confirmed(posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.resume(actor=request.actor, certification=found)
            messages.success(request, _("効力を再開しました。"))
            return redirect("clearance:organisation", found.organisation_id)
    return _asked(request, "resume", found, form)


@takes(ReasonForm)
@for_officers
@require_http_methods(["GET", "POST"])
def revoke(request: Request, certification: UUID) -> HttpResponse:
    """End it for good."""
    found = _certification_or_404(certification)
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.revoke(actor=request.actor, certification=found, reason=form.cleaned_data["reason"])
            messages.success(request, _("取り消しました。次の操作から読めなくなります。"))
            return redirect("clearance:organisation", found.organisation_id)
    return _asked(request, "revoke", found, form)


def _certification_or_404(key: UUID) -> OrganisationCertification:
    found: OrganisationCertification = get_object_or_404(
        OrganisationCertification.objects.select_related("organisation"), pk=key
    )
    return found


def _asked(request: Request, act: str, found: OrganisationCertification, form: Confirmed) -> HttpResponse:
    now = moment()
    (entry,) = entries(OrganisationCertification.objects.filter(pk=found.pk), at=now)
    agreement = found.kind == OrganisationCertification.Kind.AGREEMENT
    relying = people.relying_on(found.organisation, at=now) if agreement else None
    note_opening(
        actor=request.actor, act=Act.CERTIFICATION_OPEN, what="certification", key=found.pk,
        level=found.noted_level,
    )  # fmt: skip
    return render(
        request,
        f"clearance/certification_{act}.html",
        {"form": form, "organisation": found.organisation, "entry": entry, "relying": relying},
    )
