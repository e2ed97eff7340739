"""Pages of what is ordered by its latest movement. `clearance.access.newest` pages by the moment a row was made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from clearance.access import Actor
from clearance.pages import Page, cut, place
from clearance.questions import Given, Question

M = TypeVar("M", bound=Model)


def window(actor: Actor, rows: QuerySet[M], *, by: str, after: str, limit: int) -> Page[M]:
    """The rows latest by `by` (an aware datetime), from the cursor on. An unusable cursor counts as none."""
    position = place(actor, after, order=_order(by))
    found = list(_latest(_from(rows, by, *position) if position else rows, by, limit))
    return cut(actor, found, limit, order=_order(by), by=by)


class Window(Generic[M]):
    """The same of rows that are put into SQL once (clearance.questions)."""

    def __init__(self, write: Callable[[Actor], QuerySet[M]], *, by: str) -> None:
        self._write, self._by = write, by
        self._questions: dict[tuple[int, bool], Question[M]] = {}

    def page(self, actor: Actor, *, after: str, limit: int, **values: Any) -> Page[M]:
        order = _order(self._by)
        position = place(actor, after, order=order)
        found = self._question(limit, position is not None)(actor, position=position, **values)
        return cut(actor, found, limit, order=order, by=self._by)

    def _question(self, limit: int, further: bool) -> Question[M]:
        def write(actor: Actor) -> QuerySet[M]:
            rows = self._write(actor)
            rows = _from(rows, self._by, Given("position", 0), Given("position", 1)) if further else rows
            return _latest(rows, self._by, limit)

        asked = (limit, further)
        return self._questions.get(asked) or self._questions.setdefault(asked, Question(write))


def _from(rows: QuerySet[M], by: str, at: Any, key: Any) -> QuerySet[M]:
    return rows.filter(Q(**{f"{by}__lt": at}) | Q(**{by: at, "pk__lt": key}))


def _latest(rows: QuerySet[M], by: str, limit: int) -> QuerySet[M]:
    """The first `limit`, and one more that tells whether there are more."""
    return rows.order_by(f"-{by}", "-pk")[: limit + 1]


def _order(by: str) -> str:
    return f"dialogues.window:{by}"
