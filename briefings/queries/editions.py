"""The editions of a briefing as one reader sees them: the moments at which sections they may read came and went.

Nothing is numbered and nothing is kept of them: an edition that changed a hidden section alone is none for whoever may
not read it. What is compared is text, word by word (briefings.differences).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Organisation
from accounts.sectors import Sector
from clearance.access import Actor
from clearance.clock import last_day

from ..content import Concerns
from ..differences import Piece, compared
from ..kinds import Confidence, Kind, Likelihood, Severity
from ..models import Briefing, Former, Portion
from ..models.briefings import SAID, as_kept
from .readable import every_state, formers
from .standing import TOGETHER


@dataclass(frozen=True)
class Change:
    """What became of one section: `pieces` is its text with what was put in and what was taken out."""

    section: Portion
    what: str  # "new", "gone", "changed"
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Said:
    """What became of one thing that is said of the whole: its name, and its words put in and taken out."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Edition:
    """One moment at which what the reader may read changed. The first is the publishing: it has no changes."""

    at: datetime
    changes: tuple[Change, ...] = ()
    whole: tuple[Said, ...] = ()


def editions(actor: Actor, of: Briefing) -> list[Edition]:
    """When it came and changed, newest first, without what changed."""
    return [Edition(at) for at in reversed(moments(every_state(actor, of), formers(of)))]


def differences(of: Briefing, states: Iterable[Portion], before: Iterable[Former]) -> list[Edition]:
    """Each change with what it changed, newest first: of the sections that the reader may read, and of the whole,
    which all readers see."""
    rows, kept = list(states), list(before)
    made = [
        Edition(
            later,
            tuple(_changes(_standing(rows, earlier), _standing(rows, later))),
            tuple(_differing(_whole(of, kept, earlier), _whole(of, kept, later))),
        )
        for earlier, later in pairwise(moments(rows, kept))
    ]
    return [each for each in reversed(made) if each.changes or each.whole]


def moments(states: Iterable[Portion], before: Iterable[Former] = ()) -> list[datetime]:
    """The moments of these states, oldest first; those that lie together are one, the last of them."""
    times = {time for each in states for time in (each.created, each.until) if time}
    kept: list[datetime] = []
    for time in sorted(times | {each.until for each in before}):
        if kept and time - kept[-1] <= TOGETHER:
            kept[-1] = time
        else:
            kept.append(time)
    return kept


def words_of(portion: Portion) -> str:
    """All that a section says, as plain lines."""
    return portion.searched_text()


def _standing(states: Iterable[Portion], at: datetime) -> dict[UUID, Portion]:
    """The sections as they stood right after a moment."""
    return {each.slot: each for each in states if each.created <= at and (each.until is None or each.until > at)}


def _changes(before: dict[UUID, Portion], after: dict[UUID, Portion]) -> Iterable[Change]:
    for slot, now in after.items():
        then = before.get(slot)
        if then is None:
            yield Change(now, "new", compared("", words_of(now)))
        elif then.pk != now.pk and (pieces := compared(words_of(then), words_of(now))) and any(p.kind for p in pieces):
            yield Change(now, "changed", pieces)
    for slot, then in before.items():
        if slot not in after:
            yield Change(then, "gone", compared(words_of(then), ""))


def _whole(of: Briefing, before: Sequence[Former], at: datetime) -> Mapping[str, Any]:
    """What was said of the whole right after a moment."""
    then = next((each for each in before if each.until > at), None)
    return as_kept({name: getattr(of, name) for name in SAID}) if then is None else then.said


def _differing(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Said]:
    for (label, old), (_label, new) in zip(in_words(then), in_words(now), strict=True):
        if old != new:
            yield Said(label, compared(old, new))


def in_words(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is said of the whole as readers see it: each thing with its name."""
    lists, steps = Concerns.read(said["concerns"]), dict(Organisation.Step.choices)
    expires = datetime.fromisoformat(said["expires_at"]) if said["expires_at"] else None
    found: list[tuple[Any, Any]] = [
        (_("題名"), said["title"]),
        (_("リスクの種類"), Kind(said["kind"]).label),
        (_("影響の大きさ"), Severity(said["severity"]).label),
        (_("起きる見込み"), Likelihood(said["likelihood"]).label),
        (_("評価の確かさ"), Confidence(said["confidence"]).label),
        (_("業種"), [Sector(code).label if code in Sector.values else code for code in lists.sectors]),
        (_("工程"), [steps.get(code, code) for code in lists.steps]),
        (_("品目"), lists.commodities),
        (_("技術"), lists.technologies),
        (_("地域"), lists.regions),
        (_("確認の期限"), said["acknowledge_by"] or ""),
        (_("閲覧期限"), last_day(expires) or ""),
    ]
    return [
        (str(label), str(value) if isinstance(value, str | date | Promise) else _("、").join(map(str, value)))
        for label, value in found
    ]
