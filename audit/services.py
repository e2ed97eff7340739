"""Recording an event: one insert on the current transaction, so that what is not recorded has not happened."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils.module_loading import import_string
from uuid_utils.compat import uuid7

from audit.acts import ACTS, UnknownAct

Scalar = str | int | bool | None

# Bound on the server, not by the ORM: literals would stand in `pg_stat_activity` for every connection of the same role
# to read, and the ORM's save takes three times the processor (540 against 175 microseconds). The time is the
# database's: a server whose clock was wrong would leave events that look as if they had been put in afterwards.
INSERT = """
INSERT INTO audit_event
    (id, at, person_id, organisation_id, act, target_type, target_id, label, level, detail)
VALUES (%s, clock_timestamp(), %s, %s, %s, %s, %s, %s, %s, %s)
"""
# The same for many: a list for each column, so that it is one statement however many they are.
INSERT_ALL = """
INSERT INTO audit_event
    (id, at, person_id, organisation_id, act, target_type, target_id, label, level, detail)
SELECT id, clock_timestamp(), person_id, organisation_id, act, target_type, target_id, label, level, detail
  FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::smallint[],
              %s::jsonb[]) AS given
       (id, person_id, organisation_id, act, target_type, target_id, label, level, detail)
"""
LONGEST_TARGET = 100  # characters, as the columns
LONGEST_DETAIL = 200  # characters: enough for a code or an id, too little for content
_json = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps makes an encoder for each text


class Actor(Protocol):
    """Whoever acts. Both are None for someone who has not signed in, and for the portal itself."""

    @property
    def person_id(self) -> UUID | None: ...

    @property
    def organisation_id(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class Nobody:
    """The portal acting by itself (a task, a command)."""

    person_id: None = None
    organisation_id: None = None


SYSTEM = Nobody()


class UnfitDetail(ValueError):
    """The detail would carry more than metadata: nested values, floats or long text."""


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened to one thing; the fields are those of `record`."""

    act: str
    target_type: str = ""
    target_id: object = ""
    label: str = ""
    level: int = 0
    detail: Mapping[str, Scalar] = field(default_factory=dict)


def record(
    *,
    actor: Actor,
    act: str,
    target_type: str = "",
    target_id: object = "",
    label: str = "",
    level: int = 0,
    detail: Mapping[str, Scalar] | None = None,
) -> None:
    """Add one event to the log, within the transaction at hand.

    `label` is the marking's canonical text (or a label without a person's name) and `level` its level: the auditor
    sees label, target and detail only up to their own authorisation.

    Raises UnknownAct, UnfitDetail; and whatever the database raises, which undoes the caller's change with it.
    """
    told = detail or {}
    _insert(INSERT, _values(actor, act, target_type, target_id, label, level, told))
    _tell(actor, act, target_type, target_id, told)


def record_each(*, actor: Actor, happenings: Iterable[Happening]) -> None:
    """Add an event for each to the log, in this order, as `record` does: all of them or none."""
    each = list(happenings)
    rows = [_values(actor, h.act, h.target_type, h.target_id, h.label, h.level, h.detail) for h in each]
    if len(rows) == 1:
        _insert(INSERT, rows[0])
    elif rows:
        _insert(INSERT_ALL, tuple(map(list, zip(*rows, strict=True))))
    for h in each:
        _tell(actor, h.act, h.target_type, h.target_id, h.detail)


def _values(
    actor: Actor, act: str, target_type: str, target_id: object, label: str, level: int, detail: Mapping[str, Scalar]
) -> tuple[Any, ...]:
    if act not in ACTS:
        raise UnknownAct(act)
    return (
        uuid7(), actor.person_id, actor.organisation_id, str(act),
        _fitted(target_type), _fitted(str(target_id)), label, int(level), _checked(detail),
    )  # fmt: skip


def _insert(statement: str, values: tuple[Any, ...]) -> None:
    database = connections[DEFAULT_DB_ALIAS]
    if database.connection is None:
        database.ensure_connection()
    raw: psycopg.Connection[Any] = database.connection
    try:
        with psycopg.Cursor(raw) as cursor:
            cursor.execute(statement, values)
    except Exception:
        # Whoever catches the error all the same cannot commit: what is not recorded has not happened.
        with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS), database.wrap_database_errors:
            raise


def _tell(actor: Actor, act: str, target_type: str, target_id: object, detail: Mapping[str, Scalar]) -> None:
    if watch := _watcher():
        watch(actor=actor, act=str(act), target_type=target_type, target_id=target_id, detail=detail)


@cache
def _watcher() -> Callable[..., None] | None:
    """Who else is told of each event, by `settings.AUDIT_WATCHER`."""
    name = getattr(settings, "AUDIT_WATCHER", "")
    return import_string(name) if name else None


def _fitted(text: str) -> str:
    """What a column takes: the target of a denial comes from an address anybody may type."""
    return _without_nul(text)[:LONGEST_TARGET]


def _without_nul(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _checked(detail: Mapping[str, Scalar]) -> str:
    clean = dict(detail)
    for name, value in clean.items():
        if isinstance(value, str):
            if len(value) > LONGEST_DETAIL:
                raise UnfitDetail(f"{name}: {len(value)} characters")
            clean[name] = _without_nul(value)
        elif not (value is None or isinstance(value, int)):
            raise UnfitDetail(f"{name}: {type(value).__name__}")
    return _json(clean)
