"""The list of rooms, a room's page, opening, renaming and archiving."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clearance.markings import overall
from clearance.sent import takes

from ..forms import RenameForm, RoomForm
from ..models import Room
from ..queries import rooms, threads, tokens
from ..services import reading
from ..services import rooms as services
from .answers import links, token_answer
from .asked import Asked, Request, ToldOn, page, screen, waiting_level


@screen
@require_GET
def index(request: Request) -> HttpResponse:
    """My rooms, by kind, with what I have not read."""
    actor = request.actor
    kind = request.GET.get("kind", "")
    kind = kind if kind in Room.Kind.values else ""
    archived = request.GET.get("archived") == "1"
    found = rooms.listed(actor, kind=kind, archived=archived, after=request.GET.get("after", ""))
    reading.list_rooms(actor=actor)
    order = Room.Kind.values
    rows = sorted(found, key=lambda room: order.index(room.kind))
    here = reverse("dialogues:index")
    return page(
        request,
        "dialogues/index.html",
        {
            "groups": [(Room.Kind(key).label, list(group)) for key, group in groupby(rows, key=lambda room: room.kind)],
            "kind_tabs": [
                {"label": label, "url": f"{here}?kind={value}", "current": value == kind and not archived}
                for value, label in Room.Kind.choices
            ],
            "all_kinds": not kind and not archived,
            "archived_url": f"{here}?archived=1",
            "kind": kind,
            "archived": archived,
            "may_open": services.may_open(actor),
            **links(request, found),
            "step_up_to": waiting_level(actor),
        },
    )


@takes(RoomForm)
@screen
@require_http_methods(["GET", "POST"])
def open_room(request: Request) -> HttpResponse:
    """Open a room; for officials and secretaries."""
    services.require_opener(request.actor)
    form = RoomForm(request.POST or None, actor=request.actor)
    if form.is_valid():
        given = form.cleaned_data
        with ToldOn(form):
            room = services.open_room(
                actor=request.actor,
                kind=given["kind"],
                name=given["name"],
                purpose=given["purpose"],
                legal_basis=given["legal_basis"],
                ceiling=given["ceiling"],
                marking=given["marking"],
            )
            messages.success(request, _("対話の場を開設しました。参加者を招待してください。"))
            return redirect("dialogues:invite", room.pk)
    return page(request, "dialogues/open.html", {"form": form})


@screen
@require_GET
def room(request: Request, room: UUID) -> HttpResponse:
    """A room: what it is for, who takes part, its threads by latest movement, its documents."""
    asked = Asked(request, room)
    reading.view_room(actor=request.actor, room=asked.room)
    papers, more = threads.documents(request.actor, asked.room)
    found = threads.threads(request.actor, asked.room, after=request.GET.get("after", ""))
    return page(
        request,
        "dialogues/room.html",
        {
            "asked": asked,
            "room": asked.room,
            "attendance": rooms.attendance(request.actor, asked.room),
            "threads": found,
            "overall": overall(
                [
                    asked.room.marking.text,
                    *(thread.marking.text for thread in found),
                    *(beside.document.marking.text for beside in papers),
                ]
            ),
            "search_url": f"{reverse('dialogues:search')}?room={asked.room.pk}",
            "receive_url": f"{reverse('documents:receive')}?circle={asked.room.circle_id}",
            **links(request, found),
            "documents": papers,
            "more_documents": more,
            "token": tokens.of_room(request.actor, asked.room),
        },
    )


@screen
@require_GET
def token(request: Request, room: UUID) -> HttpResponse:
    """A short text that moves when something arrives in the room that this reader may see."""
    return token_answer(request, tokens.of_room(request.actor, rooms.room(request.actor, room)))


@takes(RenameForm)
@screen
@require_http_methods(["GET", "POST"])
def rename(request: Request, room: UUID) -> HttpResponse:
    """Change what the room is called and for."""
    asked = Asked(request, room)
    services.require_steward(request.actor, asked.room)
    now = {"name": asked.room.name, "purpose": asked.room.purpose, "legal_basis": asked.room.legal_basis}
    form = RenameForm(request.POST or None, initial=now)
    if form.is_valid():
        with ToldOn(form):
            services.rename(actor=request.actor, room=asked.room, **form.cleaned_data)
            messages.success(request, _("変更しました。"))
            return redirect("dialogues:room", room)
    reading.note_form(actor=request.actor, room=asked.room, form=reading.Form.RENAME)
    return page(request, "dialogues/rename.html", {"asked": asked, "room": asked.room, "form": form})


@screen
@require_http_methods(["GET", "POST"])
def archive(request: Request, room: UUID) -> HttpResponse:
    """Ask, then end the room."""
    asked = Asked(request, room)
    services.require_steward(request.actor, asked.room)
    if request.method == "POST":
        services.archive(actor=request.actor, room=asked.room)
        messages.success(request, _("対話の場を終了しました。内容は引き続き閲覧できます。"))
        return redirect("dialogues:room", room)
    reading.note_form(actor=request.actor, room=asked.room, form=reading.Form.ARCHIVE)
    return page(request, "dialogues/archive.html", {"asked": asked, "room": asked.room})
