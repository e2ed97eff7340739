"""The readers' change token: a short text that moves when something arrives that this reader may see.

Worked out under the reader's own access decision, so what is hidden from them does not move it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from clearance.access import Actor, visible_to
from clearance.questions import NOW, Given, Question
from documents.models import Document

from ..models import Message, Room, Thread
from . import me, near


def of_room(actor: Actor, room: Room) -> str:
    """Moves with the newest thread, message and document of the room."""
    return _token(actor, _newest_of_room(near(actor, [room.circle_id]), circle=room.circle_id))


def of_thread(actor: Actor, thread: Thread) -> str:
    """Moves with the newest message of the thread."""
    there = near(actor, [thread.circle_id])
    return _token(actor, _newest_of_thread(there, thread=thread.pk, circle=thread.circle_id))


@Question
def _newest_of_room(actor: Actor) -> QuerySet[Any, UUID]:
    threads, *others = (
        _latest(actor, kind.objects.filter(circle_id=Given("circle"))) for kind in (Thread, Message, Document)
    )
    return threads.union(*others, all=True)


@Question
def _newest_of_thread(actor: Actor) -> QuerySet[Any, UUID]:
    return _latest(actor, Message.objects.filter(thread_id=Given("thread"), circle_id=Given("circle")))


def _latest(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any, UUID]:
    return visible_to(actor, rows, at=NOW).order_by("-created", "-id").values_list("pk", flat=True)[:1]


def _token(actor: Actor, keys: Iterable[UUID]) -> str:
    return hashlib.sha256("".join([str(me(actor)), *sorted(map(str, keys))]).encode()).hexdigest()[:20]
