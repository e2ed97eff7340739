"""An invitation as the person asked meets it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ..queries import invitations as queries
from ..services import membership, reading
from .asked import Request, page, screen


@screen
@require_http_methods(["GET", "POST"])
def invitation(request: Request, invitation: UUID) -> HttpResponse:
    """Who asks whom to what; accept or decline."""
    invited = queries.invitation(request.actor, invitation)
    if request.method == "POST" and request.POST.get("answer") in {"accept", "decline"}:
        return _answered(request, invited)
    reading.note_invitation(actor=request.actor, invited=invited)
    return page(request, "dialogues/invitation.html", {"invited": invited})


def _answered(request: Request, invited: queries.Invited) -> HttpResponse:
    try:
        if request.POST["answer"] == "decline":
            membership.decline(actor=request.actor, invited=invited)
            messages.success(request, _("招待を辞退しました。"))
            return redirect("home")
        membership.accept(actor=request.actor, invited=invited)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("home")
    messages.success(request, _("対話の場に参加しました。"))
    if invited.room is not None:
        return redirect("dialogues:room", invited.room.pk)
    return redirect("dialogues:index")
