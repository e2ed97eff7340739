"""The functions of the database behind the feeds for machines (sql/feeds.sql), and whom a token stands for."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import Person
from clearance.actor import Actor

PREFIX = "entaku_"
SIZE = 32
ADDRESSES = "@machine.invalid"  # as briefings_make_service gives them


@dataclass(frozen=True)
class Token:
    """A token that holds: its own id, the account, what it is for; without collections, all there are."""

    id: UUID
    account: UUID
    scopes: frozenset[str]
    collections: frozenset[UUID]


def is_machine(person: Person) -> bool:
    """Whether it is an account that a machine signs in with, which takes note of nothing."""
    return person.email.endswith(ADDRESSES)


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


def lacking(machine: UUID) -> frozenset[str]:
    """Why the present person may give out no token of a machine: DUTY, PROOF (no second factor within the hour),
    CLEARANCE, CIRCLES (it holds, or is in, what they do not, or are not); nothing where they may."""
    return frozenset(_rows("SELECT briefings_i_lack(%s)", machine)[0][0])


def halted(machine: UUID) -> frozenset[UUID]:
    """Its tokens that open nothing for now, since whoever made them may not read all that it may."""
    return frozenset(token for (token,) in _rows("SELECT briefings_halted(%s)", machine))


def one_at_a_time(machine: UUID) -> None:
    """Until the transaction ends no other request of this machine passes here: what is counted then still holds."""
    _rows("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)) IS NULL", f"briefings_submit {machine}")


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
