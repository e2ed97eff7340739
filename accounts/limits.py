"""How long somebody who tried too often has to wait: told in words on the page, and to programs in a header."""

from __future__ import annotations

import math
import time

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

APP = "allauth.account"
LEAST = 60  # seconds: the span of every limit but those told with `note`


def note(request: HttpRequest, action: str, key: str) -> None:
    """Remember on the request when `action` will be let through again, for the page that says so."""
    request.META["entaku.wait"] = max(
        (_left(request, rate, action, key) for rate in ratelimit.get_rates(app=APP, action=action)), default=0
    )


def seconds(request: HttpRequest) -> int:
    """How long to wait, at least a minute."""
    wait: float = request.META.get("entaku.wait", 0)
    return max(LEAST, math.ceil(wait))


def _left(request: HttpRequest, rate: ratelimit.Rate, action: str, key: str) -> float:
    """Seconds until this one limit lets another try through; 0 where it does already."""
    tries = cache.get(ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key), [])
    within = [at for at in tries if at > time.time() - rate.duration]
    return within[rate.amount - 1] + rate.duration - time.time() if len(within) >= rate.amount else 0
