"""Seals a secret under a passphrase: Argon2id makes the key, slowly and at the cost of memory.

What it cost stands in the blob, under the tag: the cost may be raised, and what was sealed before still opens.
"""

from __future__ import annotations

import os
import struct
import unicodedata
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from vault import Unreadable
from vault.binding import bind
from vault.places import Busy, Places
from vault.roots import KEY_SIZE, NONCE_SIZE

__all__ = ["COST", "Busy", "Cost", "outdated", "unwrap", "wrap"]

VERSION = b"\x01"
SALT_SIZE = 16
AT_ONCE = 2  # derivations a process works on at a time: they take 64 MiB each
HEADER = struct.Struct(">1sIHI")


class Cost(NamedTuple):
    """What one derivation takes."""

    passes: int
    lanes: int
    memory: int  # KiB


COST = Cost(3, 4, 64 * 1024)  # RFC 9106 §4, the second recommended option
MOST = Cost(24, 16, 1024 * 1024)  # a blob that asks for more was put there to exhaust the process


_places = Places(AT_ONCE)


def wrap(secret: bytes, passphrase: str, *, aad: bytes) -> bytes:
    """`secret` sealed under the passphrase, bound to `aad`. Raises `Busy`."""
    head = HEADER.pack(VERSION, *COST) + os.urandom(SALT_SIZE)
    nonce = os.urandom(NONCE_SIZE)
    return head + nonce + _cipher(passphrase, head).encrypt(nonce, secret, bind("passphrase", head, aad))


def unwrap(wrapped: bytes, passphrase: str, *, aad: bytes) -> bytes:
    """What `wrap` was given. Raises `Unreadable` for another passphrase as for an altered blob; `Busy`."""
    split = HEADER.size + SALT_SIZE
    head, nonce, sealed = wrapped[:split], wrapped[split : split + NONCE_SIZE], wrapped[split + NONCE_SIZE :]
    if len(nonce) != NONCE_SIZE or not _sensible(head):
        raise Unreadable
    try:
        return _cipher(passphrase, head).decrypt(nonce, sealed, bind("passphrase", head, aad))
    except InvalidTag:
        raise Unreadable from None


def outdated(wrapped: bytes) -> bool:
    """Whether it was sealed at another cost than is taken today."""
    return wrapped[: HEADER.size] != HEADER.pack(VERSION, *COST)


def _sensible(head: bytes) -> bool:
    version, *asked = HEADER.unpack(head[: HEADER.size])
    cost = Cost(*asked)
    least = cost.passes >= 1 and cost.lanes >= 1 and cost.memory >= 8 * cost.lanes  # RFC 9106 §3.1
    return version == VERSION and least and all(here <= most for here, most in zip(cost, MOST, strict=True))


def _cipher(passphrase: str, head: bytes) -> AESGCM:
    _version, passes, lanes, memory = HEADER.unpack(head[: HEADER.size])
    # One text has several encodings, by keyboard and system: full-width letters, composed and decomposed kana.
    plain = unicodedata.normalize("NFKC", passphrase).encode()
    salt = head[HEADER.size :]
    with _places.taken():
        made = Argon2id(salt=salt, length=KEY_SIZE, iterations=passes, lanes=lanes, memory_cost=memory).derive(plain)
    return AESGCM(made)
