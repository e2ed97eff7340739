"""Small sealed things that belong to no marked row: sessions, second-factor secrets."""

from __future__ import annotations

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault import Unreadable
from vault.binding import bind
from vault.keys import derive
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
        cipher, nonce = self._fresh(salt)
        return VERSION + salt + cipher.encrypt(nonce, data, bind("box", aad))

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """What `seal` was given; raises `Unreadable`."""
        if sealed[:1] != VERSION:
            raise Unreadable
        cipher, nonce = self._fresh(sealed[1 : 1 + SALT_SIZE])
        try:
            return cipher.decrypt(nonce, sealed[1 + SALT_SIZE :], bind("box", aad))
        except InvalidTag:
            raise Unreadable from None

    def _fresh(self, salt: bytes) -> tuple[AESGCM, bytes]:
        secret = hmac.digest(derive(self._purpose), salt, "sha512")
        return AESGCM(secret[:KEY_SIZE]), secret[KEY_SIZE : KEY_SIZE + NONCE_SIZE]
