"""Ed25519 signatures under keys that the caller keeps (those of the portal's own key: vault/signing.py)."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SEED_SIZE = 32


def new_seed() -> bytes:
    return os.urandom(SEED_SIZE)


def public_of(seed: bytes) -> bytes:
    """The public key of a seed, 32 bytes (RFC 8032 §5.1.5)."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, data: bytes) -> bytes:
    """64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(data)


def verify(public: bytes, data: bytes, signature: bytes) -> bool:
    """Whether `data` was signed so; False for anything that is no key or no signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
