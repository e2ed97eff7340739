"""What a webhook carries and how it is signed: as the Standard Webhooks specification has it, with both secrets while
one takes over from the other. The page for receivers is docs/webhooks.md."""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings

PREFIX = "whsec_"
SIZE = 32


def new_secret() -> str:
    """256 random bits, in the form the specification gives them."""
    return PREFIX + b64encode(secrets.token_bytes(SIZE)).decode()


def new_challenge() -> str:
    """What an address has to send back to show that its owner expects it."""
    return secrets.token_urlsafe(24)


def message(kind: str, at: datetime, *, challenge: str = "") -> bytes:
    """The whole of what is said: that something waits, of what coarse kind, in which hour, and at which portal."""
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    data = {"challenge": challenge} if challenge else {"kind": kind, "portal": settings.ORIGIN}
    said = {"type": "ping" if challenge else "waiting", "timestamp": hour.strftime("%Y-%m-%dT%H:%M:%SZ"), "data": data}
    return json.dumps(said, separators=(",", ":")).encode()


def headers(message_id: UUID, at: datetime, body: bytes, keys: Iterable[str]) -> dict[str, str]:
    """The three headers; the signature of each key stands in the last, separated by spaces."""
    moment = str(int(at.timestamp()))
    return {
        "webhook-id": str(message_id),
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(signature(str(message_id), moment, body, key) for key in keys),
    }


def signature(message_id: str, moment: str, body: bytes, key: str) -> str:
    """HMAC-SHA-256 over id, timestamp and body."""
    signed = f"{message_id}.{moment}.".encode() + body
    return "v1," + b64encode(hmac.digest(b64decode(key.removeprefix(PREFIX)), signed, "sha256")).decode()
