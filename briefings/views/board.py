"""The officials' board of one briefing, and the button that tells its readers how many firms gave an answer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.acts import Act
from clearance.noting import note
from clearance.numbered import paged
from clearance.screens import Request, page
from disclosure.services import Overtaken

from ..queries import counts, feed
from ..queries.board import Board, board
from ..services.counts import Withheld, tell
from .reading import screen


@screen
@require_http_methods(["GET", "POST"])
def view(request: Request, briefing: UUID) -> HttpResponse:
    """How far it got, with names."""
    found = feed.briefing(request.actor, briefing)
    shown = board(request.actor, found)
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        if kind not in counts.COUNTED:
            raise Http404
        try:
            tell(actor=request.actor, briefing=found, kind=kind, firms=shown.firms)
            messages.success(request, _("返答した企業の数を、読者に示しました。"))
        except (Withheld, Overtaken):
            messages.error(request, _("返答した企業（または返答していない企業）が少ないため、読者には示せません。"))
        return redirect("briefings:board", briefing)
    note(request.actor, Act.BRIEFING_BOARD, found)
    context = {
        "briefing": found,
        "board": shown,
        "answers": answers(shown),
        "told": counts.told(found),
        "readers": paged(request, shown.readers),
        "replies": paged(request, shown.replies, by="replies"),
        "charts": [(_("業種ごと"), "by-sector", shown.by_sector), (_("規模ごと"), "by-size", shown.by_size)],
    }
    return page(request, "briefings/reading/board.html", context)


def answers(shown: Board) -> list[tuple[str, str, int]]:
    """How many firms gave each answer that is counted: for officials, exactly."""
    return [(kind.value, str(kind.label), sum(firm.stance == kind for firm in shown.firms)) for kind in counts.COUNTED]
