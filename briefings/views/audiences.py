"""Bureaus and audiences: the lists, opening one, letting an official in, letting a sector's new firms in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.acts import Act
from audit.services import record
from clearance.noting import note
from clearance.numbered import paged
from clearance.sent import takes
from dialogues.models.opening import opened
from dialogues.queries.rooms import my_rooms

from .. import rules
from ..forms import audiences as forms
from ..models import Audience
from ..queries import drafts as queries
from ..services import audiences as services
from . import shown
from .desk import Request, ToldOn, official_screen, page, posted, waiting_level

TARGET = "briefings.audience"


@official_screen
@require_GET
def bureaus(request: Request) -> HttpResponse:
    """The bureaus one writes in."""
    held = paged(request, queries.bureaus(request.actor))
    highest = max((each.level for each in held), default=0)
    record(actor=request.actor, act=Act.AUDIENCE_LIST, target_type="briefings.bureau", level=highest)
    rows = [shown.named(each) for each in held]
    context = {"rows": rows, "lines": held, "step_up_to": waiting_level(request.actor)}
    return page(request, "briefings/writing/bureaus.html", context)


@takes(forms.BureauForm)
@official_screen
@require_http_methods(["GET", "POST"])
def open_bureau(request: Request) -> HttpResponse:
    """Open one; whoever does runs it."""
    form = forms.BureauForm(posted(request), actor=request.actor)
    if form.is_valid():
        with ToldOn(form):
            made = services.open_bureau(
                actor=request.actor, name=form.cleaned_data["name"], ceiling=form.cleaned_data["ceiling"]
            )
            messages.success(request, _("起案の班を開設しました。確認する行政官を加えてください。"))
            return redirect("briefings:bureau", made.pk)
    record(actor=request.actor, act=Act.AUDIENCE_FORM, target_type="briefings.bureau", detail={"kind": "bureau"})
    return page(request, "briefings/writing/bureau_open.html", {"form": form})


@takes(forms.OfficialForm)
@official_screen
@require_http_methods(["GET", "POST"])
def bureau(request: Request, bureau: UUID) -> HttpResponse:
    """Who writes in it; whoever runs it lets further officials in."""
    at = queries.bureau(request.actor, bureau)
    runs = queries.runs(request.actor, at)
    form = forms.OfficialForm(posted(request))
    if request.method == "POST":
        rules.insist(rules.to_see_names(request.actor, at.circle_id))
        if form.is_valid():
            assert form.person is not None
            with ToldOn(form):
                services.add_official(actor=request.actor, bureau=at, person=form.person)
                messages.success(request, _("班に加えました。"))
                return redirect("briefings:bureau", at.pk)
    note(request.actor, Act.AUDIENCE_FORM, at, kind="bureau")
    context = {
        "bureau": at,
        "name": opened(at, "name"),
        "officials": paged(request, queries.officials_of(at)),
        "form": form if runs else None,
    }
    return page(request, "briefings/writing/bureau.html", context)


@official_screen
@require_GET
def audiences(request: Request) -> HttpResponse:
    """The audiences one may write to."""
    lines = paged(request, queries.audiences(request.actor))
    rows = [(each, opened(each, "name"), queries.runs(request.actor, each)) for each in lines]
    highest = max((each.level for each, _name, _runs in rows), default=0)
    record(actor=request.actor, act=Act.AUDIENCE_LIST, target_type=TARGET, level=highest)
    context = {"rows": rows, "lines": lines, "sector": Audience.Kind.SECTOR, "step_up_to": waiting_level(request.actor)}
    return page(request, "briefings/writing/audiences.html", context)


@takes(forms.ListForm)
@official_screen
@require_http_methods(["GET", "POST"])
def open_list(request: Request) -> HttpResponse:
    """An audience of organisations and people."""
    looking = "look" in request.POST
    typed = forms.ListForm.typed(request.POST) if looking else None
    form = forms.ListForm(None if looking else posted(request), actor=request.actor, initial=typed)
    if form.is_valid():
        given = form.cleaned_data
        with ToldOn(form):
            services.open_list(
                actor=request.actor, name=given["name"], ceiling=given["ceiling"],
                organisations=given["organisations"], people=given["people"],
            )  # fmt: skip
            return _made(request)
    record(actor=request.actor, act=Act.AUDIENCE_FORM, target_type=TARGET, detail={"kind": "list"})
    return page(request, "briefings/writing/audience_list.html", {"form": form})


@takes(forms.SectorForm)
@official_screen
@require_http_methods(["GET", "POST"])
def open_sector(request: Request) -> HttpResponse:
    """An audience of a sector."""
    form = forms.SectorForm(posted(request), actor=request.actor)
    if form.is_valid():
        given = form.cleaned_data
        with ToldOn(form):
            services.open_sector(actor=request.actor, sector=given["sector"], ceiling=given["ceiling"])
            return _made(request)
    return _form(request, form, "sector", _("業種で宛先を作る"))


@takes(forms.RoomPick)
@official_screen
@require_http_methods(["GET", "POST"])
def for_room(request: Request) -> HttpResponse:
    """An audience of those in a room."""
    writable = my_rooms(request.actor).filter(circle_id__in=request.actor.reach.writers).order_by("created", "pk")
    lines = paged(request, writable.select_related("marking", "circle__ceiling"))
    rooms = {str(each.pk): each for each in lines}
    form = forms.RoomPick(posted(request), rooms=[(key, opened(each, "name")) for key, each in rooms.items()])
    if form.is_valid():
        with ToldOn(form):
            services.for_room(actor=request.actor, room=rooms[form.cleaned_data["room"]])
            return _made(request)
    return _form(request, form, "room", _("対話の場の参加者を宛先にする"), lines=lines, none=not rooms)


@official_screen
@require_http_methods(["GET", "POST"])
def open_everyone(request: Request) -> HttpResponse:
    """Say what an audience of everybody is; then take part in it."""
    if request.method == "POST":
        services.open_everyone(actor=request.actor)
        return _made(request)
    record(actor=request.actor, act=Act.AUDIENCE_FORM, target_type=TARGET, detail={"kind": "everyone"})
    return page(request, "briefings/writing/audience_everyone.html", {})


@official_screen
@require_POST
def refresh(request: Request, audience: UUID) -> HttpResponse:
    """Let in the firms that have joined the sector since."""
    at = queries.audience(request.actor, audience)
    try:
        number = services.refresh_sector(actor=request.actor, audience=at)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("briefings:audiences")
    told = ngettext("新たに%(number)s組織を加えました。", "新たに%(number)s組織を加えました。", number)
    none = _("新たに加わる組織はありませんでした。")
    messages.success(request, told % {"number": number} if number else none)
    return redirect("briefings:audiences")


def _made(request: Request) -> HttpResponse:
    messages.success(request, _("宛先を作りました。下書きの「宛先」から選べます。"))
    return redirect("briefings:audiences")


def _form(request: Request, form: Any, kind: str, heading: str, **more: Any) -> HttpResponse:
    record(actor=request.actor, act=Act.AUDIENCE_FORM, target_type=TARGET, detail={"kind": kind})
    context = {"form": form, "heading": heading, "none": False, "lines": None, **more}
    return page(request, "briefings/writing/audience_open.html", context)
