"""Keyed tokens of the grams that are searched for: equal grams of a marking give equal numbers, and nothing else shows.

AES as a pseudorandom function over one padded block a gram, all of a text in one call (0.4 ms, HMAC 2.1 ms). Blocks are
encrypted one by one (ECB) on purpose: that equal blocks look equal is what a token is for, and no plaintext is kept.
The key is derived from one version of the marking's key: it outlives a rotation of the root key, which rewraps that,
and dies with the version it comes from.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault import keys
from vault.binding import bind
from vault.key_rows import MarkingKey
from vault.providers import KEY_SIZE

BLOCK = 16
_held: keys.Shelf[tuple[str, int], bytes] = keys.Shelf()


def tokens(blocks: Iterable[bytes], *, marking: str, version: int) -> list[int]:
    """A signed 64-bit number for each block of at most 16 bytes. Raises Unreadable for a key that is gone."""
    return _tokens(blocks, _key(marking, version))


def tokens_of_each(blocks: Iterable[bytes], *, markings: Collection[str]) -> list[tuple[str, int, list[int]]]:
    """The same grams under each of these markings with each version of its key: one question for all of their keys."""
    wanted = list(blocks)
    alive = MarkingKey.objects.filter(marking__in=markings, destroyed__isnull=True).order_by("marking", "version")
    return [(row.marking, row.version, _tokens(wanted, _key_in(row))) for row in alive]


def versions(markings: Collection[str]) -> list[tuple[str, int]]:
    """Each of these markings with each version of its key that still opens something."""
    alive = MarkingKey.objects.filter(marking__in=markings, destroyed__isnull=True).order_by("marking", "version")
    return list(alive.values_list("marking", "version"))


def _tokens(blocks: Iterable[bytes], key: bytes) -> list[int]:
    data = b"".join(block.ljust(BLOCK, b"\0") for block in blocks)
    if len(data) % BLOCK:
        raise ValueError("a block is longer than the cipher's")
    sealed = Cipher(AES256(key), ECB()).encryptor().update(data)  # noqa: S305 - see above
    return [number for (number,) in struct.iter_unpack("<q8x", sealed)]


def _key(marking: str, version: int) -> bytes:
    return _held.get((marking, version)) or _derived(marking, version, keys.marking_key(marking, version))


def _key_in(row: MarkingKey) -> bytes:
    return _held.get((row.marking, row.version)) or _derived(row.marking, row.version, keys.opened(row))


def _derived(marking: str, version: int, raw: bytes) -> bytes:
    made = HKDF(SHA256(), KEY_SIZE, None, bind("search", marking, version)).derive(raw)
    if not keys.is_uncommitted(marking, version):
        _held.put((marking, version), made)
    return made
