"""The functions of the database behind the feeds for machines (sql/feeds.sql), and whom a token stands for."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from clearance.actor import Actor

PREFIX = "entaku_"
SIZE = 32


@dataclass(frozen=True)
class Token:
    """A token that holds: its own id, the account, what it is for; without collections, all there are."""

    id: UUID
    account: UUID
    scopes: frozenset[str]
    collections: frozenset[UUID]


def make(machine: UUID, organisation: UUID, name: str, purpose: str) -> bool:
    """Enter a machine; False where the present person may not."""
    return bool(_rows("SELECT briefings_make_service(%s, %s, %s, %s)", machine, organisation, name, purpose)[0][0])


def known(text: str) -> Token | None:
    """Whom a token stands for at this moment."""
    try:
        secret = urlsafe_b64decode(text.removeprefix(PREFIX) + "=")
    except (NotBase64, ValueError):
        return None
    if not text.startswith(PREFIX) or len(secret) != SIZE:
        return None
    found = _rows("SELECT token, account, scopes, collections FROM briefings_token(%s)", secret)
    if not found:
        return None
    token, account, scopes, collections = found[0]
    return Token(token, account, frozenset(scopes), frozenset(collections))


def take_in(actor: Actor) -> int:
    """Note what became visible to the present account since it last asked; how much that was."""
    return int(_rows("SELECT briefings_take_in(%s)", reaching(actor))[0][0])


def reached() -> list[UUID]:
    """The markings under which something has reached the present account."""
    return [marking for (marking,) in _rows("SELECT briefings_reached()")]


def reaching(actor: Actor) -> bytes:
    """A digest of all that decides what the account sees; when it is another, everything is gone through again."""
    reach = actor.reach
    said = (
        reach.inverse, reach.release, sorted(reach.circles), sorted(reach.circles_open),
        sorted(map(str, reach.items)),
    )  # fmt: skip
    return hashlib.sha256(repr(said).encode()).digest()


def _rows(sql: str, *params: UUID | str | bytes) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
