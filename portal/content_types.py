"""Which types of content can be read. A charset but ours is refused before anything is decoded by it.

Django takes any codec that Python knows for a charset: with `rot13`, `hex` or `undefined` neither the address nor the
form can be read, nor the page that would say so; by other words even the request itself is not made. Our pages are
UTF-8 and browsers send forms as their page is written, so nothing else is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import parse_header_parameters

OURS = ("utf-8", "utf8")


def readable(content_type: str) -> bool:
    """Whether the header is well formed and names no charset but ours.

    By its name alone: Python remembers for ever each name of a codec that it was asked for.
    """
    try:
        _kind, parameters = parse_header_parameters(content_type)
    except (LookupError, ValueError):
        return False
    return parameters.get("charset", "utf-8").strip().lower() in OURS


class Request(WSGIRequest):
    """A request that is made whatever its content type says; what cannot be read of it counts as not said."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        if readable(meta.get("CONTENT_TYPE", "")):
            super()._set_content_type_params(meta)  # type: ignore[misc] # the stubs leave it out
        else:
            self.content_type, self.content_params = "", {}


class Handler(WSGIHandler):
    request_class = Request


class ContentTypeMiddleware:
    """After those that give an answer its language and headers, before the first that asks for a field."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not readable(request.META.get("CONTENT_TYPE", "")):
            raise BadRequest("content type")
        return self.get_response(request)
