"""Sources by keyed pseudonyms: without the caller's key no row here leads back to a source, an amount or a category."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable

LENGTH = 16  # bytes: no two sources of a dataset will ever share one
LEAST_KEY = 16  # bytes


class Pseudonyms:
    """What things are called in one dataset, under the caller's key (at least 16 secret bytes, always the same)."""

    def __init__(self, key: bytes, dataset: str) -> None:
        if len(key) < LEAST_KEY:
            raise ValueError("the key is too short")
        self._key = hmac.digest(key, b"disclosure\0" + dataset.encode(), "sha256")

    def of(self, kind: str, *parts: object) -> bytes:
        """The pseudonym of something of a kind, made up of such parts (texts, numbers, None, lists of them)."""
        return self.digest(kind, *parts)[:LENGTH]

    def digest(self, kind: str, *parts: object) -> bytes:
        """As `of`, whole: 32 bytes."""
        return hmac.digest(self._key, json.dumps([kind, *parts], ensure_ascii=False, default=str).encode(), "sha256")

    def sources(self, sources: Iterable[str]) -> dict[str, bytes]:
        return {source: self.of("source", source) for source in set(sources)}
