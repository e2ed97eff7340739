"""The editions of a briefing as one reader sees them: the moments at which sections they may read came and went.

Nothing is numbered and nothing is kept of them: an edition that changed a hidden section alone is none for whoever may
not read it. What is compared is text, word by word (briefings.differences).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from clearance.access import Actor

from ..differences import Piece, compared
from ..models import Briefing, Portion
from .feed import TOGETHER, every_state


@dataclass(frozen=True)
class Change:
    """What became of one section: `pieces` is its text with what was put in and what was taken out."""

    section: Portion
    what: str  # "new", "gone", "changed"
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Edition:
    """One moment at which what the reader may read changed. The first is the publishing: it has no changes."""

    at: datetime
    changes: tuple[Change, ...] = ()


def editions(actor: Actor, of: Briefing) -> list[Edition]:
    """When it came and changed, newest first, without what changed."""
    return [Edition(at) for at in reversed(moments(every_state(actor, of)))]


def differences(states: Iterable[Portion]) -> list[Edition]:
    """Each change with what it changed, newest first."""
    rows = list(states)
    times = moments(rows)
    made = [
        Edition(later, tuple(_changes(_standing(rows, earlier), _standing(rows, later))))
        for earlier, later in pairwise(times)
    ]
    return [each for each in reversed(made) if each.changes]


def moments(states: Iterable[Portion]) -> list[datetime]:
    """The moments of these states, oldest first; those that lie together are one, the last of them."""
    times = sorted({time for each in states for time in (each.created, each.until) if time})
    kept: list[datetime] = []
    for time in times:
        if kept and time - kept[-1] <= TOGETHER:
            kept[-1] = time
        else:
            kept.append(time)
    return kept


def words_of(portion: Portion) -> str:
    """All that a section says, as plain lines: what is compared, exported, and drawn as PDF. Attachments are left out:
    whether a reader may read them is asked of the documents."""
    more = portion.more
    lines = [portion.heading, portion.body]
    lines += ["・" + " / ".join(filter(None, (a["what"], a["who"], a["by"]))) for a in more.get("actions", ())]
    lines += ["・" + " / ".join(filter(None, (n["name"], n["about"]))) for n in more.get("named", ())]
    lines += ["・" + " / ".join(filter(None, (s["what"], s["reliability"]))) for s in more.get("sources", ())]
    return "\n".join(filter(None, lines))


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
