"""The officer's other pages: the overview, what ends soon, codes, the statutory registers, each item's handlers."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit.acts import Act

from ..clock import moment
from ..forms import CompartmentForm, PeopleFilterForm, ReasonForm, RegisterFilterForm, ReleaseGroupForm
from ..forms.telling import ToldOn
from ..masks import CODES
from ..models import Compartment, HandlerEntry, ReleaseGroup
from ..numbered import paged
from ..queries import limits, organisations, people, registers
from ..queries.history import history
from ..queries.states import SOON, State, entries
from ..sent import takes
from ..services import codes as code_services
from ..services import grants
from ..services.reading import note_listing, note_opening
from .people import person_or_404
from .requests import Request, for_officers, posted

STATUTORY_LEVEL = 3


@for_officers
@require_GET
def overview(request: Request) -> HttpResponse:
    """What stands at a glance, and where to go."""
    now = moment()
    counted = people.counts(at=now)
    note_listing(actor=request.actor, act=Act.AUTHORISATION_LIST, what="authorisation")
    return render(
        request,
        "clearance/overview.html",
        {
            "counts": {state.value: counted.get(state.value, 0) for state in State},
            "ending_people": people.ending(at=now)[:5],
            "ending_organisations": organisations.ending(at=now)[:5],
            "over_limit": limits.reached(timezone.localdate(now)),
        },
    )


@for_officers
@require_GET
def ending(request: Request) -> HttpResponse:
    """Authorisations, agreements and certifications that end within 60 days."""
    now = moment()
    note_listing(actor=request.actor, act=Act.AUTHORISATION_LIST, what="authorisation")
    return render(
        request,
        "clearance/ending.html",
        {
            "people": paged(request, people.ending(at=now)),
            "organisations": paged(request, organisations.ending(at=now), by="organisations"),
            "days": SOON.days,
        },
    )


@for_officers
@require_GET
def codes(request: Request) -> HttpResponse:
    """Compartments and release groups."""
    compartments, groups = list(Compartment.objects.all()), list(ReleaseGroup.objects.all())
    return render(
        request,
        "clearance/codes.html",
        {
            "compartments": compartments,
            "groups": groups,
            "compartments_left": CODES - len(compartments),
            "groups_left": CODES - len(groups),
        },
    )


@takes(CompartmentForm)
@for_officers
@require_http_methods(["GET", "POST"])
def add_compartment(request: Request) -> HttpResponse:
    """Enter a compartment."""
    form = CompartmentForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            code_services.add_compartment(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("取扱分野を登録しました。"))
            return redirect("clearance:codes")
    return render(request, "clearance/compartment_add.html", {"form": form})


@takes(ReleaseGroupForm)
@for_officers
@require_http_methods(["GET", "POST"])
def add_release_group(request: Request) -> HttpResponse:
    """Enter a named group of countries."""
    form = ReleaseGroupForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            code_services.add_release_group(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("提供可能な国・地域を登録しました。"))
            return redirect("clearance:codes")
    return render(request, "clearance/release_group_add.html", {"form": form})


@for_officers
@require_GET
def statutory(request: Request) -> HttpResponse:
    """The register of assessments and of certified organisations: for levels 3 and 4, and nothing else."""
    now = moment()
    text = PeopleFilterForm(request.GET).asked("q")
    page = paged(request, registers.assessments(text=text))
    firms = paged(request, registers.certifications(), by="organisations")
    note_listing(actor=request.actor, act=Act.AUTHORISATION_LIST, what="assessment", level=STATUTORY_LEVEL)
    return render(
        request,
        "clearance/statutory.html",
        {
            "page": page,
            "entries": entries(page, at=now),
            "firms": firms,
            "certifications": entries(firms, at=now),
            "text": text,
            "held_here": settings.CEILING >= STATUTORY_LEVEL,
        },
    )


@for_officers
@require_GET
def statutory_person(request: Request, person: UUID) -> HttpResponse:
    """One person's assessments: result, scope, dates and status."""
    found, now = person_or_404(person), moment()
    held = registers.assessments_of(found, at=now)
    note_opening(
        actor=request.actor, act=Act.AUTHORISATION_OPEN, what="assessment", key=found.pk, level=STATUTORY_LEVEL
    )
    return render(
        request,
        "clearance/statutory_person.html",
        {
            "person": found,
            "own": found.pk == request.actor.person_id,
            "entries": held,
            "history": history(held),
            "effect": people.effective(found, at=now, statutory=True),
            "held_here": settings.CEILING >= STATUTORY_LEVEL,
        },
    )


@for_officers
@require_GET
def handlers(request: Request) -> HttpResponse:
    """The items that have a register; to one by its number."""
    asked = str(request.GET.get("item", "")).strip()
    form = RegisterFilterForm(request.GET if "item" in request.GET else None)
    if asked and form.is_valid():
        try:
            return redirect("clearance:register", UUID(asked))
        except ValueError:
            form.add_error("item", _("番号の形が正しくありません。文書のアドレス（URL）から写してください。"))
    note_listing(actor=request.actor, act=Act.AUTHORISATION_LIST, what="register", level=STATUTORY_LEVEL)
    page = paged(request, registers.items_with_handlers())
    return render(request, "clearance/handlers.html", {"form": form, "page": page})


@for_officers
@require_GET
def register(request: Request, item: UUID) -> HttpResponse:
    """One item's register: who may handle it, since and until when, and whose lines were struck."""
    now = moment()
    note_opening(actor=request.actor, act=Act.AUTHORISATION_OPEN, what="register", key=item, level=STATUTORY_LEVEL)
    page = paged(request, registers.entries_of(item, at=now))
    return render(
        request, "clearance/register.html", {"item": item, "page": page, "lines": registers.lines(page, at=now)}
    )


@takes(ReasonForm)
@for_officers
@require_http_methods(["GET", "POST"])
def strike(request: Request, entry: UUID) -> HttpResponse:
    """Strike one line of a register."""
    found: HandlerEntry = get_object_or_404(
        HandlerEntry.objects.select_related("person__organisation"), pk=entry, struck_at__isnull=True
    )
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            grants.strike_entry(actor=request.actor, entry=found, reason=form.cleaned_data["reason"])
            messages.success(request, _("名簿の記載を抹消しました。次の操作から読めなくなります。"))
            return redirect("clearance:register", found.item_id)
    note_opening(
        actor=request.actor, act=Act.AUTHORISATION_OPEN, what="register", key=found.item_id, level=STATUTORY_LEVEL
    )
    return render(request, "clearance/strike.html", {"form": form, "entry": found, "person": found.person})
