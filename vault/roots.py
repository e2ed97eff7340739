"""What every holder of the root key has in common: the calls, the ids of the keys, and the blob that names one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils import translation
from django.utils.functional import Promise

from vault import Unreadable

KEY_SIZE = 32
ID_SIZE = 8
NONCE_SIZE = 12
BLOB_VERSION = b"\x01"


class KeyProviderUnavailable(Exception):
    """The root key cannot be used; the message is one sentence, in both languages, that says what to do."""

    def __init__(self, words: Promise | str = "", at: Mapping[str, object] | None = None) -> None:
        super().__init__(words)
        self.words, self.at = words, at

    def __str__(self) -> str:
        return " / ".join(dict.fromkeys(self._in(language) for language in ("ja", "en")))

    def _in(self, language: str) -> str:
        with translation.override(language):
            return str(self.words) % self.at if self.at else str(self.words)


@dataclass(frozen=True)
class Generations:
    """The root keys a provider holds, by id: one wraps, all open. There are several only during a rotation."""

    current: bytes
    waiting: bytes | None = None  # made, and wraps nothing yet
    ending: Sequence[bytes] = ()  # opens what is not yet rewrapped

    @property
    def all(self) -> list[bytes]:
        """Every one, the one that wraps first."""
        return [self.current, *([self.waiting] if self.waiting else []), *self.ending]


class KeyProvider(Protocol):
    """The only thing that touches the root key. The key itself never leaves it."""

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        """`key` sealed under the current root key, bound to `aad`."""

    def unwrap(self, blob: bytes, aad: bytes) -> bytes:
        """What `wrap` sealed; raises `Unreadable`, or `KeyProviderUnavailable` when it was another root that did."""

    def derive(self, info: bytes, length: int, generation: bytes | None = None) -> bytes:
        """`length` bytes that only a holder of that root key (the current one) can compute, always the same."""

    def check(self) -> None:
        """Raise `KeyProviderUnavailable` unless the root key can be used now."""

    def generations(self) -> Generations:
        """What is held at this moment."""

    def add(self) -> bytes:
        """Make a root key that waits, unless one does; returns its id."""

    def promote(self) -> None:
        """Let the waiting root key take over; the one before opens from then on, and wraps nothing."""

    def drop(self, generation: bytes) -> None:
        """Destroy a root key that is ending. What is still wrapped under it is lost for good."""


def generation_of(blob: bytes) -> bytes:
    """The id of the root key that a blob of `wrap` is under. Raises `Unreadable` for what is no such blob."""
    if blob[:1] != BLOB_VERSION or len(blob) <= 1 + ID_SIZE + NONCE_SIZE:
        raise Unreadable
    return blob[1 : 1 + ID_SIZE]
