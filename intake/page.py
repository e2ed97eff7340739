"""A page of the anonymous side: one request, one size, the same headers, whatever it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from intake.language import elsewhere
from intake.padding import pad_page
from intake.style import SHEET

# Without the quotes of an attribute or a closing tag in it (tests/intake/test_pages_shape.py).
STYLE = mark_safe(f"<style>{SHEET}</style>")  # noqa: S308 - our own file
# A browser's Back must find the form as it was typed into: such a page may be kept, and is asked for again when opened.
KEPT, NOT_KEPT = "no-cache", "no-store"


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200,
    kept: bool = False,
) -> HttpResponse:  # fmt: skip
    """The template as a page. `kept` only where it repeats nothing that somebody typed or received."""
    common = {
        "style": STYLE,
        "language": get_language(),
        "onion": settings.INTAKE_ONION,
        # From what was typed there is no way into the other language: a link would lose it.
        "elsewhere": elsewhere(request.path_info) if kept else "",
    }
    html = render_to_string(template, {**common, **(context or {})}, request)
    response = HttpResponse(pad_page(html.encode()), status=status)
    response.headers["Cache-Control"] = KEPT if kept else NOT_KEPT
    # A line of the log would tell when somebody was here. What nobody expected is told without what was asked.
    response._has_been_logged = status != 500  # type: ignore[attr-defined]
    return response
