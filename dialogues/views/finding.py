"""Finding what was said: in all of one's rooms, or in one of them."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from clearance.markings import overall

from ..forms import FindingForm
from ..models import Room
from ..queries import finding, rooms
from ..services import reading
from .answers import links
from .asked import Request, page, screen, waiting_level


@screen
@require_GET
def search(request: Request) -> HttpResponse:
    """The newest messages that have the words."""
    form = FindingForm(request.GET)
    if not form.is_valid() and "room" in form.errors:
        raise Http404
    words, key = form.cleaned_data.get("q", ""), form.cleaned_data["room"]
    room: Room | None = rooms.room(request.actor, key) if key else None
    found = finding.messages(request.actor, words, room=room, after=request.GET.get("after", ""))
    level = max((hit.message.level for hit in found.hits), default=room.level if room else 0)
    reading.find_messages(actor=request.actor, level=level, shown=len(found.hits), looked=found.looked, room=room)
    markings = [*found.markings, *([room.marking.text] if room else [])]
    context = {
        "form": form,
        "words": words,
        "room": room,
        "found": found,
        "overall": overall(markings),
        "step_up_to": waiting_level(request.actor, room.circle.ceiling.level) if room else waiting_level(request.actor),
        **links(request, found),
    }
    return page(request, "dialogues/search.html", context)
