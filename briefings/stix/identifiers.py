"""Ids of objects: the same for the same thing in one deployment, and telling nobody who does not know its secret."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from vault.keys import derive

PURPOSE = "stix ids"


def source_of(*parts: object) -> UUID:
    """What an object was made of, in a form that stays; it lies in the object's own row and goes nowhere."""
    return uuid5(NAMESPACE_OID, "\x1f".join(map(str, parts)))


def new_id(kind: str, source: UUID) -> str:
    """The id of the object made of `source`: to be had from it with the deployment's secret alone. In the form of a
    UUIDv4, which STIX asks for (section 2.9) and from which it is not to be told apart."""
    keyed = hmac.digest(derive(PURPOSE), f"{kind} {source}".encode(), "sha256")
    return f"{kind}--{UUID(bytes=keyed[:16], version=4)}"


def stamp(at: datetime) -> str:
    """A moment as STIX writes it, to the millisecond."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def cut(at: datetime) -> datetime:
    """The moment that `stamp` writes."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
