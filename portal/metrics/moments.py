"""When the worker last did what it does every few seconds: left in the cache, where each web process finds it."""

import time

from django.core.cache import cache

BEATEN, SEALED = "worker-beaten-at", "log-sealed-at"
KEPT = 24 * 60 * 60


def note(what: str) -> None:
    """It was done just now."""
    cache.set(what, time.time(), KEPT)
