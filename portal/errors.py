"""What answers a request that cannot be read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBadRequest
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBadRequest:
    """The page of a 400. Django's own asks for the form's token first: where the form is what cannot be read, that
    fails once more at each layer, and ends as a 500.
    """
    return HttpResponseBadRequest(render_to_string("400.html"))
