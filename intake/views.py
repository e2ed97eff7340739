"""The pages that only tell."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from intake.acknowledgement import fingerprint
from intake.page import page


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    told = {"fingerprint": fingerprint(), "kept_days": settings.CONSULTATION_KEPT_DAYS}
    return page(request, "intake/start.html", told, kept=True)


@require_safe
def rights(request: HttpRequest) -> HttpResponse:
    return page(request, "intake/rights.html", kept=True)
