"""The readers' change token: a short text that moves when something arrives that this reader may see.

Worked out under the reader's own access decision, so what is hidden from them does not move it.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.models import QuerySet

from clearance.access import Actor, visible_to
from documents.models import Document

from ..models import Message, Room, Thread
from . import me, near


def of_room(actor: Actor, room: Room) -> str:
    """Moves with the newest thread, message and document of the room."""
    return _token(
        near(actor, [room.circle_id]),
        Thread.objects.filter(circle_id=room.circle_id),
        Message.objects.filter(circle_id=room.circle_id),
        Document.objects.filter(circle_id=room.circle_id),
    )


def of_thread(actor: Actor, thread: Thread) -> str:
    """Moves with the newest message of the thread."""
    return _token(near(actor, [thread.circle_id]), Message.objects.filter(thread=thread, circle_id=thread.circle_id))


def _token(actor: Actor, first: QuerySet[Any], *more: QuerySet[Any]) -> str:
    latest, *others = (
        visible_to(actor, rows).order_by("-created", "-id").values_list("pk", flat=True)[:1] for rows in (first, *more)
    )
    keys = sorted(str(key) for key in (latest.union(*others, all=True) if others else latest))
    return hashlib.sha256("".join([str(me(actor)), *keys]).encode()).hexdigest()[:20]
