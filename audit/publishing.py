"""What is published of the log: its signed heads, and the public keys they are checked with."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings
from django.utils.module_loading import import_string

from audit.sealing import key_id


def published_keys() -> dict[str, bytes]:
    """Our public keys by their short name, oldest first, by `settings.AUDIT_PUBLIC_KEYS`."""
    keys: Callable[[], Iterable[bytes]] = import_string(settings.AUDIT_PUBLIC_KEYS)
    return {key_id(public): public for public in keys()}
