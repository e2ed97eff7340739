"""What is held against the log before it opens: things whose marking changes, or that are withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models
from django.db.models import F, QuerySet
from django.db.models.functions import Cast

from audit.standing import Disagrees
from vault import Unreadable

from .marked import Marked

V = TypeVar("V", bound=Marked)


class PutBack(Unreadable):
    """The log's last word on the thing is another: somebody put an old row back."""


class Vouched(Marked):
    """Its item key is opened for no row of which the log speaks otherwise."""

    # Whether the log's last word on it is another; None before anybody asked.
    differs: bool | None = None

    class Meta(Marked.Meta):
        abstract = True

    def vouch(self) -> None:
        """Raises PutBack. Whoever shows many at once reads them `compared`, or lets `compare` ask for all of them."""
        if self.differs is None:
            compare([self])
        if self.differs:
            raise PutBack


def disagrees(prefix: str = "") -> Disagrees:
    """Whether the log speaks otherwise of the row, or with `prefix` ("document__") of what hangs on one."""
    return Disagrees(Cast(f"{prefix}pk", models.TextField()), F(f"{prefix}marking__text"))


def compared(rows: QuerySet[V]) -> QuerySet[V]:
    """The rows, held against the log as they are read.

    One question reads row and log at one moment, so that a change between two is not taken for a row that was put back.
    """
    held: QuerySet[Any] = rows.annotate(differs=disagrees())
    return held


def compare(rows: Iterable[Vouched]) -> None:
    """Hold rows of one table that were read already against the log, in one question for all, at one moment again."""
    asked = [row for row in rows if row.differs is None]
    if not asked:
        return
    there = type(asked[0])._base_manager.using(asked[0]._state.db).filter(pk__in={row.pk for row in asked})
    differing = set(there.filter(disagrees()).values_list("pk", flat=True))
    for row in asked:
        row.differs = row.pk in differing
