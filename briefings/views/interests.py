"""What the reader's own firm deals in: by it their feed is ordered."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Organisation
from clearance.forms.telling import ToldOn
from clearance.screens import Request, page
from clearance.sent import takes

from .. import rules
from ..forms.interests import InterestsForm
from ..queries.concern import stated
from ..services import interests as services
from .reading import screen


@takes(InterestsForm)
@screen
@require_http_methods(["GET", "POST"])
def interests(request: Request) -> HttpResponse:
    """Show it, and change it; any person of the firm may."""
    key = rules.organisation(request.actor)
    firm = Organisation.objects.select_related("interests__changed_by").get(pk=key)
    form = InterestsForm.of(stated(firm), request.POST if request.method == "POST" else None)
    if form.is_valid():
        with ToldOn(form):
            services.state(actor=request.actor, said=form.said())
            messages.success(request, _("保存しました。脅威・リスク情報の並び順に反映されます。"))
            return redirect("briefings:index")
    services.open_form(actor=request.actor)
    context = {"form": form, "firm": firm, "interests": getattr(firm, "interests", None)}
    return page(request, "briefings/reading/interests.html", context)
