"""Entering the access context: one call that tells the database for whom the transaction acts (docs/adr/0002).

The statements bind on the server: a secret sent as a literal would stand in `pg_stat_activity` for every other
connection of the same role to read.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from psycopg.rows import dict_row

from accounts import assurance as accounts_assurance
from accounts.assurance import Assurance
from vault.keys import derivations, derive

from .actor import ANONYMOUS, Actor
from .models import Marked
from .reach import Reach

PROOFS = ("password_at", "second_factor_at", "passkey_at")


class ContextsDoNotNest(RuntimeError):
    """Somebody entered a context inside a context."""


def enter_request(request: HttpRequest) -> Actor:
    """Enter the context of the request's session; the anonymous actor where nobody is signed in.

    Call first in the request's transaction. Brings the database's session row up to date when the sign-in or a
    step-up has just happened.
    """
    user = request.user
    key = request.session.session_key
    if not user.is_authenticated or not key:
        return ANONYMOUS
    secret = secret_of(key)
    proved = accounts_assurance.of(request)
    row = _call("SELECT * FROM clearance_enter(%s)", secret)
    if row is None or _differs(row, user.pk, proved):
        claim: dict[str, object] = {
            "for": "session",
            "secret_hash": hashlib.sha256(secret).hexdigest(),
            "person": str(user.pk),
            **_moments(proved),
            "expires_at": request.session.get_expiry_date().isoformat(),
        }
        _call("SELECT clearance_open_session(%s, %s)", *_signed(claim))
        row = _call("SELECT * FROM clearance_enter(%s)", secret)
    return _actor(row)


def end_session(session_key: str) -> None:
    """Close a session in the database, whatever becomes of its cookie."""
    _call("SELECT clearance_end_session(%s)", secret_of(session_key))


def secret_of(session_key: str) -> bytes:
    """The session secret the database knows by its hash; not the cookie, and not to be had from it in the database."""
    return hmac.digest(derive("session-secret"), session_key.encode(), "sha256")


@contextmanager
def acting(
    *, person: UUID | None = None, assurance: Assurance | None = None, reaching: Iterable[Marked] = (),
    items: Iterable[UUID] = (), circles: Iterable[int] = (),
) -> Iterator[Actor]:  # fmt: skip
    """A transaction of a task or command, in a context that reaches just what the job is about.

    Either `person` (with the `assurance` counted for them; by default a password now), or the things themselves:
    marked rows, their ids, whole circles. Raises ContextsDoNotNest inside another context.
    """
    if connection.in_atomic_block and current() is not None:
        raise ContextsDoNotNest("a context is entered already")
    claim: dict[str, object] = {"for": "act"}
    if person is not None:
        claim |= {"person": str(person), **_moments(assurance or Assurance(timezone.now(), None, None))}
    else:
        reached = list(reaching)
        claim |= {
            "items": [str(item) for item in (*items, *(marked.pk for marked in reached))],
            "circles": [*circles, *{marked.circle_id for marked in reached}],
        }
    try:
        with transaction.atomic():
            yield _actor(_call("SELECT * FROM clearance_act(%s, %s)", *_signed(claim)))
    finally:
        leave()


def count_keys(person: UUID, *, opened: int, refused: bool) -> tuple[int, int]:
    """Add to what the person had opened today; how many that are, and which limit was told to the officers as reached.

    Waits for no disk: what a crash of the database loses is the last half second of a count.
    """
    claim = {"for": "count", "person": str(person), "opened": opened, "refused": int(refused)}
    sql = "SELECT set_config('synchronous_commit', 'off', true), c.* FROM clearance_count_keys(%s, %s) AS c"
    row = _call(sql, *_signed(claim))
    assert row is not None
    return row["total"], row["told"]


def tell_limit(person: UUID, limit: int) -> bool:
    """Note that the officers are told of this limit; False where they were already."""
    claim = {"for": "alarm", "person": str(person), "limit": limit}
    row = _call("SELECT clearance_tell_limit(%s, %s) AS first", *_signed(claim))
    return bool(row and row["first"])


def refresh() -> Actor:
    """The actor after a change of their own circles or grants within the transaction."""
    return _actor(_call("SELECT * FROM clearance_refresh()"))


def open_circle(circle: int, ceiling: UUID) -> Actor:
    """Make a circle whose first steward is the present person. Raises DatabaseError where they may not."""
    return _actor(_call("SELECT * FROM clearance_open_circle(%s, %s)", circle, ceiling))


def close_circle(circle: int) -> Actor:
    """Close a circle for good; its steward as they are then. Raises DatabaseError for whoever does not run it."""
    return _actor(_call("SELECT * FROM clearance_close_circle(%s)", circle))


def first_grant(*, grants: str, marked: str, item: UUID, circle: int, level: int, permission: int) -> Actor:
    """Enter the present person in the register of an item about to be handed over (levels 3–4)."""
    return _actor(
        _call(
            "SELECT * FROM clearance_first_grant(%s, %s, %s, %s, %s::smallint, %s)",
            grants,
            marked,
            item,
            circle,
            level,
            permission,
        )
    )


def withdraw(marked: Marked) -> bool:
    """Take a marked row out of everybody's sight; False where the present person may not."""
    row = _call("SELECT clearance_withdraw(%s, %s) AS done", marked._meta.db_table, marked.pk)
    return bool(row and row["done"])


def answer_invitation(invitation: UUID, *, accept: bool) -> bool:
    """The present person's answer to an invitation to a circle; False where there is none of theirs to answer."""
    row = _call("SELECT clearance_answer_invitation(%s, %s) AS done", invitation, accept)
    return bool(row and row["done"])


def readership(*, circle: int, level: int, comp_mask: int, release_mask: int) -> tuple[int, int]:
    """How many people, of how many organisations, could read something so marked in a circle one writes in."""
    row = _call(
        "SELECT people, organisations FROM clearance_readership(%s, %s::smallint, %s, %s)",
        circle, level, comp_mask, release_mask,
    )  # fmt: skip
    assert row is not None
    return row["people"], row["organisations"]


def readers(*, circle: int, level: int, comp_mask: int, release_mask: int) -> dict[UUID, str]:
    """For a steward: who of the circle could read something so marked (""), and who not, with a coarse reason.

    Raises DatabaseError for whoever does not run the circle, does not hold the marking, or asks beyond its ceiling.
    """
    row = _call(
        "SELECT coalesce(array_agg(person), '{}') AS people, coalesce(array_agg(why), '{}') AS why"
        " FROM clearance_readers(%s, %s::smallint, %s, %s)",
        circle, level, comp_mask, release_mask,
    )  # fmt: skip
    assert row is not None
    return dict(zip(row["people"], row["why"], strict=True))


def current() -> Actor | None:
    """Whom the present transaction acts for, as the database sees it."""
    row = _call("SELECT * FROM clearance_here")
    return _actor(row) if row else None


def leave() -> None:
    """After the block that entered: drop the context where the transaction goes on. Only a suite's outer one does."""
    if connection.in_atomic_block and not connection.needs_rollback:
        _call("SELECT clearance_leave()")


def context_keys() -> list[tuple[bytes, bytes]]:
    """The two pads (RFC 2104) of the key from each root key; the owner lays them where only its functions read."""
    return [_pads(key.ljust(64, b"\0")) for key in derivations("context")]


def _pads(block: bytes) -> tuple[bytes, bytes]:
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)


def _signed(claim: Mapping[str, object]) -> tuple[str, bytes]:
    text = json.dumps({**claim, "issued": time.time()}, sort_keys=True)
    return text, hmac.digest(derive("context"), text.encode(), "sha256")


def _moments(proved: Assurance) -> dict[str, str | None]:
    return {name: moment.isoformat() if (moment := getattr(proved, name)) else None for name in PROOFS}


def _differs(row: dict[str, Any], person: UUID, proved: Assurance) -> bool:
    return row["person_id"] != person or any(row[name] != getattr(proved, name) for name in PROOFS)


def _call(sql: str, *params: Any) -> dict[str, Any] | None:
    connection.ensure_connection()
    with connection.wrap_database_errors:
        raw: psycopg.Connection[Any] = connection.connection
        with psycopg.Cursor(raw, row_factory=dict_row) as cursor:
            cursor.execute(sql, params, binary=True)  # long arrays of circles are read four times as fast
            return cursor.fetchone()


def _actor(row: dict[str, Any] | None) -> Actor:
    if row is None:
        return ANONYMOUS
    return Actor(
        person_id=row["person_id"],
        organisation_id=row["organisation_id"],
        duties=frozenset(row["duties"]),
        assurance=Assurance(row["password_at"], row["second_factor_at"], row["passkey_at"]),
        reach=_reach(row),
        job=row["job"],
        clearance_officer=row["officer"],
        opened=row["opened"],
        lifted=row["lifted"],
    )


def _reach(row: dict[str, Any]) -> Reach:
    def numbers(name: str) -> Sequence[int]:
        return row[name]  # type: ignore[no-any-return]

    return Reach(
        cleared=tuple(numbers("cleared")),
        inverse=tuple(numbers("inverse")),
        release=row["release"],
        circles=frozenset(numbers("circles")),
        circles_open=frozenset(numbers("circles_open")),
        writers=frozenset(numbers("writers")),
        stewards=frozenset(numbers("stewards")),
        keepers=frozenset(numbers("keepers")),
        items=frozenset(row["items"]),
        broad=row["broad"],
    )
