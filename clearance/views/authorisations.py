"""Granting, suspending, resuming and revoking authorisations: each shows what it will change before it happens."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.acts import Act

from ..clock import moment
from ..forms import AssessmentForm, AuthorisationForm, ReasonForm
from ..forms.entitlements import Confirmed
from ..forms.telling import ToldOn
from ..models import Authorisation
from ..queries import people as queries
from ..queries.states import entries
from ..sent import takes
from ..services import authorisations as services
from ..services.reading import note_opening
from .people import person_or_404
from .registers import STATUTORY_LEVEL
from .requests import Request, for_officers, posted


@takes(AuthorisationForm)
@for_officers
@require_http_methods(["GET", "POST"])
def grant(request: Request, person: UUID) -> HttpResponse:
    """Enter a pledge or duty of confidence: the terms, then what they change, then it is done."""
    form = AuthorisationForm(posted(request), initial={"since": timezone.localdate(), "basis": Authorisation.Basis.NDA})
    return _grant(request, person, form, statutory=False)


@takes(AssessmentForm)
@for_officers
@require_http_methods(["GET", "POST"])
def assess(request: Request, person: UUID) -> HttpResponse:
    """Enter the result of a statutory assessment: the terms, then what they change, then it is done."""
    form = AssessmentForm(posted(request), initial={"since": timezone.localdate()})
    return _grant(request, person, form, statutory=True)


@takes(ReasonForm)
@for_officers
@require_http_methods(["GET", "POST"])
def suspend(request: Request, authorisation: UUID) -> HttpResponse:
    """Take its effect away for the time being."""
    found = _of_another(request, authorisation)
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.suspend(actor=request.actor, authorisation=found, reason=form.cleaned_data["reason"])
            messages.success(request, _("効力を停止しました。次の操作から読めなくなります。"))
            return redirect(_page_of(found))
    effect = queries.without(found, at=moment())
    return _asked(request, "suspend", found, form, effect)


@for_officers
@require_http_methods(["GET", "POST"])
def resume(request: Request, authorisation: UUID) -> HttpResponse:
    """Give it its effect back."""
    found = _of_another(request, authorisation)
    form = Confirmed(posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.resume(actor=request.actor, authorisation=found)
            messages.success(request, _("効力を再開しました。"))
            return redirect(_page_of(found))
    effect = queries.restored(found, at=moment())
    return _asked(request, "resume", found, form, effect)


@takes(ReasonForm)
@for_officers
@require_http_methods(["GET", "POST"])
def revoke(request: Request, authorisation: UUID) -> HttpResponse:
    """End it for good."""
    found = _of_another(request, authorisation)
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.revoke(actor=request.actor, authorisation=found, reason=form.cleaned_data["reason"])
            messages.success(request, _("取り消しました。次の操作から読めなくなります。"))
            return redirect(_page_of(found))
    effect = queries.without(found, at=moment())
    return _asked(request, "revoke", found, form, effect)


def _grant(request: Request, key: UUID, form: AuthorisationForm | AssessmentForm, *, statutory: bool) -> HttpResponse:
    found = person_or_404(key)
    if found.pk == request.actor.person_id:
        raise Http404
    page = reverse("clearance:statutory_person" if statutory else "clearance:person", args=[key])
    effect: queries.Effect | None = None
    draft: Authorisation | None = None
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            draft = services.draft(actor=request.actor, person=found, **form.cleaned_data)
    if draft is not None:
        if "confirmed" in request.POST:
            services.grant(actor=request.actor, person=found, **form.cleaned_data)
            messages.success(request, _("取扱資格を登録しました。"))
            return redirect(page)
        effect = queries.granted(draft, at=moment())
    confirming = draft is not None and "edit" not in request.POST
    if statutory:
        note_opening(actor=request.actor, act=Act.AUTHORISATION_OPEN, what="assessment", key=key, level=STATUTORY_LEVEL)
    else:
        note_opening(actor=request.actor, act=Act.PERSON_OPEN, what="person", key=key)
    return render(
        request,
        "clearance/grant_confirm.html" if confirming else "clearance/grant.html",
        {"form": form, "person": found, "statutory": statutory, "draft": draft, "effect": effect, "back": page},
    )


def _of_another(request: Request, key: UUID) -> Authorisation:
    """An authorisation the officer may change: for their own the page does not exist."""
    rows = Authorisation.objects.select_related("person__organisation").exclude(person_id=request.actor.person_id)
    found: Authorisation = get_object_or_404(rows, pk=key)
    return found


def _asked(request: Request, act: str, found: Authorisation, form: Confirmed, effect: queries.Effect) -> HttpResponse:
    (entry,) = entries(Authorisation.objects.filter(pk=found.pk), at=moment())
    note_opening(
        actor=request.actor, act=Act.AUTHORISATION_OPEN, what="authorisation", key=found.pk,
        level=found.noted_level,
    )  # fmt: skip
    return render(
        request,
        f"clearance/authorisation_{act}.html",
        {"form": form, "person": found.person, "entry": entry, "effect": effect, "back": _page_of(found)},
    )


def _page_of(found: Authorisation) -> str:
    name = "clearance:statutory_person" if found.statutory else "clearance:person"
    return reverse(name, args=[found.person_id])
