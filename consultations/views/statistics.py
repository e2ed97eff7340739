"""Statistics of the cases that came: what the rule lets be told, drawn as bars."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Appointment
from audit.acts import Act
from audit.services import record
from clearance.clock import today
from disclosure.services import Overtaken, Withheld

from ..custody import unlocked
from ..findings import statistics as counting
from ..services import taking_down
from ..services.opening import TARGET
from .asked import Request, page, screen


@screen
@require_http_methods(["GET", "POST"])
def statistics(request: Request) -> HttpResponse:
    """For officers and the desks' managers: each quarter that is over. A button tells one; what was told stays."""
    duties = request.actor.duties
    if not {Appointment.Duty.OFFICIAL, Appointment.Duty.DESK_MANAGER} & set(duties):
        raise Http404
    key = unlocked(request)
    ways = [counting.BY_CLASS, counting.BY_THEME] if key else [counting.BY_CLASS]
    quarters = counting.quarters(today())
    if request.method == "POST":
        return _told(request, {quarter.code: quarter for quarter in quarters}, ways)
    told_of = counting.since_opened(quarters)
    shown = [[counting.shown(quarter, by, unlocked=key) for quarter in told_of] for by in ways]
    record(actor=request.actor, act=Act.CONSULTATION_STATISTICS, target_type=TARGET, detail={"shown": len(ways)})
    context = {
        "by_class": shown[0],
        "by_theme": shown[1] if key else [],
        "serves": taking_down.may(request.actor),
        "official": Appointment.Duty.OFFICIAL in duties,
        "unlocked": key,
    }
    return page(request, "consultations/statistics.html", context)


def _told(request: Request, quarters: dict[str, counting.Quarter], ways: list[str]) -> HttpResponse:
    quarter, by = quarters.get(request.POST.get("quarter", "")), request.POST.get("by", "")
    if quarter is None or by not in ways:
        raise Http404
    try:
        counting.tell(actor=request.actor, quarter=quarter, by=by, unlocked=unlocked(request))
        messages.success(request, _("集計しました。"))
    except (Withheld, Overtaken):
        messages.error(request, _("情報源が少ないため、この期間の集計は示せません。"))
    return redirect(reverse("consultations:statistics"))
