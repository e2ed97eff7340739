"""Unread counts, worked out under the reader's own access decision and capped, so that a long absence costs no more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clearance.access import Actor, visible_to
from clearance.questions import OfReader

from ..models import Message, ReadMark, Thread
from . import me

MOST_SHOWN = 99
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class CappedCount(Subquery):
    """How many rows the sliced queryset has: the slice is the cap."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS capped)"
    output_field = IntegerField()


def unread_messages(actor: Actor, *, at: datetime | None = None) -> QuerySet[Message]:
    """What others said that the actor may read and has not seen."""
    seen = ReadMark.objects.filter(
        thread=OuterRef("thread_id"), person_id=me(actor), seen_until__gte=OuterRef("created")
    )
    said = Message.objects.exclude(author_id=me(actor)).filter(~Exists(seen))
    return visible_to(actor, said, at=at).order_by()


def with_unread_of_rooms(actor: Actor, rooms: QuerySet[Any], *, at: datetime | None = None) -> QuerySet[Any]:
    """Each room with `unread`, at most MOST_SHOWN + 1."""
    waiting = unread_messages(actor, at=at).filter(circle_id=OuterRef("circle_id")).values("pk")[: MOST_SHOWN + 1]
    return cast(QuerySet[Any], rooms.annotate(unread=CappedCount(waiting)))


def with_unread_of_threads(actor: Actor, threads: QuerySet[Thread], *, at: datetime | None = None) -> QuerySet[Thread]:
    """Each thread with `unread`, at most MOST_SHOWN + 1."""
    mine = ReadMark.objects.filter(thread=OuterRef(OuterRef("pk")), person_id=me(actor))
    seen = Coalesce(Subquery(mine.values("seen_until")[:1]), OfReader(lambda _actor: LONG_AGO))
    said = Message.objects.filter(thread_id=OuterRef("pk"), created__gt=seen).exclude(author_id=me(actor))
    unread = visible_to(actor, said, at=at).order_by().values("pk")[: MOST_SHOWN + 1]
    return threads.annotate(unread=CappedCount(unread))
