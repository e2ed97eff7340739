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
NEWEST = ("-created", "-id")


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

    A reader of some circles gets one lateral top-N per circle; a reader of most circles walks the newest index. An
    unusable cursor (another reader's, an altered one) counts as none.
    """
    position = _position(actor, after)
    if position:
        created, key = position
        queryset = queryset.filter(Q(created__lte=created) & (Q(created__lt=created) | Q(id__lt=key)))
    if actor.reach.broad:
        rows = list(_walk(actor, queryset)[: limit + 1])
    else:
        keys = _per_circle(actor, queryset.order_by(*NEWEST), limit + 1, order="ORDER BY x.created DESC, x.id DESC")
        rows = list(queryset.filter(id__among=keys).order_by(*NEWEST)) if keys else []
    return Page(rows[:limit], _cursor(actor, rows[limit - 1]) if len(rows) > limit else "")


def count(actor: Actor, queryset: QuerySet[M], *, cap: int = CAP) -> Count:
    """How many rows the actor may read, exact up to `cap`."""
    if actor.reach.broad:
        found = _walk(actor, queryset)[: cap + 1].count()
    else:
        found = len(_per_circle(actor, queryset.order_by(), cap + 1))
    return Count(min(found, cap), found > cap)


def _walk(actor: Actor, queryset: QuerySet[M]) -> QuerySet[M]:
    """Every readable row by the newest index: nearly each step finds one.

    Need-to-know is row-level security's alone here: thousands of circles as literals cost more than the page.
    """
    from .access import eligible

    return queryset.filter(eligible(actor)).order_by(*NEWEST)


def _per_circle(actor: Actor, queryset: QuerySet[M], limit: int, order: str = "") -> list[UUID]:
    """The first `limit` readable keys of each circle by its index, joined laterally; granted items beside them.

    Need-to-know is in the shape of the query: an OR of circles and grants would make the planner read whole circles.
    """
    from .access import REGISTER_FROM, eligible

    reach = actor.reach
    keys = queryset.filter(eligible(actor)).values_list("id", "created")
    in_circle = keys.filter(circle_id=RawSQL("c.circle_id", ()))
    branches: list[tuple[str, list[Any]]] = []
    for circles, rows in (
        (reach.circles, in_circle.filter(level__lt=REGISTER_FROM)),
        (reach.circles_open - reach.circles, in_circle.filter(level=0)),
    ):
        if circles:
            sql, params = rows[:limit].query.sql_with_params()
            lateral = (
                f"SELECT y.id, y.created FROM unnest(%s::bigint[]) AS c(circle_id) CROSS JOIN LATERAL ({sql}) AS y"
            )
            branches.append((lateral, [sorted(circles), *params]))
    if reach.items:
        in_circles = Q(circle_id__among=sorted(reach.circles), level__lt=REGISTER_FROM)
        in_open = Q(circle_id__among=sorted(reach.circles_open), level=0)
        granted = keys.filter(id__among=sorted(reach.items)).exclude(in_circles | in_open)
        sql, params = granted[:limit].query.sql_with_params()
        branches.append((f"({sql})", list(params)))
    if not branches:
        return []
    union = " UNION ALL ".join(sql for sql, _ in branches)
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(
            f"SELECT x.id FROM ({union}) AS x {order} LIMIT %s",
            [*(value for _, params in branches for value in params), limit],
        )
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
