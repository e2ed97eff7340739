"""
Sealing to somebody's public key, so that who seals cannot open again: hybrid HPKE, and the small pieces around it.

RFC 9180 with the KEM ML-KEM-768 + X25519: whoever breaks one of the two still opens nothing. HPKE as the library gives
it takes no associated data, so what a ciphertext belongs to goes into `info`.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault import Unreadable

LATTICE_PUBLIC, CURVE_PUBLIC = 1184, 32  # bytes: FIPS 203 table 3; RFC 7748
LATTICE_SEED, CURVE_SEED = 64, 32
PUBLIC_SIZE = LATTICE_PUBLIC + CURVE_PUBLIC
SEED_SIZE = LATTICE_SEED + CURVE_SEED
KEY_SIZE = 32
NONCE_SIZE = 12

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class PublicKey:
    """Seals; opens nothing."""

    def __init__(self, key: MLKEM768X25519PublicKey, raw: bytes) -> None:
        self._key, self._raw = key, raw

    @classmethod
    def from_bytes(cls, raw: bytes) -> PublicKey:
        """Of what `to_bytes` gave; raises `Unreadable` for anything that is no key."""
        if len(raw) != PUBLIC_SIZE:
            raise Unreadable
        try:
            lattice = MLKEM768PublicKey.from_public_bytes(raw[:LATTICE_PUBLIC])
            curve = X25519PublicKey.from_public_bytes(raw[LATTICE_PUBLIC:])
        except ValueError:
            raise Unreadable from None
        return cls(MLKEM768X25519PublicKey(lattice, curve), raw)

    def to_bytes(self) -> bytes:
        """The ML-KEM part and the X25519 part, 1,216 bytes."""
        return self._raw

    def seal(self, plain: bytes, *, info: bytes) -> bytes:
        """1,136 bytes longer than `plain`; 0.2 ms."""
        return _SUITE.encrypt(plain, self._key, info)


class PrivateKey:
    """Opens what was sealed to `public`. Never pickled, never shown."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_SIZE:
            raise Unreadable
        lattice = MLKEM768PrivateKey.from_seed_bytes(seed[:LATTICE_SEED])
        curve = X25519PrivateKey.from_private_bytes(seed[LATTICE_SEED:])
        raw = lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        self.public = PublicKey(MLKEM768X25519PublicKey(lattice.public_key(), curve.public_key()), raw)
        self._key, self._seed = MLKEM768X25519PrivateKey(lattice, curve), seed

    @classmethod
    def generate(cls) -> PrivateKey:
        return cls(os.urandom(SEED_SIZE))

    @classmethod
    def from_seed(cls, seed: bytes) -> PrivateKey:
        """Of 96 bytes: 64 for ML-KEM (d ‖ z, FIPS 203 §6.1), 32 for X25519. Raises `Unreadable` for another length."""
        return cls(seed)

    @property
    def seed(self) -> bytes:
        return self._seed

    def open(self, sealed: bytes, *, info: bytes) -> bytes:
        """What was sealed for the same `info`; raises `Unreadable`."""
        try:
            return _SUITE.decrypt(sealed, self._key, info)
        except (InvalidTag, ValueError):
            raise Unreadable from None

    def __repr__(self) -> str:
        return "PrivateKey(…)"

    def __reduce__(self) -> str:
        raise TypeError("a private key is not pickled")


def new_key() -> bytes:
    return os.urandom(KEY_SIZE)


def derive(secret: bytes, *, info: bytes, length: int) -> bytes:
    """HKDF-SHA256 (RFC 5869) of a secret that is random itself: no salt is needed."""
    return HKDF(SHA256(), length, None, info).derive(secret)


def seal_small(key: bytes, plain: bytes, aad: bytes) -> bytes:
    """AES-256-GCM under a random nonce, for keys that seal far fewer than 2^32 things (NIST SP 800-38D, 8.3)."""
    nonce = os.urandom(NONCE_SIZE)
    return nonce + AESGCM(key).encrypt(nonce, plain, aad)


def open_small(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """What `seal_small` was given; raises `Unreadable`."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], aad)
    except (InvalidTag, ValueError):
        raise Unreadable from None
