"""Signatures: made by the worker, checked by anyone, trusted only under keys that the root key attests."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import ProgrammingError, transaction
from django.utils import timezone

from tests.vault.test_keys import at_once
from tests.world import as_owner, as_role
from vault import Unreadable, keys, signing
from vault.models import SigningKey

pytestmark = pytest.mark.django_db


def signed(data: bytes) -> bytes:
    with as_role("portal_worker"):
        return signing.sign(data)


def test_a_signature_verifies_for_its_data_only() -> None:
    signature = signed(b"root of the day")
    assert len(signature) == 64
    assert signing.verify(b"root of the day", signature)
    assert not signing.verify(b"root of another day", signature)
    assert not signing.verify(b"root of the day", signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not signing.verify(b"root of the day", b"")


def test_the_public_key_alone_is_enough_to_verify() -> None:
    signature, public = signed(b"data"), signing.public_key()
    SigningKey.objects.none()
    assert len(public) == 32
    assert signing.verify(b"data", signature, public=public)
    assert not signing.verify(b"data", signature, public=Ed25519PrivateKey.generate().public_key().public_bytes_raw())


def test_there_is_no_public_key_before_the_first_signature() -> None:
    with pytest.raises(SigningKey.DoesNotExist):
        signing.public_key()
    assert not signing.verify(b"data", bytes(64))


def test_signatures_of_a_retired_key_still_verify() -> None:
    old = signed(b"data")
    with as_owner():
        SigningKey.objects.update(retired=timezone.now())
    new = signed(b"data")
    assert old != new
    assert signing.verify(b"data", old)
    assert signing.verify(b"data", new)
    assert list(SigningKey.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_a_key_planted_in_the_database_is_not_trusted() -> None:
    signed(b"data")
    forger = Ed25519PrivateKey.generate()
    public = forger.public_key().public_bytes_raw()
    with as_owner():
        genuine = SigningKey.objects.get()
        for number, attestation in ((2, b""), (3, genuine.attestation)):
            SigningKey(number=number, public=public, attestation=attestation, wrapped=genuine.wrapped).save()
    assert not signing.verify(b"data", forger.sign(b"data"))
    assert signing.public_key() == bytes(genuine.public)


def test_a_private_key_put_beside_another_public_key_is_unreadable() -> None:
    signed(b"data")
    with as_owner():
        SigningKey.objects.update(public=bytes(32))
    keys.forget()
    with pytest.raises(Unreadable):
        signed(b"data")


def test_the_web_role_can_verify_but_neither_sign_nor_see_the_private_part() -> None:
    signature = signed(b"data")
    assert signing.verify(b"data", signature)
    for attempt in (
        lambda: signing.sign(b"data"),
        lambda: SigningKey.objects.get(),
        lambda: SigningKey.objects.values_list("wrapped")[0],
        lambda: SigningKey.objects.bulk_create([SigningKey(number=9, public=b"", attestation=b"", wrapped=b"")]),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            attempt()


@pytest.mark.django_db(transaction=True)
def test_workers_who_first_sign_at_once_share_one_key() -> None:
    signatures = at_once(6, lambda _number: signed(b"data"))
    assert SigningKey.objects.values_list("number", flat=True).get() == 1
    assert len(set(signatures)) == 1
