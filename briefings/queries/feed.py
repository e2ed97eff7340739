"""What a reader finds: their feed in order of concern to their firm, one briefing, its sections as far as they may see.

Concerns are sealed, so no index can order by them. The feed takes the newest `WINDOW` that fit and may be read (one
page of clearance.access.newest, as fast at thousands as at ten; of clearance.search where words or a sector are asked
for), orders those, and shows them `PAGE` at a time; past the last of them follows the next window. Nothing here depends
on a section that the reader may not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Max, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.models import Organisation
from clearance.access import Actor, newest, visible_to
from clearance.clock import end_of, start_of, today
from clearance.limits import count_shown, uncounted
from clearance.models import compared
from clearance.pages import Page
from clearance.search import search
from dialogues.queries import NOBODY, me
from vault import Unreadable

from ..content import Concerns
from ..models import Acknowledgement, Briefing, Opening, Portion

WINDOW = 200
PAGE = 50
LINE = ("marking", "originator")
# What was written within so short a time came at one moment: the rows of one publishing need not bear the same one.
TOGETHER = timedelta(seconds=5)
LEVELS = (1, 2)  # those a briefing may have that need more than a password

DONE = "-"  # in place of a cursor: nothing is left to look through

Rank = tuple[bool, int, float, str]


@dataclass(frozen=True)
class Narrowing:
    """What the reader narrows the feed by; everything is optional."""

    words: str = ""
    kind: str = ""
    severity: int | None = None
    sector: str = ""
    outstanding: bool = False
    since: date | None = None
    until: date | None = None

    @property
    def any(self) -> bool:
        return self != Narrowing()


@dataclass(frozen=True)
class Firm:
    """The reader's own firm, as far as briefings concern it."""

    sectors: frozenset[str] = frozenset()
    step: str = ""

    def shared(self, concerns: Concerns) -> tuple[str, ...]:
        return tuple(code for code in concerns.sectors if code in self.sectors)

    def concern(self, concerns: Concerns) -> int:
        """How much it concerns the firm: a shared sector counts twice what the same step of the chain does."""
        return 2 * len(self.shared(concerns)) + int(bool(self.step) and self.step in concerns.steps)


@dataclass(frozen=True)
class Standing:
    """How the reader stands to a briefing: when what they may read of it last moved, when they looked, took note."""

    moved: datetime
    first: datetime | None = None
    last: datetime | None = None
    acknowledged: datetime | None = None
    asked_again: datetime | None = None

    @property
    def unread(self) -> bool:
        return self.first is None

    @property
    def changed(self) -> bool:
        return self.last is not None and self.moved > self.last

    @property
    def outstanding(self) -> bool:
        """Whether the reader is to acknowledge: never done, or asked again since by a section they may read."""
        if self.acknowledged is None:
            return True
        return self.asked_again is not None and self.asked_again > self.acknowledged


@dataclass(frozen=True)
class Line:
    """One line of the feed. `title` is None where the briefing does not open: it was altered in the database."""

    briefing: Briefing
    title: str | None
    concerns: Concerns
    standing: Standing
    shared: tuple[str, ...]
    concern: int
    rank: Rank

    @property
    def overdue(self) -> bool:
        by = self.briefing.acknowledge_by
        return self.standing.outstanding and by is not None and by < today()

    @property
    def updated(self) -> datetime | None:
        """When what the reader may read changed, if it did since it was published."""
        return self.standing.moved if self.standing.moved > self.briefing.created + TOGETHER else None


@dataclass(frozen=True)
class Feed:
    """A page of the feed; `looked` is through how many it was looked for it."""

    lines: list[Line]
    next: str
    looked: int


@dataclass(frozen=True)
class _Mark:
    """Where to go on: in the window after `window`, past `last`, unread counted as when the reader began."""

    window: str = ""
    began: datetime | None = None
    last: Rank | None = field(default=None)


def visible(actor: Actor) -> QuerySet[Briefing]:
    """The briefings the actor may read."""
    return visible_to(actor, Briefing.objects.select_related(*LINE))


def briefing(actor: Actor, key: UUID) -> Briefing:
    """One of them. Raises Http404, whether there is none or it is closed to the actor."""
    found = compared(visible(actor)).filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def portions(actor: Actor, of: Briefing) -> list[Portion]:
    """Its sections as they stand, those the actor may read."""
    return [each for each in every_state(actor, of) if each.until is None]


def every_state(actor: Actor, of: Briefing) -> list[Portion]:
    """Each state of each section that the actor may read, in order of place, then of time."""
    rows = visible_to(actor, Portion.objects.filter(briefing=of).select_related("marking"))
    return list(compared(rows).order_by("place", "created", "id"))


def feed(actor: Actor, narrowing: Narrowing, after: str = "") -> Feed:
    """A page: unread before read, what concerns the reader's firm more before what does less, newest first.

    An unusable cursor (another reader's, an altered one) counts as none.
    """
    mark = _mark(actor, after)
    began = mark.began or timezone.now()
    fitting = narrowed(narrowing)
    if mark.began:
        fitting = fitting.filter(created__lte=began)
    with uncounted():  # what is only ordered, or does not fit, is shown to nobody
        window = _window(actor, fitting, narrowing, mark.window)
        lines = [line for line in lined(actor, window.rows, began=mark.began) if _fits(line, narrowing)]
    lines.sort(key=lambda line: line.rank)
    further = [line for line in lines if mark.last is None or line.rank > mark.last]
    shown = further[:PAGE]
    count_shown(len(shown))
    if len(further) > PAGE:
        onward = _cursor(actor, _Mark(mark.window, began, shown[-1].rank))
    else:
        onward = _cursor(actor, _Mark(window.next, began)) if window.next else ""
    return Feed(shown, onward, len(window))


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


def lined(actor: Actor, rows: Iterable[Briefing], *, began: datetime | None = None) -> list[Line]:
    """The lines of these briefings, in as many questions for one as for hundreds."""
    found = list(rows)
    firm, standings = firm_of(actor), standing(actor, found)
    return [_line(each, firm, standings[each.pk], began) for each in found]


def firm_of(actor: Actor) -> Firm:
    own = Organisation.objects.filter(pk=actor.organisation_id or NOBODY).values_list("sectors", "step").first()
    return Firm(frozenset(own[0]), own[1]) if own else Firm()


def standing(actor: Actor, rows: Iterable[Briefing]) -> dict[UUID, Standing]:
    """How the reader stands to each."""
    found = {each.pk: each for each in rows}
    moved = _moved(actor, found)
    mine = Q(briefing_id__in=list(found), person_id=me(actor))
    looked = {
        key: (first, last)
        for key, first, last in Opening.objects.filter(mine).values_list("briefing_id", "first", "last")
    }
    noted = dict(Acknowledgement.objects.filter(mine).order_by().values_list("briefing_id").annotate(Max("at")))
    made: dict[UUID, Standing] = {}
    for key, each in found.items():
        times = [moment for moment in moved.get(key, {}).values() if moment]
        asked = moved.get(key, {}).get("asked")
        first, last = looked.get(key, (None, None))
        made[key] = Standing(max([each.created, *times]), first, last, noted.get(key), asked)
    return made


def waiting_level(actor: Actor) -> int:
    """The level that a stronger sign-in would open, whatever there is; 0 for none."""
    return actor.reach.waiting(LEVELS)


def _moved(actor: Actor, keys: Iterable[UUID]) -> Mapping[UUID, Mapping[str, datetime | None]]:
    """When sections that the actor may read came, went, and asked again."""
    rows = visible_to(actor, Portion.objects.filter(briefing_id__in=list(keys))).order_by()
    asked = Max("created", filter=Q(ask_again=True, until__isnull=True))
    told = rows.values("briefing_id").annotate(came=Max("created"), went=Max("until"), asked=asked)
    return {each["briefing_id"]: {name: each[name] for name in ("came", "went", "asked")} for each in told}


def _line(each: Briefing, firm: Firm, stands: Standing, began: datetime | None) -> Line:
    try:
        title, concerns = each.title, Concerns.read(each.concerns)
    except Unreadable:
        title, concerns = None, Concerns()
    read = stands.first is not None and (began is None or stands.first < began) and not stands.changed
    concern = firm.concern(concerns)
    rank = (read, -concern, -each.created.timestamp(), each.pk.hex)
    return Line(each, title, concerns, stands, firm.shared(concerns), concern, rank)


def _fits(line: Line, narrowing: Narrowing) -> bool:
    if narrowing.sector and narrowing.sector not in line.concerns.sectors:
        return False
    return line.standing.outstanding or not narrowing.outstanding


def _window(actor: Actor, fitting: QuerySet[Briefing], narrowing: Narrowing, after: str) -> Page[Briefing]:
    """The newest that fit; with words, those whose title has them all, or one of whose readable sections has."""
    facets = [narrowing.sector] if narrowing.sector else []
    if not narrowing.words:
        if not facets:
            return newest(actor, fitting, after=after, limit=WINDOW)
        return search(actor, fitting, "", facets=facets, after=after, limit=WINDOW)
    titles, _space, texts = after.partition(" ")
    found: dict[UUID, Briefing] = {}
    onward = [DONE, DONE]
    if titles != DONE:
        named = search(actor, fitting, narrowing.words, facets=facets, after=titles, limit=WINDOW)
        found.update((each.pk, each) for each in named)
        onward[0] = named.next or DONE
    if texts != DONE:
        rows = Portion.objects.filter(until__isnull=True).select_related("marking")
        said = search(actor, rows, narrowing.words, after=texts, limit=WINDOW)
        keys = {each.briefing_id for each in said} - found.keys()
        there = compared(visible_to(actor, fitting)).filter(pk__in=keys) if keys else []
        found.update((each.pk, each) for each in there)
        onward[1] = said.next or DONE
    return Page(list(found.values()), "" if onward == [DONE, DONE] else " ".join(onward))


def _salt(actor: Actor) -> str:
    return f"briefings.feed:{actor.person_id}"


def _cursor(actor: Actor, mark: _Mark) -> str:
    began = mark.began.isoformat() if mark.began else ""
    return signing.dumps([mark.window, began, list(mark.last) if mark.last else None], salt=_salt(actor))


def _mark(actor: Actor, cursor: str) -> _Mark:
    try:
        window, began, last = signing.loads(cursor, salt=_salt(actor))
    except signing.BadSignature:
        return _Mark()
    rank: Any = tuple(last) if last else None
    return _Mark(window, datetime.fromisoformat(began), rank)
