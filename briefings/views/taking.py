"""Taking along what one may read: CSV and JSON, so many at a time."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from clearance.screens import Request

from ..export import Bundle, as_csv, as_json, bundle
from ..services import reading
from ..services.reading import Way
from .reading import screen


@screen
@require_safe
def export_csv(request: Request) -> HttpResponse:
    return _answer(request, Way.CSV, "text/csv; charset=utf-8", as_csv)


@screen
@require_safe
def export_json(request: Request) -> HttpResponse:
    return _answer(request, Way.JSON, "application/json", as_json)


def _answer(request: Request, way: Way, kind: str, written: Callable[[Bundle, str], str]) -> HttpResponse:
    taken = bundle(request.actor, request.GET.get("after", ""))
    here = request.build_absolute_uri(reverse(f"briefings:export_{way}"))
    onward = f"{here}?{urlencode({'after': taken.next})}" if taken.next else ""
    shown = [each.briefing for each in taken.rows]
    text = written(taken, onward)
    reading.export(actor=request.actor, shown=shown, level=taken.level, way=way)
    answer = HttpResponse(text, content_type=kind)
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Disposition"] = f'attachment; filename="briefings.{way}"'
    if onward:
        answer["Link"] = f'<{onward}>; rel="next"'
    return answer
