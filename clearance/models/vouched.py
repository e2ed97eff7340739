"""What is held against the log before it opens: things whose marking changes, or that are withdrawn."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import F
from django.db.models.functions import Cast

from audit.standing import Disagrees
from vault import Unreadable

from .marked import Marked


class PutBack(Unreadable):
    """The log's last word on the thing is another: somebody put an old row back."""


class Vouched(Marked):
    """Its item key is opened for no row of which the log speaks otherwise."""

    # Whether the log agrees with the row; None before anybody asked.
    _agrees: bool | None = None

    class Meta(Marked.Meta):
        abstract = True

    def vouch(self) -> None:
        """Raises PutBack. Whoever shows many at once lets `compare` ask for all of them."""
        if self._agrees is None:
            compare([self])
        if not self._agrees:
            raise PutBack


def compare(rows: Iterable[Vouched]) -> None:
    """Hold rows of one table against the log, in one question for all.

    The question reads row and log at one moment, so that a change between two questions is not taken for a row that was
    put back.
    """
    asked = [row for row in rows if row._agrees is None]
    if not asked:
        return
    there = type(asked[0])._base_manager.using(asked[0]._state.db).filter(pk__in={row.pk for row in asked})
    disagrees = Disagrees(Cast("pk", models.TextField()), F("marking__text"))
    differing = set(there.filter(disagrees).values_list("pk", flat=True))
    for row in asked:
        row._agrees = row.pk not in differing
