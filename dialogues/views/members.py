"""Who takes part in a room: the list, asking in, roles, named handlers, removing, leaving."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clearance.models import CircleInvitation
from clearance.numbered import paged
from clearance.sent import takes
from clearance.services.circles import may_name, require_namer

from ..forms import HandlerForm, InviteForm, RoleForm
from ..queries import members as queries
from ..services import membership, reading
from ..services.rooms import require_keeper, require_steward
from .asked import Asked, Request, ToldOn, page, screen


def _members_only(request: Request, room: UUID) -> Asked:
    """The room, for those who are in it by name: who else takes part is not for a whole organisation to list."""
    asked = Asked(request, room)
    if not asked.member:
        raise Http404
    return asked


@screen
@require_GET
def members(request: Request, room: UUID) -> HttpResponse:
    """People and organisations, with their roles and named handlers; to stewards also whom they have asked."""
    asked = _members_only(request, room)
    organisations = paged(request, queries.organisations(asked.room), by="organisations")
    reading.note_members(actor=request.actor, room=asked.room)
    return page(
        request,
        "dialogues/members.html",
        {
            "asked": asked,
            "room": asked.room,
            "people": paged(request, queries.people(asked.room)),
            "organisations": organisations,
            "firms": queries.firms(organisations),
            "waiting": paged(request, queries.waiting(asked.room), by="asked") if asked.steward else [],
            "names_for": queries.names_handlers_of(request.actor, asked.room),
        },
    )


@takes(InviteForm)
@screen
@require_http_methods(["GET", "POST"])
def invite(request: Request, room: UUID) -> HttpResponse:
    """Ask a person, or their whole organisation through them."""
    asked = Asked(request, room)
    require_steward(request.actor, asked.room)
    form = InviteForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        with ToldOn(form):
            membership.invite(
                actor=request.actor,
                room=asked.room,
                email=given["email"],
                whole_organisation=given["scope"] == InviteForm.ORGANISATION,
                role=given["role"],
            )
            messages.success(request, _("招待しました。相手が参加すると、参加者の一覧に表示されます。"))
            return redirect("dialogues:members", room)
    reading.note_form(actor=request.actor, room=asked.room, form=reading.Form.INVITE)
    return page(request, "dialogues/invite.html", {"asked": asked, "room": asked.room, "form": form})


@screen
@require_POST
def withdraw_invitation(request: Request, room: UUID, invitation: UUID) -> HttpResponse:
    """Take an invitation back."""
    asked = Asked(request, room)
    require_steward(request.actor, asked.room)
    found = get_object_or_404(CircleInvitation, pk=invitation, circle_id=asked.room.circle_id)
    membership.withdraw_invitation(actor=request.actor, room=asked.room, invitation=found)
    messages.success(request, _("招待を取り消しました。"))
    return redirect("dialogues:members", room)


@takes(RoleForm)
@screen
@require_http_methods(["GET", "POST"])
def role(request: Request, room: UUID, member: UUID) -> HttpResponse:
    """Give a member another role."""
    asked = Asked(request, room)
    require_keeper(request.actor, asked.room)
    found = queries.member(asked.room, member)
    form = RoleForm(request.POST or None, initial={"role": found.role})
    if form.is_valid():
        with ToldOn(form):
            membership.change_role(actor=request.actor, room=asked.room, member=found, role=form.cleaned_data["role"])
            messages.success(request, _("役割を変更しました。"))
            return redirect("dialogues:members", room)
    reading.note_form(actor=request.actor, room=asked.room, form=reading.Form.ROLE, person=found.person_id)
    return page(request, "dialogues/role.html", {"asked": asked, "room": asked.room, "member": found, "form": form})


@screen
@require_http_methods(["GET", "POST"])
def remove(request: Request, room: UUID, member: UUID) -> HttpResponse:
    """Ask, then take a person out."""
    asked = Asked(request, room)
    require_keeper(request.actor, asked.room)
    found = queries.member(asked.room, member)
    if request.method == "POST":
        try:
            membership.remove_member(actor=request.actor, room=asked.room, member=found)
            messages.success(request, _("参加者から外しました。"))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        return redirect("dialogues:members", room)
    reading.note_form(actor=request.actor, room=asked.room, form=reading.Form.REMOVE, person=found.person_id)
    return page(request, "dialogues/remove.html", {"asked": asked, "room": asked.room, "member": found})


@takes(HandlerForm)
@screen
@require_http_methods(["GET", "POST"])
def organisation(request: Request, room: UUID, organisation: UUID) -> HttpResponse:
    """A member organisation's named handlers; whoever may name them has the form to name another."""
    asked = _members_only(request, room)
    tie = queries.organisation(asked.room, organisation)
    names = may_name(request.actor, tie.circle_id, tie.organisation)
    if request.method == "POST":
        require_namer(request.actor, tie.circle_id, tie.organisation)
    form = HandlerForm(request.POST or None)
    if form.is_valid():
        with ToldOn(form):
            membership.name_handler(
                actor=request.actor,
                room=asked.room,
                organisation=tie.organisation,
                email=form.cleaned_data["email"],
            )
            messages.success(request, _("取扱者を指名しました。"))
            return redirect("dialogues:organisation", room, organisation)
    reading.note_organisation(actor=request.actor, room=asked.room, organisation=tie.organisation_id)
    return page(
        request,
        "dialogues/organisation.html",
        {
            "asked": asked,
            "room": asked.room,
            "organisation": tie.organisation,
            "handlers": paged(request, queries.handlers(tie)),
            "names": names,
            "form": form if names and not asked.room.archived else None,
        },
    )


@screen
@require_POST
def strike(request: Request, room: UUID, handler: UUID) -> HttpResponse:
    """End a handler's naming."""
    asked = _members_only(request, room)
    found = queries.handler(asked.room, handler)
    membership.strike_handler(actor=request.actor, room=asked.room, handler=found)
    messages.success(request, _("取扱者の指名を取り消しました。"))
    if found.person_id == request.actor.person_id:
        return redirect("dialogues:index")
    return redirect("dialogues:organisation", room, found.organisation_id)


@screen
@require_http_methods(["GET", "POST"])
def remove_organisation(request: Request, room: UUID, organisation: UUID) -> HttpResponse:
    """Ask, then take an organisation out."""
    asked = Asked(request, room)
    require_keeper(request.actor, asked.room)
    tie = queries.organisation(asked.room, organisation)
    if request.method == "POST":
        membership.remove_organisation(actor=request.actor, room=asked.room, tie=tie)
        messages.success(request, _("組織を参加者から外しました。"))
        return redirect("dialogues:members", room)
    reading.note_form(actor=request.actor, room=asked.room, form=reading.Form.REMOVE, organisation=tie.organisation_id)
    return page(request, "dialogues/remove_organisation.html", {"asked": asked, "room": asked.room, "tie": tie})


@screen
@require_http_methods(["GET", "POST"])
def leave(request: Request, room: UUID) -> HttpResponse:
    """Ask, then give up one's own place."""
    asked = _members_only(request, room)
    if request.method == "POST":
        try:
            membership.leave(actor=request.actor, room=asked.room)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect("dialogues:members", room)
        messages.success(request, _("対話の場から退出しました。"))
        return redirect("dialogues:index")
    reading.note_form(actor=request.actor, room=asked.room, form=reading.Form.LEAVE)
    return page(request, "dialogues/leave.html", {"asked": asked, "room": asked.room})
