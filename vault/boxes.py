"""Small sealed things that belong to no marked row: sessions, second-factor secrets."""

from __future__ import annotations

import hmac
import os
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault import Unreadable
from vault.binding import bind
from vault.keys import derivations, derive
from vault.providers import KEY_SIZE, NONCE_SIZE

VERSION = b"\x01"
SALT_SIZE = 24


class Box:
    """
    Seals under a key derived from the root for one purpose.

    Sessions are sealed again with every change, for years, under one secret: random 96-bit nonces would run into the
    2^32 limit of AES-GCM (NIST SP 800-38D, 8.3). So each seal takes a key and a nonce of its own from 24 random bytes.
    """

    def __init__(self, purpose: str) -> None:
        self._purpose = f"box {purpose}"

    def seal(self, data: bytes, aad: bytes) -> bytes:
        salt = os.urandom(SALT_SIZE)
        cipher, nonce = _fresh(derive(self._purpose), salt)
        return VERSION + salt + cipher.encrypt(nonce, data, bind("box", aad))

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """What `seal` was given; raises `Unreadable`."""
        for secret in derivations(self._purpose):
            with suppress(Unreadable):
                return _open(secret, sealed, aad)
        raise Unreadable

    def resealed(self, sealed: bytes, aad: bytes) -> bytes | None:
        """The same under the current root key; None where it is so already. Raises `Unreadable`."""
        with suppress(Unreadable):
            _open(derive(self._purpose), sealed, aad)
            return None
        return self.seal(self.open(sealed, aad), aad)


def _open(secret: bytes, sealed: bytes, aad: bytes) -> bytes:
    if sealed[:1] != VERSION:
        raise Unreadable
    cipher, nonce = _fresh(secret, sealed[1 : 1 + SALT_SIZE])
    try:
        return cipher.decrypt(nonce, sealed[1 + SALT_SIZE :], bind("box", aad))
    except InvalidTag:
        raise Unreadable from None


def _fresh(secret: bytes, salt: bytes) -> tuple[AESGCM, bytes]:
    made = hmac.digest(secret, salt, "sha512")
    return AESGCM(made[:KEY_SIZE]), made[KEY_SIZE : KEY_SIZE + NONCE_SIZE]
