"""Paging and counting marked rows under the access decision, fast at a million of them (docs/adr/0003)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import connections
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from .actor import Actor
from .models import Marked, Vouched, compared
from .pages import Page, cut, place
from .questions import NOW, Given, Known, Question

M = TypeVar("M", bound=Marked)
CAP = 1000
PAGE = 50
NEWEST = ("-created", "-id")
ORDER = "clearance.newest"


@dataclass(frozen=True)
class Count:
    """A count that stops at its cap: `more` says that there are more than `value`."""

    value: int
    more: bool

    def __str__(self) -> str:
        return f"{self.value:,}+" if self.more else f"{self.value:,}"


def newest(actor: Actor, rows: QuerySet[M] | Known[M], *, after: str = "", limit: int = PAGE) -> Page[M]:
    """The newest rows of a filtered queryset that the actor may read, from a cursor on.

    A reader of some circles gets one lateral top-N per circle; a reader of most circles walks the newest index. An
    unusable cursor (another reader's, an altered one) counts as none.
    """
    position = place(actor, after, order=ORDER)
    if isinstance(rows, Known):
        found = _question(rows, limit, further=position is not None)(actor, position=position, **rows.values)
    else:
        found = list(_page(actor, _from(rows, *position) if position else rows, limit))
    return cut(actor, found, limit, order=ORDER, by="created")


def _question(known: Known[M], limit: int, *, further: bool) -> Question[M]:
    """The question for a page of what is known as SQL; for those `further` down, with the place to go on from."""

    def write(actor: Actor) -> QuerySet[M]:
        rows = known.given()
        return _page(actor, _from(rows, Given("position", 0), Given("position", 1)) if further else rows, limit, at=NOW)

    return known.question((limit, further), write)


def _from(rows: QuerySet[M], created: Any, key: Any) -> QuerySet[M]:
    return rows.filter(Q(created__lte=created) & (Q(created__lt=created) | Q(id__lt=key)))


def _page(actor: Actor, queryset: QuerySet[M], limit: int, *, at: datetime | None = None) -> QuerySet[M]:
    """The first `limit` rows, and one more that tells whether there are more; held against the log where it vouches."""
    if actor.reach.highest < 0:
        return queryset.none()
    if actor.reach.broad:
        rows = _walk(actor, queryset, at=at)
    else:
        keys = _newest_keys(actor, queryset, limit + 1, at=at)
        rows = queryset.filter(id__among=keys).order_by(*NEWEST) if keys else queryset.none()
    return (compared(rows) if issubclass(queryset.model, Vouched) else rows)[: limit + 1]


def count(actor: Actor, queryset: QuerySet[M], *, cap: int = CAP) -> Count:
    """How many rows the actor may read, exact up to `cap`."""
    most = cap + 1
    found = _walk(actor, queryset)[:most].count() if actor.reach.broad else _count_keys(actor, queryset, most)
    return Count(min(found, cap), found > cap)


def _walk(actor: Actor, queryset: QuerySet[M], *, at: datetime | None = None) -> QuerySet[M]:
    """Every readable row by the newest index: nearly each step finds one.

    Need-to-know is row-level security's alone here: thousands of circles as literals cost more than the page.
    """
    from .access import eligible

    return queryset.filter(eligible(actor, at=at)).order_by(*NEWEST)


def _newest_keys(actor: Actor, queryset: QuerySet[M], limit: int, *, at: datetime | None) -> RawSQL | None:
    """The keys of the page as an array; None where the actor reaches no circle and no item.

    An array is made once. As `IN (SELECT …)` a planner without fresh statistics made it anew for each row (8 s,
    measured at a thousand rows).
    """
    union, params = _per_circle(actor, queryset.order_by(*NEWEST), limit, at=at)
    newest_of_all = f"ARRAY(SELECT x.id FROM ({union}) AS x ORDER BY x.created DESC, x.id DESC LIMIT %s)"
    return RawSQL(newest_of_all, [*params, limit]) if union else None


def _count_keys(actor: Actor, queryset: QuerySet[M], limit: int) -> int:
    union, params = _per_circle(actor, queryset.order_by(), limit)
    if not union:
        return 0
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT 1 FROM ({union}) AS x LIMIT %s) AS y", [*params, limit])
        return int(cursor.fetchone()[0])


def _per_circle(
    actor: Actor, queryset: QuerySet[M], limit: int, *, at: datetime | None = None
) -> tuple[str, list[Any]]:
    """SQL of the first `limit` readable keys of each circle by its index, joined laterally; granted items beside.

    Need-to-know is in the shape of the query: an OR of circles and grants would make the planner read whole circles.
    Empty where there is neither.
    """
    from .access import REGISTER_FROM, eligible

    reach = actor.reach
    keys = queryset.filter(eligible(actor, at=at)).values_list("id", "created")
    in_circle = keys.filter(circle_id=RawSQL("c.circle_id", ()))
    branches: list[tuple[str, list[Any]]] = []
    for circles, rows in (
        (reach.circles, in_circle.filter(level__lt=REGISTER_FROM)),
        (reach.circles_open and reach.circles_open - reach.circles, in_circle.filter(level=0)),
    ):
        if circles:
            sql, params = rows[:limit].query.sql_with_params()
            lateral = (
                f"SELECT y.id, y.created FROM unnest(%s::bigint[]) AS c(circle_id) CROSS JOIN LATERAL ({sql}) AS y"
            )
            branches.append((lateral, [_array(circles), *params]))
    if reach.items:
        in_circles = Q(circle_id__among=reach.circles, level__lt=REGISTER_FROM)
        in_open = Q(circle_id__among=reach.circles_open, level=0)
        granted = keys.filter(id__among=reach.items).exclude(in_circles | in_open)
        sql, params = granted[:limit].query.sql_with_params()
        branches.append((f"({sql})", list(params)))
    union = " UNION ALL ".join(sql for sql, _ in branches)
    return union, [value for _, params in branches for value in params]


def _array(circles: Any) -> Any:
    """One parameter for them all."""
    return circles if isinstance(circles, Given) else sorted(circles)
