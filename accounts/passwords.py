"""Passwords: Argon2id, few at a time, and each hash sealed to its person.

A hash read from a dump cannot be tried against word lists without the root key, and a hash written or copied into
somebody's row by injected SQL does not open there.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth import hashers

from vault import Unreadable
from vault.boxes import Box
from vault.places import Busy, Places

__all__ = ["BoundedArgon2Hasher", "Busy", "matches", "seal", "under_seal"]

SEALED = "sealed$"
AT_ONCE = 1  # hash a process works on at a time: a burst of sign-ins takes no more memory than one

_places = Places(AT_ONCE)


class BoundedArgon2Hasher(hashers.Argon2PasswordHasher):
    """Argon2id with the memory of OWASP's recommendation and more than twice its passes, bounded in number.

    RFC 9106's 64 MiB would lift a web process from 95 to 159 MiB at each sign-in (measured; the goal is 120). Without
    the root key a stolen table of sealed hashes cannot be tried at all, whatever a try costs.
    """

    time_cost = 5
    memory_cost = 19 * 1024  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _places.taken():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _places.taken():
            return super().verify(password, encoded)


def seal(person: UUID, encoded: str) -> str:
    """What stands in the person's row for this hash; an unusable password stays what it is."""
    if not hashers.is_password_usable(encoded):
        return encoded
    return SEALED + b64encode(Box("password").seal(encoded.encode(), person.bytes)).decode()


def matches(person: UUID, raw: str | None, stored: str, upgrade: Callable[[str], Any]) -> bool:
    """Whether `raw` is the person's password. Takes as long where there is none, or where the seal does not hold."""
    return hashers.check_password(raw, _opened(person, stored), upgrade)


def under_seal(person: UUID, stored: str) -> str:
    """What a session is tied to: the hash, for its seal changes with the root key. As stored where it is not sealed."""
    return _unsealed(person, stored) or stored


def _opened(person: UUID, stored: str) -> str:
    # A bare hash was put there by somebody else.
    return _unsealed(person, stored) or hashers.make_password(None)


def _unsealed(person: UUID, stored: str) -> str:
    """Empty where there is no seal of ours."""
    if not stored.startswith(SEALED):
        return ""
    try:
        return Box("password").open(b64decode(stored[len(SEALED) :]), person.bytes).decode()
    except (Unreadable, ValueError):
        return ""
