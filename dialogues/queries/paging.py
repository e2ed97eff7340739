"""Pages of what is ordered by its latest movement. `clearance.access.newest` pages by the moment a row was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet

from clearance.access import Actor

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Window(Generic[M]):
    """One page; `next` is a cursor only this reader can use, or empty at the end."""

    rows: list[M]
    next: str

    def __iter__(self) -> Iterator[M]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def window(actor: Actor, rows: QuerySet[M], *, by: str, after: str, limit: int) -> Window[M]:
    """The rows latest by `by` (an aware datetime), from the cursor on. An unusable cursor counts as none."""
    position = _position(actor, by, after)
    if position:
        at, key = position
        rows = rows.filter(Q(**{f"{by}__lt": at}) | Q(**{by: at, "pk__lt": key}))
    found = list(rows.order_by(f"-{by}", "-pk")[: limit + 1])
    return Window(found[:limit], _cursor(actor, by, found[limit - 1]) if len(found) > limit else "")


def _salt(actor: Actor, by: str) -> str:
    return f"dialogues.window:{by}:{actor.person_id}"


def _cursor(actor: Actor, by: str, row: Any) -> str:
    return signing.dumps([getattr(row, by).isoformat(), str(row.pk)], salt=_salt(actor, by), compress=False)


def _position(actor: Actor, by: str, cursor: str) -> tuple[datetime, UUID] | None:
    if not cursor:
        return None
    try:
        at, key = signing.loads(cursor, salt=_salt(actor, by))
    except signing.BadSignature:
        return None
    return datetime.fromisoformat(at), UUID(key)
