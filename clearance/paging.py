"""Paging and counting marked rows under the access decision, fast at a million of them (facts.md "Access at scale")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.db import connections
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from .actor import Actor
from .models import Marked

M = TypeVar("M", bound=Marked)
CAP = 1000
PAGE = 50


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page, newest first. `next` is a cursor only this reader can use, or empty at the end."""

    rows: list[M]
    next: str

    def __iter__(self) -> Iterator[M]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Count:
    """A count that stops at its cap: `more` says that there are more than `value`."""

    value: int
    more: bool

    def __str__(self) -> str:
        return f"{self.value:,}+" if self.more else f"{self.value:,}"


def newest(actor: Actor, queryset: QuerySet[M], *, after: str = "", limit: int = PAGE) -> Page[M]:
    """The newest rows of a filtered queryset that the actor may read, from a cursor on.

    A reader of some circles gets one lateral top-N per circle; a reader of most circles walks the newest index.
    An unusable cursor
    (another reader's, an altered one) counts as none.
    """
    from .access import visible_to

    position = _position(actor, after)
    readable = visible_to(actor, queryset)
    if position:
        created, key = position
        readable = readable.filter(Q(created__lte=created) & (Q(created__lt=created) | Q(id__lt=key)))
    if actor.reach.broad:
        rows = list(readable.order_by("-created", "-id")[: limit + 1])
    else:
        keys = _newest_keys(actor, readable, limit + 1)
        rows = list(readable.filter(id__among=keys).order_by("-created", "-id")) if keys else []
    return Page(rows[:limit], _cursor(actor, rows[limit - 1]) if len(rows) > limit else "")


def count(actor: Actor, queryset: QuerySet[M], *, cap: int = CAP) -> Count:
    """How many rows the actor may read, exact up to `cap`."""
    from .access import visible_to

    found = visible_to(actor, queryset).order_by()[: cap + 1].count()
    return Count(min(found, cap), found > cap)


def _newest_keys(actor: Actor, readable: QuerySet[M], limit: int) -> list[UUID]:
    """Top-N of each circle by its index, joined laterally; granted items beside them."""
    keys = readable.order_by("-created", "-id").values_list("id", "created")
    per_circle, params = keys.filter(circle_id=RawSQL("c.circle_id", ()))[:limit].query.sql_with_params()
    granted, granted_params = keys.filter(id__among=sorted(actor.reach.items))[:limit].query.sql_with_params()
    circles = sorted(actor.reach.circles | actor.reach.circles_open)
    sql = f"""
        SELECT x.id FROM (
            SELECT y.id, y.created FROM unnest(%s::bigint[]) AS c(circle_id)
             CROSS JOIN LATERAL ({per_circle}) AS y
            UNION ({granted})
        ) AS x ORDER BY x.created DESC, x.id DESC LIMIT %s"""  # noqa: S608
    with connections[readable.db].cursor() as cursor:
        cursor.execute(sql, [circles, *params, *granted_params, limit])
        return [key for (key,) in cursor.fetchall()]


def _salt(actor: Actor) -> str:
    return f"clearance.newest:{actor.person_id}"


def _cursor(actor: Actor, row: Any) -> str:
    return signing.dumps([row.created.isoformat(), str(row.pk)], salt=_salt(actor), compress=False)


def _position(actor: Actor, cursor: str) -> tuple[datetime, UUID] | None:
    if not cursor:
        return None
    try:
        created, key = signing.loads(cursor, salt=_salt(actor))
        moment = datetime.fromisoformat(created)
    except (signing.BadSignature, ValueError):
        return None
    return (moment if timezone.is_aware(moment) else timezone.make_aware(moment)), UUID(key)
