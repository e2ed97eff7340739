"""How a reader stands to briefings: whether they have looked, taken note, and what moved since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, Q

from clearance.access import Actor, visible_to
from dialogues.queries import me

from ..models import Acknowledgement, Briefing, Opening, Portion

# What was written within so short a time came at one moment: the rows of one publishing need not bear the same one.
TOGETHER = timedelta(seconds=5)


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


def standing(actor: Actor, rows: Iterable[Briefing]) -> dict[UUID, Standing]:
    """How the reader stands to each, in as many questions for one as for hundreds."""
    found = {each.pk: each for each in rows}
    moved = _moved(actor, found)
    mine = Q(briefing_id__in=list(found), person_id=me(actor))
    looked = {
        key: (first, last)
        for key, first, last in Opening.objects.filter(mine, glimpsed=False).values_list("briefing_id", "first", "last")
    }
    noted = dict(Acknowledgement.objects.filter(mine).order_by().values_list("briefing_id").annotate(Max("at")))
    made: dict[UUID, Standing] = {}
    for key, each in found.items():
        times = [moment for moment in (each.changed_at, *moved.get(key, {}).values()) if moment]
        asked = moved.get(key, {}).get("asked")
        first, last = looked.get(key, (None, None))
        made[key] = Standing(max([each.created, *times]), first, last, noted.get(key), asked)
    return made


def _moved(actor: Actor, keys: Iterable[UUID]) -> Mapping[UUID, Mapping[str, datetime | None]]:
    """When sections that the actor may read came, went, and asked again."""
    rows = visible_to(actor, Portion.objects.filter(briefing_id__in=list(keys))).order_by()
    asked = Max("created", filter=Q(ask_again=True, until__isnull=True))
    told = rows.values("briefing_id").annotate(came=Max("created"), went=Max("until"), asked=asked)
    return {each["briefing_id"]: {name: each[name] for name in ("came", "went", "asked")} for each in told}
