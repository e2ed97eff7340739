"""The board: the officer's cases by what they wait for."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET

from audit.acts import Act
from audit.services import record
from clearance.clock import today
from clearance.numbered import paged

from ..custody import unlocked
from ..queries import board as queries
from ..queries.board import Waits
from ..services import opening, taking_down
from .asked import Request, officer_screen, page


@officer_screen
@require_GET
def board(request: Request) -> HttpResponse:
    """Urgent ones first. What a case is about is shown once the officer's key is unlocked."""
    waits = request.GET.get("waits", "")
    waits = waits if waits in Waits.values else ""
    mine = request.GET.get("mine") == "1"
    key = unlocked(request)
    found = paged(request, queries.board(request.actor, waits=waits, mine=mine))
    headers = opening.headers(key, found.rows)
    on = today()
    lines = [
        queries.line(file, on, opening.theme_label(headers[file.pk]) if file.pk in headers else "")
        for file in found.rows
    ]
    totals = queries.totals(request.actor)
    record(
        actor=request.actor, act=Act.CONSULTATION_LIST, target_type=opening.TARGET,
        detail={"shown": len(lines), "opened": key is not None},
    )  # fmt: skip
    here = reverse("consultations:index")
    return page(
        request,
        "consultations/board.html",
        {
            "page": found,
            "serves": taking_down.may(request.actor),
            "lines": lines,
            "unlocked": key,
            "until": f"{localtime(key.until):%-H:%M}" if key else "",
            "unlock_url": f"{reverse('consultations:unlock')}?{urlencode({'next': request.get_full_path()})}",
            "all_count": sum(totals[each] for each in Waits.values),
            "all_current": not waits and not mine,
            "mine_url": f"{here}?mine=1",
            "mine": mine,
            "mine_count": totals["mine"],
            "tabs": [
                {
                    "label": label, "url": f"{here}?waits={value}", "current": waits == value and not mine,
                    "count": totals[value],
                }
                for value, label in Waits.choices
            ],
        },
    )  # fmt: skip
