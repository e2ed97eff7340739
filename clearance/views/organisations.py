"""The officer's pages of organisations: the list, one organisation, its data and what is known of foreign control."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import services as accounts
from accounts.forms import ForeignControlForm, OrganisationForm
from accounts.models import Organisation
from accounts.queries import members_of, memberships_of
from audit.acts import Act

from ..clock import moment
from ..forms import OrganisationFilterForm
from ..forms.telling import ToldOn
from ..numbered import paged
from ..queries import organisations as queries
from ..queries import people as people_queries
from ..queries.history import history
from ..sent import takes
from ..services.reading import note_listing, note_opening
from .requests import Request, for_officers, posted


@for_officers
@require_GET
def organisations(request: Request) -> HttpResponse:
    """Every organisation, by name: search, narrow by kind and by the state of its agreement."""
    form = OrganisationFilterForm(request.GET)
    text, kind, state = form.asked("q"), form.asked("kind"), form.asked("state")
    page = paged(request, queries.organisations(at=moment(), text=text, kind=kind, state=state))
    note_listing(actor=request.actor, act=Act.ORGANISATION_LIST, what="organisation")
    context = {"form": form, "page": page, "rows": queries.rows(page.rows), "narrowed": bool(text or kind or state)}
    return render(request, "clearance/organisations.html", context)


@for_officers
@require_GET
def organisation(request: Request, organisation: UUID) -> HttpResponse:
    """One organisation: its data, agreements and certifications, people, and foreign control."""
    found = organisation_or_404(organisation)
    now = moment()
    note_opening(actor=request.actor, act=Act.ORGANISATION_OPEN, what="organisation", key=found.pk)
    entries = queries.held_by(found, at=now)
    people = paged(request, people_queries.people(at=now).filter(organisation=found))
    return render(
        request,
        "clearance/organisation.html",
        {
            "organisation": found,
            "entries": entries,
            "history": history(entries),
            "people": people,
            "rows": people_queries.rows(people.rows),
            "facts": found.foreign_control.all()[:10],
            "memberships": memberships_of(found, at=now),
            "members": members_of(found, at=now)[:50] if found.kind == Organisation.Kind.ASSOCIATION else (),
        },
    )


@takes(OrganisationForm)
@for_officers
@require_http_methods(["GET", "POST"])
def add(request: Request) -> HttpResponse:
    """Enter an organisation."""
    form = OrganisationForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            made = accounts.add_organisation(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("組織を登録しました。"))
            return redirect("clearance:organisation", made.pk)
    return render(request, "clearance/organisation_add.html", {"form": form})


@takes(OrganisationForm)
@for_officers
@require_http_methods(["GET", "POST"])
def change(request: Request, organisation: UUID) -> HttpResponse:
    """Change an organisation's data."""
    found = organisation_or_404(organisation)
    form = OrganisationForm(posted(request), instance=found)
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            accounts.change_organisation(actor=request.actor, organisation=found, **form.cleaned_data)
            messages.success(request, _("変更を保存しました。"))
            return redirect("clearance:organisation", organisation)
    note_opening(actor=request.actor, act=Act.ORGANISATION_OPEN, what="organisation", key=organisation)
    return render(
        request,
        "clearance/organisation_change.html",
        {"form": form, "organisation": organisation_or_404(organisation)},
    )


@takes(ForeignControlForm)
@for_officers
@require_http_methods(["GET", "POST"])
def foreign_control(request: Request, organisation: UUID) -> HttpResponse:
    """Note what is known on a day of foreign votes, officers and secondees."""
    found = organisation_or_404(organisation)
    form = ForeignControlForm(posted(request), initial={"as_of": timezone.localdate()})
    form.instance.organisation = found
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            accounts.record_foreign_control(actor=request.actor, organisation=found, **form.cleaned_data)
            messages.success(request, _("外国の影響に関する事実を登録しました。"))
            return redirect("clearance:organisation", organisation)
    note_opening(actor=request.actor, act=Act.ORGANISATION_OPEN, what="organisation", key=organisation)
    return render(request, "clearance/foreign_control.html", {"form": form, "organisation": found})


def organisation_or_404(key: UUID) -> Organisation:
    return get_object_or_404(Organisation, pk=key)
