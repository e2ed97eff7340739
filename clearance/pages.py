"""A page of a list that moves, and its cursor: a place in the list that is of no use to any other reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.db.models import Model

from .actor import Actor

M = TypeVar("M", bound=Model)
Place = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """One page, latest first. `next` is a cursor only this reader can use, or empty at the end."""

    rows: list[M]
    next: str

    def __iter__(self) -> Iterator[M]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def cut(actor: Actor, found: list[M], limit: int, *, order: str, by: str) -> Page[M]:
    """The page from `limit + 1` rows in order of the datetime `by`; `order` names the list that the cursor is for."""
    more = len(found) > limit
    last = found[limit - 1] if more else None
    return Page(found[:limit], cursor_at(actor, order, getattr(last, by), last.pk) if last else "")


def place(actor: Actor, cursor: str, *, order: str) -> Place | None:
    """Where a cursor points. One that cannot be used (another reader's or list's, an altered one) counts as none."""
    try:
        at, key = signing.loads(cursor, salt=_salt(actor, order))
    except signing.BadSignature:
        return None
    return datetime.fromisoformat(at), UUID(key)


def cursor_at(actor: Actor, order: str, at: datetime, key: UUID) -> str:
    """A cursor that points behind the row of that moment and id."""
    return signing.dumps([at.isoformat(), str(key)], salt=_salt(actor, order), compress=False)


def _salt(actor: Actor, order: str) -> str:
    return f"{order}:{actor.person_id}"
