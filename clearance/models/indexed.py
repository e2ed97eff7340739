"""The base of what is searched: what its words are (clearance.search)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from django.db import models


class Indexed(models.Model):
    """A marked model that is searched. Its tokens lie in a column that only the functions of the search read and write:
    a list of thousands of numbers would otherwise be fetched with each row.
    """

    class Meta:
        abstract = True

    @abstractmethod
    def searched_text(self) -> str:
        """What is searched of the row. Raises Unreadable."""

    def searched_facets(self) -> Iterable[str]:
        """Codes that the row is narrowed by."""
        return ()
