"""What a reader narrows the feed by, and finding by words: in titles, and in the sections that they may read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from clearance.access import Actor, newest, visible_to
from clearance.clock import end_of, start_of
from clearance.models import Marking, compared
from clearance.search import Bit, excerpt, folded, has_all, search
from clearance.search.grams import words_of
from vault import Unreadable

from ..content import Concerns
from ..models import Briefing, Portion
from .readable import LINE

DONE = "-"  # in place of a cursor: nothing is left to look through
MOST_HITS = 3  # sections of one briefing that a line shows


@dataclass(frozen=True)
class Narrowing:
    """What the reader narrows the feed by; everything is optional."""

    words: str = ""
    kind: str = ""
    severity: int | None = None
    sector: str = ""
    commodity: str = ""
    step: str = ""
    outstanding: bool = False
    since: date | None = None
    until: date | None = None

    @property
    def any(self) -> bool:
        return self != Narrowing()

    @property
    def facets(self) -> list[str]:
        return [code for code in (self.sector, self.commodity, self.step) if code]

    def concerns(self, said: Concerns) -> bool:
        """Whether a briefing concerns what was asked for; of commodities as the index knows them."""
        return (
            (not self.sector or self.sector in said.sectors)
            and (not self.step or self.step in said.steps)
            and (not self.commodity or folded(self.commodity) in map(folded, said.commodities))
        )


@dataclass(frozen=True)
class Hit:
    """A section that has the words, and the passages in which they stand."""

    heading: str
    bits: list[Bit]
    marking: Marking


@dataclass(frozen=True)
class Window:
    """So many briefings that fit, in no order; with words, the sections of each that have them."""

    rows: list[Briefing]
    next: str
    hits: dict[UUID, list[Hit]] = field(default_factory=dict)


def narrowed(narrowing: Narrowing) -> QuerySet[Briefing]:
    """What fits as far as the database can tell, whoever may read it."""
    found = Briefing.objects.select_related(*LINE)
    if narrowing.kind:
        found = found.filter(kind=narrowing.kind)
    if narrowing.severity is not None:
        found = found.filter(severity__gte=narrowing.severity)
    if narrowing.since is not None:
        found = found.filter(created__gte=start_of(narrowing.since))
    if narrowing.until is not None:
        found = found.filter(created__lt=end_of(narrowing.until))
    return found


def window(actor: Actor, fitting: QuerySet[Briefing], narrowing: Narrowing, after: str, *, limit: int) -> Window:
    """The newest that fit; with words, those whose title has them all, or one of whose readable sections has."""
    if narrowing.words:
        return _worded(actor, fitting, narrowing, after, limit)
    if narrowing.facets:
        page = search(actor, fitting, "", facets=narrowing.facets, after=after, limit=limit)
        return Window(page.rows, page.next)
    found = newest(actor, fitting, after=after, limit=limit)
    return Window(found.rows, found.next)


def _worded(actor: Actor, fitting: QuerySet[Briefing], narrowing: Narrowing, after: str, limit: int) -> Window:
    """By titles and by sections side by side, each with its own cursor. However many hits a briefing has, it comes
    once: by its title where that has the words, else by the newest of its sections that have them."""
    words, wanted = narrowing.words, words_of(narrowing.words)
    titles, _space, texts = after.partition(" ")
    found: dict[UUID, Briefing] = {}
    onward = [DONE, DONE]
    if titles != DONE:
        named = search(actor, fitting, words, facets=narrowing.facets, after=titles, limit=limit)
        found.update((each.pk, each) for each in named)
        onward[0] = named.next or DONE
    said: list[Portion] = []
    if texts != DONE:
        rows = Portion.objects.filter(until__isnull=True).select_related("marking")
        page = search(actor, rows, words, after=texts, limit=limit)
        said, onward[1] = page.rows, page.next or DONE
        keys = {each.briefing_id for each in said} - found.keys()
        there = compared(visible_to(actor, fitting)).filter(pk__in=keys) if keys else []
        found.update((each.pk, each) for each in there if not _titled(each, wanted))
    sections = _having(actor, list(found), wanted)
    fresh = {each.pk for each in said}
    kept = [
        each
        for key, each in found.items()
        if _titled(each, wanted) or any(one.pk in fresh for one in sections.get(key, ())[:1])
    ]
    hits = {key: [_hit(one, words) for one in having[:MOST_HITS]] for key, having in sections.items()}
    return Window(kept, "" if onward == [DONE, DONE] else " ".join(onward), hits)


def _titled(each: Briefing, wanted: Sequence[str]) -> bool:
    try:
        return has_all(each.searched_text(), wanted)
    except Unreadable:
        return False


def _having(actor: Actor, keys: Iterable[UUID], wanted: Sequence[str]) -> dict[UUID, list[Portion]]:
    """Of each briefing the running sections that the actor may read and that have every word, newest first."""
    found: dict[UUID, list[Portion]] = {}
    rows = Portion.objects.filter(briefing_id__in=list(keys), until__isnull=True).select_related("marking")
    for each in compared(visible_to(actor, rows)).order_by("-created", "-id"):
        try:
            if has_all(each.searched_text(), wanted):
                found.setdefault(each.briefing_id, []).append(each)
        except Unreadable:
            continue
    return found


def _hit(section: Portion, words: str) -> Hit:
    return Hit(section.heading, excerpt(section.searched_text(), words), section.marking)
