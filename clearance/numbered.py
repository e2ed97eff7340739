"""A list in numbered pages, for what keeps its order while it is read; what is under a marking is paged by key
(`paging`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

A_PAGE = 50


@dataclass(frozen=True)
class Paged:
    """One page of a list and where the next one is."""

    rows: list[Any]
    total: int
    next_url: str
    first_url: str

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)


def paged(request: HttpRequest, queryset: QuerySet[Any] | Sequence[Any], *, by: str = "page") -> Paged:
    """The page of `queryset`, or of a list, that the address asks for in `by`; what is no page is the first."""
    page = Paginator(queryset, A_PAGE).get_page(request.GET.get(by))
    query = request.GET.copy()
    query.pop(by, None)

    def address(number: int) -> str:
        asked = query.copy()
        if number > 1:
            asked[by] = str(number)
        return f"{request.path}?{asked.urlencode()}" if asked else request.path

    return Paged(
        rows=list(page.object_list),
        total=page.paginator.count,
        next_url=address(page.next_page_number()) if page.has_next() else "",
        first_url=address(1) if page.number > 1 else "",
    )
