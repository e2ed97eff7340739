"""Which language a page speaks: the one its address names, never what a browser says of its owner."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

JAPANESE, ENGLISH = "ja", "en"
PREFIX = "/en/"
# The names under which portal/intake_urls.py takes the same pages in, once for each language.
INSTANCES = {JAPANESE: "intake", ENGLISH: "intake-en"}


def spoken_at(path: str) -> str:
    """English below /en/, Japanese everywhere else."""
    return ENGLISH if f"{path}/".startswith(PREFIX) else JAPANESE


def elsewhere(path: str) -> str:
    """The same page in the other language."""
    return path[len(PREFIX) - 1 :] if spoken_at(path) == ENGLISH else PREFIX + path.lstrip("/")


class LanguageMiddleware:
    """Sets the language, and with it which of the two sets of addresses a page's links lead to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        spoken = spoken_at(request.path_info)
        request.current_app = INSTANCES[spoken]  # Django's own name, which `url` reads
        with translation.override(spoken):
            response = self.get_response(request)
        response.headers["Content-Language"] = spoken
        return response
