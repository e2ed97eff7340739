"""Ed25519 signatures of this deployment: made by the worker, checked by anybody who has the public key."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vault import Unreadable
from vault.binding import bind
from vault.key_rows import SigningKey
from vault.keys import Shelf, derivations, derive
from vault.providers import provider

_opened: Shelf[bytes, Ed25519PrivateKey] = Shelf()


def sign(data: bytes) -> bytes:
    """The 64-byte signature of `data` under the newest key, which is made on first use."""
    row = SigningKey.objects.order_by("-number").first()
    if row is None or row.retired:
        row = _create(row.number + 1 if row else 1)
    return _private(row.number, bytes(row.public), bytes(row.wrapped)).sign(data)


def verify(data: bytes, signature: bytes, *, public: bytes | None = None) -> bool:
    """
    Whether one of our keys, or just the given 32-byte public key, signed `data`.

    A key row that the root key does not attest counts for nothing: whoever can write to the database could otherwise
    put a key of their own beside ours.
    """
    return any(_signed(data, signature, key) for key in ([public] if public is not None else _public_keys()))


def public_key() -> bytes:
    """
    The newest public key, 32 bytes raw: what an auditor keeps, to check seals without this portal.

    Raises `SigningKey.DoesNotExist` until something was signed.
    """
    keys = _public_keys()
    if not keys:
        raise SigningKey.DoesNotExist
    return keys[-1]


def public_keys() -> list[bytes]:
    """All public keys, 32 bytes raw, oldest first: what seals of any age are checked with."""
    return list(_public_keys())


def _public_keys() -> Sequence[bytes]:
    rows = SigningKey.objects.order_by("number").values_list("number", "public", "attestation")
    return [
        bytes(public) for number, public, attestation in rows if attested(number, bytes(public), bytes(attestation))
    ]


def _signed(data: bytes, signature: bytes, public: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except InvalidSignature:
        return False
    return True


def attested(number: int, public: bytes, attestation: bytes) -> bool:
    """Whether a root key that is held stands for this key of ours."""
    return any(
        hmac.compare_digest(_attest(number, public, secret), attestation) for secret in derivations("signing-key")
    )


def rewrapped(row: SigningKey) -> SigningKey:
    """The key under the current root key, its attestation too; not saved. Raises `Unreadable` for one not ours."""
    number, public = row.number, bytes(row.public)
    if not attested(number, public, bytes(row.attestation)):
        raise Unreadable
    aad = bind("signing-key", number, public)
    row.wrapped = provider().wrap(provider().unwrap(bytes(row.wrapped), aad), aad)
    row.attestation = _attest(number, public, derive("signing-key"))
    return row


def _attest(number: int, public: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, bind("signing-key", number, public), "sha256")


def _create(number: int) -> SigningKey:
    """Make this key, or take the one that another worker made at the same moment."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    wrapped = provider().wrap(private.private_bytes_raw(), bind("signing-key", number, public))
    attestation = _attest(number, public, derive("signing-key"))
    row = SigningKey(number=number, public=public, attestation=attestation, wrapped=wrapped)
    SigningKey.objects.bulk_create([row], ignore_conflicts=True)
    return SigningKey.objects.get(number=number)


def _private(number: int, public: bytes, wrapped: bytes) -> Ed25519PrivateKey:
    private = _opened.get(wrapped)
    if private is None:
        private = Ed25519PrivateKey.from_private_bytes(provider().unwrap(wrapped, bind("signing-key", number, public)))
        _opened.put(wrapped, private)
    return private
