"""Laying tokens: of one row, and of all that have none: new ones, changed ones, those from before the index."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol
from uuid import UUID

from django.apps import apps
from django.db import connection

from vault import Unreadable, grams

from ..context import acting
from ..limits import uncounted
from ..models import Indexed, Marking, Vouched, compare
from .grams import of_facet, of_text

BATCH = 200
STRIPPED = 500
NOTHING: Callable[[int], None] = lambda _count: None  # noqa: E731 - a default, of a declared type
NO_SEARCH_FROM = 3  # what the law keeps apart has no index: it is opened and looked through


class Row(Protocol):
    """An `Indexed` row under a marking."""

    pk: UUID
    level: int
    key_version: int
    marking: Marking

    def searched_text(self) -> str: ...
    def searched_facets(self) -> Iterable[str]: ...


def tokens_of(text: str, marking: Marking, *, version: int = 0) -> list[int]:
    """The tokens of a text under a marking, by the newest version of its key unless told."""
    return _tokens(of_text(text), marking, version)


def facets_of(codes: Iterable[str], marking: Marking, *, version: int = 0) -> list[int]:
    """The tokens of codes that a list is narrowed by; of the same kind as those of words, and never equal to one."""
    return _tokens({of_facet(code) for code in codes}, marking, version)


def _tokens(blocks: Iterable[bytes], marking: Marking, version: int) -> list[int]:
    if marking.level >= NO_SEARCH_FROM:
        return []
    if not version:
        version = max((number for _text, number in grams.versions([marking.text])), default=0)
        if not version:
            raise Unreadable
    return sorted(grams.tokens(sorted(blocks), marking=marking.text, version=version))


def index(row: Any, text: str | None = None) -> bool:
    """Lay the tokens of a row, now; False where the present context may not, or the row is another by now.

    Nobody has to: what is not laid is looked through until the worker comes by. The tokens are by the version of the
    marking's key that wraps the row's own, so that a key is destroyed only when no token needs it.
    """
    held: Row = row
    if held.level >= NO_SEARCH_FROM or not held.key_version:
        return False
    blocks = of_text(held.searched_text() if text is None else text)
    blocks |= {of_facet(code) for code in held.searched_facets()}
    made = _tokens(blocks, held.marking, held.key_version)
    (done,) = call(
        "SELECT clearance_index(%s, %s, %s, %s, %s::bigint[])",
        row._meta.db_table, held.pk, held.marking.pk, held.key_version, made,
    )[0]  # fmt: skip
    return bool(done)


def searched_models() -> list[type[Any]]:
    """Every table that is searched, whichever app it is of."""
    return [model for model in apps.get_models() if issubclass(model, Indexed)]


def waiting(model: type[Any]) -> int:
    """How many rows of a table have no tokens yet."""
    return int(call("SELECT clearance_unindexed_count(%s)", model._meta.db_table)[0][0])


def lay_all(*, most: int | None = None, advance: Callable[[int], None] = NOTHING) -> int:
    """Lay what is waiting, newest first; how many were laid. Driven by the rows: it may stop anywhere and run twice.

    Call outside a transaction, as the worker or the owner. What does not open is passed over, and looked through by
    whoever searches.
    """
    laid = 0
    for model in searched_models():
        for batch in _batches(model):
            laid += _lay(model, batch)
            advance(len(batch))
            if most is not None and laid >= most:
                return laid
    return laid


def _batches(model: type[Any]) -> Iterator[Sequence[tuple[Any, ...]]]:
    at = key = None
    while found := call(
        "SELECT id, created, circle_id FROM clearance_unindexed(%s, %s, %s, %s)", model._meta.db_table, at, key, BATCH
    ):
        yield found
        key, at, _circle = found[-1]


def _lay(model: type[Any], batch: Sequence[tuple[Any, ...]]) -> int:
    """One transaction, in a context that reaches just these rows."""
    keys = [key for key, _at, _circle in batch]
    laid = 0
    with acting(items=keys, circles={circle for _key, _at, circle in batch}), uncounted():
        rows = list(model._base_manager.filter(pk__in=keys).select_related("marking").order_by("pk"))
        if issubclass(model, Vouched):
            compare(rows)
        for row in rows:
            try:
                laid += index(row)
            except Unreadable:
                continue
    return laid


def drop_common(*, advance: Callable[[int], None] = NOTHING) -> int:
    """Find the grams that more than a fifth of a marking's rows have, and take them out; how many are known now.

    They narrow nothing, and how often they occur would tell which they are. From the moment one is known no row gets
    it and no question asks for it, so the taking out may stop anywhere and go on later.
    """
    known = 0
    for model in searched_models():
        table = model._meta.db_table
        known += int(call("SELECT clearance_find_common(%s)", table)[0][0])
        while stripped := int(call("SELECT clearance_drop_common(%s, %s)", table, STRIPPED)[0][0]):
            advance(stripped)
    return known


def call(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def as_json(wanted: Sequence[dict[str, Any]]) -> str:
    return json.dumps(wanted, separators=(",", ":"))
