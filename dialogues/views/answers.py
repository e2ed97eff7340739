"""The cheap answer to a poll, and the links of a list that goes on."""

from typing import Protocol

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers


class GoesOn(Protocol):
    """A page of a list; `next` is the cursor of what follows, or empty."""

    @property
    def next(self) -> str: ...


def links(request: HttpRequest, page: GoesOn) -> dict[str, str]:
    """Where the list goes on, and back to its beginning; what it is filtered by stays."""
    given = request.GET.copy()
    after = given.pop("after", [""])[-1]
    first = f"{request.path}?{given.urlencode()}"
    given["after"] = page.next
    return {
        "after": after,
        "first_url": first if after else "",
        "next_url": f"{request.path}?{given.urlencode()}" if page.next else "",
    }


def token_answer(request: HttpRequest, token: str) -> HttpResponse:
    """The reader's change token as text; 304 where they have it. It is theirs alone: no shared cache may keep it."""
    tag = f'"{token}"'
    unchanged = request.headers.get("If-None-Match", "") == tag
    answer = HttpResponse(status=304) if unchanged else HttpResponse(token, content_type="text/plain; charset=utf-8")
    answer["ETag"] = tag
    patch_cache_control(answer, private=True, no_cache=True, max_age=0)
    patch_vary_headers(answer, ["Cookie"])
    return answer
