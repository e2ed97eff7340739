"""What every answer tells the browser, whichever part gives it: pages, static files, health, errors."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from portal.requests import count

# What an answer has none of its own of. The policy is for what is no page: nothing is loaded, run or framed.
EVERYWHERE = {
    "Content-Security-Policy": "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class HeadersMiddleware:
    """First but for what only adds the transport's own headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in EVERYWHERE.items():
            response.headers.setdefault(name, value)
        return response


class MethodsMiddleware:
    """Every page is asked for or sent a form; nothing here has a use for any other method."""

    METHODS = ("GET", "HEAD", "POST")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in self.METHODS:
            return self.get_response(request)
        count(request, status=405)  # it comes no further, to where requests are counted
        return HttpResponseNotAllowed(self.METHODS)
