"""Taking a published briefing back: asked first, then gone for everybody at once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clearance.forms.telling import ToldOn
from clearance.markings import overall
from clearance.screens import Request, page

from .. import rules
from ..forms.retracting import RetractForm
from ..queries import feed
from ..queries.page import attachments
from ..services import publishing, reading
from ..services.reading import Way
from .reading import screen


@screen
@require_http_methods(["GET", "POST"])
def retract(request: Request, briefing: UUID) -> HttpResponse:
    """Ask for the reason, then retract."""
    found = feed.briefing(request.actor, briefing)
    rules.insist(rules.to_retract(request.actor, found))
    form = RetractForm(request.POST or None)
    if form.is_valid():
        with ToldOn(form):
            publishing.retract(actor=request.actor, briefing=found, reason_code=form.cleaned_data["reason"])
            messages.success(request, _("取り消しました。どなたの一覧からも消え、開いた方にはお知らせが届きます。"))
            return redirect("briefings:index")
    having = [each for each in feed.portions(request.actor, found) if each.more.get("documents")]
    reading.open_briefing(actor=request.actor, briefing=found, shown=having, way=Way.RETRACT)
    context = {
        "briefing": found,
        "form": form,
        "documents": attachments(request.actor, having),
        "overall": overall([found.marking.text, *(each.marking.text for each in having)]),
    }
    return page(request, "briefings/reading/retract.html", context)
