"""What lies in the spool: JSON of random ids, days and sealed bytes, as the function `intake_deliver` takes it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from intake.acknowledgement import Acknowledged
from intake.spool import Bundle


def text(raw: bytes) -> str:
    return b64encode(raw).decode()


def raw(given: str) -> bytes:
    return b64decode(given)


def entry(
    *, entry_id: UUID, kind: str, day: date, sealed: bytes, acknowledged: Acknowledged, blobs: Iterable[str]
) -> Bundle:
    """What every bundle has that says something."""
    return {
        "entry": {"id": str(entry_id), "kind": kind, "day": day.isoformat(), "sealed": text(sealed)},
        "blobs": list(blobs),
        "leaf": {
            "record": acknowledged.record,
            "signature": text(acknowledged.signature),
            "signer": text(acknowledged.signer),
        },
    }


def case(
    said: Bundle, *, lookup: bytes, case_id: UUID, receipt_public: bytes, receipt_wrap: bytes, consent_public: bytes,
    day: date, urgent: bool, way: str, header: bytes, envelopes: Mapping[UUID, bytes],
) -> Bundle:  # fmt: skip
    """A new case with its first entry."""
    return said | {
        "op": "case",
        "lookup": text(lookup),
        "case": {
            "id": str(case_id),
            "receipt_public": text(receipt_public),
            "receipt_wrap": text(receipt_wrap),
            "consent_public": text(consent_public),
            "day": day.isoformat(),
            "urgent": urgent,
            "way": way,
            "header": text(header),
        },
        "envelopes": [{"key_id": str(key_id), "wrapped": text(wrapped)} for key_id, wrapped in envelopes.items()],
    }


def further(said: Bundle, *, lookup: bytes) -> Bundle:
    """One more entry of the sender's."""
    return said | {"op": "entry", "lookup": text(lookup)}


def forget(*, lookup: bytes, day: date) -> Bundle:
    """The end of a mailbox."""
    return {"op": "forget", "lookup": text(lookup), "day": day.isoformat()}


def leaf_record(bundle: Bundle) -> dict[str, Any]:
    """What the round's tree is over, for bundles that say something; else {}."""
    leaf: dict[str, Any] = bundle.get("leaf", {})
    return leaf
