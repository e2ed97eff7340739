"""The signed acknowledgement: that something was received on a day, so that nobody can later say it never was.

Its record names the day and the SHA-256 of the sealed entry: nothing of the content, nothing of the receipt. The intake
signs it at once with its own Ed25519 key; from the round that carries it on it also leads, through the round's tree,
to a signed head of the portal's log. docs/verify_acknowledgement.py checks both and needs nothing of ours.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

from intake import lasting
from vault import signatures

FORMAT = "entaku-acknowledgement-1"


@dataclass(frozen=True)
class Acknowledged:
    record: str
    signature: bytes
    signer: bytes


def acknowledge(sealed: bytes, *, day: date) -> Acknowledged:
    """Sign that this sealed entry came on this day."""
    record = record_of(sealed, day=day)
    seed = _seed(str(settings.INTAKE_FOLDER))
    return Acknowledged(record, signatures.sign(seed, record.encode()), signatures.public_of(seed))


def unsigned(sealed: bytes, *, day: date) -> Acknowledged:
    """Of what the office itself took down: the portal has not the intake's key, its log alone stands for it."""
    return Acknowledged(record_of(sealed, day=day), b"", b"")


def record_of(sealed: bytes, *, day: date) -> str:
    """The text that is signed and is a leaf of its round's tree."""
    said = {"day": day.isoformat(), "format": FORMAT, "sealed": sha256(sealed).hexdigest()}
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def fingerprint() -> str:
    """Of the intake's public key, as the first page shows it: SHA-256, in groups of four."""
    digest = sha256(signatures.public_of(_seed(str(settings.INTAKE_FOLDER)))).hexdigest()
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def as_file(leaf: Mapping[str, Any]) -> str:
    """What the sender takes away, of what the intake or the database keeps of an entry (`intake_find`)."""
    said = {
        "format": FORMAT,
        "record": leaf["record"],
        "signature": b64decode(leaf["signature"]).hex(),
        "signer": b64decode(leaf["signer"]).hex(),
    }
    if "root" in leaf:
        path = b64decode(leaf["path"])
        said["round"] = {
            "place": leaf["place"],
            "leaves": leaf["leaves"],
            "root": b64decode(leaf["root"]).hex(),
            "path": [path[at : at + 32].hex() for at in range(0, len(path), 32)],
        }
    if leaf.get("proof"):
        said["log"] = leaf["proof"].splitlines()
    return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@cache
def _seed(place: str) -> bytes:
    """The intake's own signing key, made on first use; several processes at once end with the same one."""
    path = Path(place) / "signing.key"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lasting.add(path, signatures.new_seed())
    return path.read_bytes()
