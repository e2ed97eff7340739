"""The officer's pages of people: the list, one person, bringing somebody in, and what the register says of them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import services as accounts
from accounts.forms import InvitePersonForm, PersonForm
from accounts.models import Appointment, Person
from accounts.queries import factors_of, open_invitation
from audit.acts import Act

from ..clock import moment
from ..forms import PeopleFilterForm, RevokeFactorsForm
from ..forms.entitlements import Confirmed
from ..forms.telling import ToldOn
from ..numbered import paged
from ..queries import people as queries
from ..queries.history import history
from ..sent import takes
from ..services.reading import note_listing, note_opening
from .requests import Request, for_officers, posted


@for_officers
@require_GET
def people(request: Request) -> HttpResponse:
    """Everybody, by name: search, narrow by state."""
    form = PeopleFilterForm(request.GET)
    text, state = form.asked("q"), form.asked("state")
    page = paged(request, queries.people(at=moment(), text=text, state=state))
    note_listing(actor=request.actor, act=Act.PERSON_LIST, what="person")
    return render(
        request,
        "clearance/people.html",
        {"form": form, "page": page, "rows": queries.rows(page.rows), "narrowed": bool(text or state)},
    )


@for_officers
@require_GET
def person(request: Request, person: UUID) -> HttpResponse:
    """One person: what they can read now, what they hold, and its history. Nothing of any assessment."""
    found = person_or_404(person)
    now = moment()
    entries = queries.held_by(found, at=now)
    note_opening(actor=request.actor, act=Act.PERSON_OPEN, what="person", key=found.pk)
    return render(
        request,
        "clearance/person.html",
        {
            "person": found,
            "own": found.pk == request.actor.person_id,
            "effect": queries.effective(found, at=now),
            "entries": entries,
            "history": history(entries),
            "duties": Appointment.objects.in_force(now).filter(person=found).order_by("duty", "since"),
            "invitation": open_invitation(found),
        },
    )


@takes(InvitePersonForm)
@for_officers
@require_http_methods(["GET", "POST"])
def add(request: Request) -> HttpResponse:
    """Enter somebody in the register and invite them."""
    initial = {"organisation": request.GET.get("organisation", ""), "language": "ja"}
    form = InvitePersonForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            made = accounts.add_person(actor=request.actor, **form.cleaned_data)
            accounts.invite(actor=request.actor, person=made)
            messages.success(request, _("登録し、招待の案内を送りました。続けて取扱資格を登録できます。"))
            return redirect("clearance:person", made.pk)
    note_listing(actor=request.actor, act=Act.ORGANISATION_LIST, what="organisation")  # to choose from
    return render(request, "clearance/person_add.html", {"form": form})


@takes(PersonForm)
@for_officers
@require_http_methods(["GET", "POST"])
def change(request: Request, person: UUID) -> HttpResponse:
    """Change a person's name, post or language."""
    found = person_or_404(person)
    form = PersonForm(posted(request), instance=found)
    if request.method == "POST" and form.is_valid():
        accounts.change_person(actor=request.actor, person=found, **form.cleaned_data)
        messages.success(request, _("変更を保存しました。"))
        return redirect("clearance:person", person)
    note_opening(actor=request.actor, act=Act.PERSON_OPEN, what="person", key=person)
    return render(request, "clearance/person_change.html", {"form": form, "person": person_or_404(person)})


@for_officers
@require_POST
def invite(request: Request, person: UUID) -> HttpResponse:
    """Send the invitation again; the earlier link lapses."""
    try:
        accounts.invite(actor=request.actor, person=person_or_404(person))
        messages.success(request, _("招待の案内を送りました。"))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    return redirect("clearance:person", person)


@for_officers
@require_http_methods(["GET", "POST"])
def lock(request: Request, person: UUID) -> HttpResponse:
    """Lock an account, or open it again: asks first."""
    found = person_or_404(person)
    form = Confirmed(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            if found.is_active:
                accounts.suspend_person(actor=request.actor, person=found)
                messages.success(request, _("利用を停止しました。"))
            else:
                accounts.reinstate_person(actor=request.actor, person=found)
                messages.success(request, _("利用を再開しました。"))
        except ValidationError as refused:
            messages.error(request, refused.messages[0])
        return redirect("clearance:person", person)
    note_opening(actor=request.actor, act=Act.PERSON_OPEN, what="person", key=person)
    return render(request, "clearance/person_lock.html", {"form": form, "person": found})


@takes(RevokeFactorsForm)
@for_officers
@require_http_methods(["GET", "POST"])
def revoke_factors(request: Request, person: UUID) -> HttpResponse:
    """Take away the proofs of somebody who has lost theirs: asks for the officer's own first."""
    found = person_or_404(person)
    if found.pk == request.actor.person_id:
        raise Http404
    form = RevokeFactorsForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            accounts.revoke_factors(actor=request.actor, person=found, why=form.cleaned_data["why"])
            messages.success(request, _("認証手段を取り消しました。ご本人にメールでお知らせします。"))
            return redirect("clearance:person", person)
    registered = factors_of(found)
    note_opening(actor=request.actor, act=Act.PERSON_OPEN, what="person", key=person)
    return render(
        request,
        "clearance/person_factors.html",
        {
            "form": form,
            "person": found,
            "factors": registered,
            "revocable": bool(registered) or found.has_usable_password(),
        },
    )


def person_or_404(key: UUID) -> Person:
    return get_object_or_404(Person.objects.select_related("organisation"), pk=key)
