"""What was sealed once must open for ever: ciphertexts committed with the code that first made them."""

from __future__ import annotations

import hashlib
import io
import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pytest_django import Settings

from tests.vault.letters.models import Letter
from tests.world import as_role
from vault import keys, signing, streams
from vault.boxes import Box
from vault.cells import Sealed
from vault.models import MarkingKey, SigningKey
from vault.providers import provider

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors" / "vectors.json").read_text())
FILES = VECTORS["files"]
unhex = bytes.fromhex


@pytest.fixture(autouse=True)
def root_key_of_the_vectors(tmp_path: Path, settings: Settings) -> None:
    """A published key: it protects nothing but these vectors."""
    path = tmp_path / "root.key"
    path.touch(0o600)
    path.write_bytes(unhex(VECTORS["root_key_file"]))
    settings.VAULT_ROOT_KEY_FILE = path
    keys.forget()


def test_derived_secrets() -> None:
    assert keys.derive("session").hex() == VECTORS["derive"]["session"]
    assert keys.derive("context", 64).hex() == VECTORS["derive"]["context/64"]


def test_wrapped_key() -> None:
    vector = VECTORS["wrap"]
    assert provider().unwrap(unhex(vector["blob"]), unhex(vector["aad"])).hex() == vector["key"]


def test_box() -> None:
    vector = VECTORS["box"]
    assert Box(vector["purpose"]).open(unhex(vector["blob"]), unhex(vector["aad"])).decode() == vector["plain"]


@pytest.mark.django_db
def test_row() -> None:
    vector = VECTORS["row"]
    MarkingKey.objects.bulk_create(
        [MarkingKey(marking=vector["marking"], version=3, wrapped=unhex(vector["marking_key"]))]
    )
    label = {name: vector[name] for name in ("marking", "level", "comp_mask", "release_mask", "key_version")}
    letter = Letter(id=UUID(vector["id"]), wrapped_key=unhex(vector["wrapped_key"]), **label)
    for name in ("title", "facts", "file_key"):
        setattr(letter, name, Sealed(unhex(vector[name]["blob"])))
    assert letter.item_key().hex() == vector["item_key"]
    assert letter.title == vector["title"]["plain"]
    assert letter.facts == vector["facts"]["plain"]
    assert letter.file_key is not None
    assert letter.file_key.hex() == vector["file_key"]["plain"]


@pytest.mark.parametrize("vector", FILES["files"], ids=lambda vector: str(vector["size"]))
def test_file(vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    plain = hashlib.shake_256(b"plain").digest(vector["size"])
    sealed = reference(plain)
    assert hashlib.sha256(sealed).hexdigest() == vector["sealed_sha256"]
    assert len(sealed) == vector["sealed_size"] == streams.sealed_size(vector["size"])
    assert vector.get("sealed", sealed.hex()) == sealed.hex()
    how: dict[str, Any] = {"key": unhex(FILES["key"]), "binding": unhex(FILES["binding"])}
    assert b"".join(streams.open_range(io.BytesIO(sealed), size=len(plain), **how)) == plain

    monkeypatch.setattr(os, "urandom", lambda _count: unhex(FILES["prefix"]))
    sink = io.BytesIO()
    told = streams.seal_stream([plain], sink, **how)
    assert sink.getvalue() == sealed
    assert (told.size, told.sha256, told.chunks) == (vector["size"], vector["plain_sha256"], vector["chunks"])


def reference(plain: bytes) -> bytes:
    """The format once more, as plainly as it can be written."""
    cipher, prefix = AESGCM(unhex(FILES["key"])), unhex(FILES["prefix"])
    pieces = [plain[at : at + 262144] for at in range(0, len(plain), 262144)] or [b""]
    sealed = b"\x01" + prefix
    for number, piece in enumerate(pieces):
        last = b"\x01" if number == len(pieces) - 1 else b"\x00"
        sealed += cipher.encrypt(prefix + number.to_bytes(4, "big") + last, piece, unhex(FILES["binding"]))
    return sealed


@pytest.mark.django_db
def test_signature() -> None:
    vector = VECTORS["signing"]
    columns = {name: unhex(vector[name]) for name in ("public", "attestation", "wrapped")}
    as_worker = SigningKey(number=vector["number"], **columns)
    with as_role("portal_worker"):
        SigningKey.objects.bulk_create([as_worker])
        assert signing.sign(vector["data"].encode()).hex() == vector["signature"]
    assert signing.public_key() == columns["public"]
    assert signing.verify(vector["data"].encode(), unhex(vector["signature"]))
