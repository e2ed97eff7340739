"""Taking a concern down for somebody, and the slip with their receipt: shown once, to be read out or posted."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clearance.clock import today
from intake.models import Case
from intake.receipt import Receipt
from intake.sending import NoReaders
from intake.words import to_words

from ..forms.taking_down import TakeDownForm
from ..services import taking_down
from .asked import Request, officer_screen, page, posted


@officer_screen
@require_http_methods(["GET", "POST"])
def take_down(request: Request) -> HttpResponse:
    """The empty form; once it is sent, the slip. Sent again, it shows the same slip and takes nothing down twice."""
    if not taking_down.may(request.actor):
        raise Http404
    form = TakeDownForm(posted(request), initial={"receipt": Receipt.fresh().entropy.hex()})
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            taking_down.take_down(
                actor=request.actor, receipt=said["receipt"], way=Case.Way(said["way"]), theme=said["theme"],
                text=said["text"], excluded=form.excluded, urgent=said["urgent"], consent=said["consent"],
                language=get_language() or "ja",
            )  # fmt: skip
        except NoReaders:
            form.add_error("exclude", _("読める担当者が一人もいなくなります。窓口を一つ以上残してください。"))
        else:
            return slip(request, said["receipt"])
    return page(request, "consultations/take_down.html", {"form": form}, status=422 if form.errors else 200)


def slip(request: Request, receipt: Receipt) -> HttpResponse:
    address = f"{settings.INTAKE_URL.rstrip('/')}/return/" if settings.INTAKE_URL else ""
    context = {"words": to_words(receipt.entropy, get_language() or "ja"), "address": address, "day": today()}
    return page(request, "consultations/taken_down.html", context)
