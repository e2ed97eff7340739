"""Finding: candidates by the index, under the access decision, each held against its own text before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from vault import Unreadable, grams

from ..actor import Actor
from ..limits import count_shown, uncounted
from ..models import Marked, Marking, Vouched, compared
from ..pages import Page, cursor_at, place
from ..paging import NEWEST, ORDER, PAGE, newest
from .grams import folded, has_all, of_facet, of_word, words_of
from .laying import NO_SEARCH_FROM, as_json, call

M = TypeVar("M", bound=Marked)
CANDIDATES = 500  # opened for one page at most; then the reader is asked whether to search on
SLICE = 100


@dataclass(frozen=True, slots=True)
class Found(Page[M]):
    """A page of what was found. With `next` there is more to look through, though this page may be empty; `examined`
    is how many of what the reader may read were opened for it."""

    examined: int = 0


def search(
    actor: Actor, rows: QuerySet[M], words: str, *, text: Callable[[M], str] | None = None, facets: Iterable[str] = (),
    circle: int | None = None, after: str = "", limit: int = PAGE,
) -> Found[M]:  # fmt: skip
    """The newest of the rows that the actor may read and that have every one of the words, and every facet.

    `text` is what is searched of a row, by default its own `searched_text`; never more than that, or the index would
    not know of it. `circle` narrows the index's question; whatever else the queryset asks for is asked of candidates.
    At most CANDIDATES are opened: `next` then goes on behind the last of them. A row that does not open is not found.
    Past the daily limit of opened keys raises LimitReached, for what is shown alone.
    """
    wanted, codes = words_of(words), sorted(set(facets))
    position = place(actor, after, order=ORDER)
    if circle is not None:
        rows = rows.filter(circle_id=circle)
    blocks = {gram for word in wanted for gram in of_word(word)} | {of_facet(code) for code in codes}
    if actor.reach.highest < 0:
        return Found([], "")
    looked: list[tuple[UUID, datetime]] = []
    fitting: list[M] = []
    more = False
    candidates = _by_index(actor, rows, blocks, circle, position) if blocks else _walked(actor, rows, after)
    with uncounted():  # what does not fit is shown to nobody
        for part in candidates:
            for at, (candidate, row) in enumerate(part.pairs):
                looked.append(candidate)
                if row is not None and _fits(row, wanted, codes, text):
                    fitting.append(row)
                    if len(fitting) == limit:
                        more = part.more or at + 1 < len(part.pairs)
                        break
            else:
                more = part.beyond
                continue
            break
    key, moment = looked[-1] if more else (None, None)
    onward = cursor_at(actor, ORDER, moment, key) if key and moment else ""
    count_shown(len(fitting))
    return Found(fitting, onward, examined=len(looked))


@dataclass(frozen=True, slots=True)
class _Part:
    """Candidates in order, each with its row where the queryset has it. `more`: whether anything comes after them;
    `beyond`: whether that is left to the next page."""

    pairs: Sequence[tuple[tuple[UUID, datetime], Any]]
    more: bool
    beyond: bool


def _walked(actor: Actor, rows: QuerySet[M], after: str) -> Iterator[_Part]:
    """Where a word has no gram: the newest rows themselves."""
    page = newest(actor, rows, after=after, limit=CANDIDATES)
    if page.rows:
        yield _Part([((row.pk, row.created), row) for row in page], bool(page.next), bool(page.next))


def _by_index(
    actor: Actor, rows: QuerySet[M], blocks: set[bytes], circle: int | None, position: tuple[datetime, UUID] | None
) -> Iterator[_Part]:
    from ..access import eligible

    at, key = position or (None, None)
    asked = as_json(_alternatives(actor, blocks))
    found = call(
        "SELECT id, created FROM clearance_search(%s, %s::jsonb, %s, %s, %s, %s)",
        rows.model._meta.db_table, asked, circle, at, key, CANDIDATES + 1,
    )  # fmt: skip
    beyond, found = len(found) > CANDIDATES, found[:CANDIDATES]
    there = rows.filter(eligible(actor))
    if issubclass(rows.model, Vouched):
        there = compared(there)
    for start in range(0, len(found), SLICE):
        keys = found[start : start + SLICE]
        by_key = {row.pk: row for row in there.filter(pk__in=[each for each, _at in keys]).order_by(*NEWEST)}
        last = start + SLICE >= len(found)
        pairs = [((each, moment), by_key.get(each)) for each, moment in keys]
        yield _Part(pairs, beyond or not last, beyond and last)


def _alternatives(actor: Actor, blocks: set[bytes]) -> list[dict[str, Any]]:
    """For each marking that the actor may read, with each version of its key: the tokens of the same grams."""
    reach, ordered = actor.reach, sorted(blocks)
    levels = [level for level in range(NO_SEARCH_FROM) if reach.holds(level)]
    within = {
        marking.text: marking.pk
        for marking in Marking.objects.filter(level__in=levels).order_by("pk")
        if marking.comp_mask & reach.inverse[marking.level] <= 0 and marking.release_mask & reach.release
    }
    return [
        {"marking": str(within[text]), "version": version, "tokens": made}
        for text, version, made in grams.tokens_of_each(ordered, markings=list(within))
        if made
    ]


def _fits(row: Any, wanted: Sequence[str], codes: Sequence[str], text: Callable[[Any], str] | None) -> bool:
    try:
        said = row.searched_text() if text is None else text(row)
        return has_all(said, wanted) and (not codes or _has(row, codes))
    except Unreadable:
        return False


def _has(row: Any, codes: Sequence[str]) -> bool:
    return {folded(code) for code in codes} <= {folded(code) for code in row.searched_facets()}
