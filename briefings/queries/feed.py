"""The feed: what a reader finds, in order of concern to their firm, unread before read.

Concerns are sealed, so no index can order by them. The feed takes the newest `WINDOW` that fit and may be read (one
page of clearance.access.newest, as fast at thousands as at ten; of clearance.search where words, a sector, a commodity
or a step are asked for), orders those, and shows them `PAGE` at a time; past the last of them follows the next window.
Nothing here depends on a section that the reader may not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils import timezone

from clearance.access import Actor
from clearance.clock import today
from clearance.limits import count_shown, uncounted
from vault import Unreadable

from ..content import Concerns
from ..models import Briefing
from .concern import Firm, Tie, firm_of, weight
from .narrowing import Hit, Narrowing, narrowed, window
from .readable import LINE, briefing, every_state, portions, visible, waiting_level
from .standing import TOGETHER, Standing, standing

__all__ = [
    "LINE", "Feed", "Line", "Narrowing", "Standing", "briefing", "every_state", "feed", "portions", "standing",
    "visible", "waiting_level",
]  # fmt: skip

WINDOW = 200
PAGE = 50

Rank = tuple[bool, int, float, str]


@dataclass(frozen=True)
class Line:
    """One line of the feed. `title` is None where the briefing does not open: it was altered in the database. `ties`
    say why it stands where it does, `hits` where the words are."""

    briefing: Briefing
    title: str | None
    concerns: Concerns
    standing: Standing
    ties: tuple[Tie, ...]
    rank: Rank
    hits: tuple[Hit, ...] = ()

    @property
    def overdue(self) -> bool:
        by = self.briefing.acknowledge_by
        return self.standing.outstanding and by is not None and by < today()

    @property
    def updated(self) -> datetime | None:
        """When what the reader may read changed, if it did since it was published."""
        return self.standing.moved if self.standing.moved > self.briefing.created + TOGETHER else None

    @property
    def markings(self) -> list[str]:
        """Of everything on the line."""
        return [self.briefing.marking.text, *(hit.marking.text for hit in self.hits)]

    @property
    def level(self) -> int:
        return max(self.briefing.level, *(hit.marking.level for hit in self.hits)) if self.hits else self.briefing.level


@dataclass(frozen=True)
class Feed:
    """A page of the feed; `looked` is through how many it was looked for it, `firm` for whom it is ordered."""

    lines: list[Line]
    next: str
    looked: int
    firm: Firm


@dataclass(frozen=True)
class _Mark:
    """Where to go on: in the window after `window`, past `last`, unread counted as when the reader began."""

    window: str = ""
    began: datetime | None = None
    last: Rank | None = field(default=None)


def feed(actor: Actor, narrowing: Narrowing, after: str = "") -> Feed:
    """A page: unread before read, what concerns the reader's firm more before what does less, newest first.

    An unusable cursor (another reader's, an altered one) counts as none.
    """
    mark = _mark(actor, after)
    began = mark.began or timezone.now()
    fitting = narrowed(narrowing)
    if mark.began:
        fitting = fitting.filter(created__lte=began)
    firm = firm_of(actor)
    with uncounted():  # what is only ordered, or does not fit, is shown to nobody
        taken = window(actor, fitting, narrowing, mark.window, limit=WINDOW)
        lines = lined(actor, taken.rows, firm, began=mark.began, hits=taken.hits)
        lines = [line for line in lines if _fits(line, narrowing)]
    lines.sort(key=lambda line: line.rank)
    further = [line for line in lines if mark.last is None or line.rank > mark.last]
    shown = further[:PAGE]
    count_shown(sum(1 + len(line.hits) for line in shown))
    if len(further) > PAGE:
        onward = _cursor(actor, _Mark(mark.window, began, shown[-1].rank))
    else:
        onward = _cursor(actor, _Mark(taken.next, began)) if taken.next else ""
    return Feed(shown, onward, len(taken.rows), firm)


def lined(
    actor: Actor, rows: Iterable[Briefing], firm: Firm, *, began: datetime | None = None,
    hits: Mapping[UUID, list[Hit]] | None = None,
) -> list[Line]:  # fmt: skip
    """The lines of these briefings, in as many questions for one as for hundreds."""
    found, having = list(rows), hits or {}
    standings = standing(actor, found)
    return [_line(each, firm, standings[each.pk], began, tuple(having.get(each.pk, ()))) for each in found]


def _line(each: Briefing, firm: Firm, stands: Standing, began: datetime | None, hits: tuple[Hit, ...]) -> Line:
    try:
        title, concerns = each.title, Concerns.read(each.concerns)
    except Unreadable:
        title, concerns = None, Concerns()
    read = stands.first is not None and (began is None or stands.first < began) and not stands.changed
    ties = firm.ties(concerns)
    rank = (read, -weight(ties), -each.created.timestamp(), each.pk.hex)
    return Line(each, title, concerns, stands, ties, rank, hits)


def _fits(line: Line, narrowing: Narrowing) -> bool:
    return narrowing.concerns(line.concerns) and (line.standing.outstanding or not narrowing.outstanding)


def _salt(actor: Actor) -> str:
    return f"briefings.feed:{actor.person_id}"


def _cursor(actor: Actor, mark: _Mark) -> str:
    began = mark.began.isoformat() if mark.began else ""
    return signing.dumps([mark.window, began, list(mark.last) if mark.last else None], salt=_salt(actor))


def _mark(actor: Actor, cursor: str) -> _Mark:
    try:
        within, began, last = signing.loads(cursor, salt=_salt(actor))
    except signing.BadSignature:
        return _Mark()
    rank: Any = tuple(last) if last else None
    return _Mark(within, datetime.fromisoformat(began), rank)
