"""The list of documents."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from ..forms import NarrowingForm
from ..places import places
from ..queries import relabelling
from ..queries.listing import listed, waiting_level
from ..services.reading import open_list
from .asked import Request, page, screen


@screen
@require_safe
def index(request: Request) -> HttpResponse:
    """What the actor may read, newest first, narrowed as they ask."""
    actor = request.actor
    named = places(actor, actor.reach.circles | actor.reach.circles_open)
    form = NarrowingForm(request.GET, places=named)
    narrowing = form.narrowing()
    after = request.GET.get("after", "")
    listing = listed(actor, narrowing, named, after=after)
    open_list(actor=actor, shown=len(listing.rows), searched=listing.searched)
    form.offer_originators(listing.originators)
    asked = {name: str(value) for name, value in request.GET.items() if name != "after" and value}
    return page(
        request,
        "documents/index.html",
        {
            "form": form,
            "listing": listing,
            "narrowing": narrowing,
            "step_up_to": waiting_level(actor, narrowing.level),
            "may_hand_over": bool(actor.reach.writers),
            "waiting": relabelling.open_requests(actor).exclude(proposed_by=actor.person_id).count()
            if actor.official
            else 0,
            "next_url": f"?{urlencode(asked | {'after': listing.next})}" if listing.next else "",
            "first_url": f"?{urlencode(asked)}" if after else "",
        },
    )
