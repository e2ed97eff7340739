"""Pages of what is ordered by its latest movement. `clearance.access.newest` pages by the moment a row was made."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from clearance.access import Actor
from clearance.pages import Page, cut, place

M = TypeVar("M", bound=Model)


def window(actor: Actor, rows: QuerySet[M], *, by: str, after: str, limit: int) -> Page[M]:
    """The rows latest by `by` (an aware datetime), from the cursor on. An unusable cursor counts as none."""
    order = f"dialogues.window:{by}"
    if position := place(actor, after, order=order):
        at, key = position
        rows = rows.filter(Q(**{f"{by}__lt": at}) | Q(**{by: at, "pk__lt": key}))
    return cut(actor, list(rows.order_by(f"-{by}", "-pk")[: limit + 1]), limit, order=order, by=by)
