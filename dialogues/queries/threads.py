"""Threads of a room, messages of a thread, and the documents beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from clearance.access import Actor, Page, newest, visible_to
from clearance.models import Marking, compare
from documents.models import Document

from ..models import Message, MessageDocument, ReadMark, Room, Thread
from ..models.opening import opened
from ..models.rooms import HIGHEST_SPOKEN
from . import me, near
from .paging import window
from .unread import MOST_SHOWN, CappedCount, with_unread_of_threads

THREADS_A_PAGE = 50
MESSAGES_A_PAGE = 30
DOCUMENTS_BESIDE = 10
DOCUMENTS_TO_ATTACH = 20


def threads(actor: Actor, room: Room, *, after: str = "") -> Page[Thread]:
    """A page of the room's threads, the one last spoken in first: spoken so that the actor may read it."""
    actor = near(actor, [room.circle_id])
    said = visible_to(actor, Message.objects.filter(thread=OuterRef("pk")))
    found = visible_to(actor, Thread.objects.filter(room=room, circle_id=room.circle_id)).annotate(
        moved_at=Coalesce(Subquery(said.order_by("-created", "-id").values("created")[:1]), F("created")),
        said=CappedCount(said.order_by().values("pk")[: MOST_SHOWN + 1]),
    )
    rows = with_unread_of_threads(actor, found).select_related("marking", "author__organisation")
    return window(actor, rows, by="moved_at", after=after, limit=THREADS_A_PAGE)


def thread(actor: Actor, room: Room, key: UUID) -> Thread:
    """A thread of the room. Raises Http404, whether there is none or it is closed to the actor."""
    found = (
        visible_to(near(actor, [room.circle_id]), Thread.objects.filter(room=room, pk=key))
        .select_related("marking")
        .first()
    )
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True, slots=True)
class Beside:
    """A document as the pages of a room name it."""

    document: Document

    @property
    def title(self) -> str:
        return opened(self.document, "title")


@dataclass(frozen=True, slots=True)
class Said:
    """A message as a page shows it."""

    message: Message
    documents: list[Beside]
    mine: bool
    unread: bool

    @property
    def anchor(self) -> str:
        return f"said-{self.message.pk}"


def messages(actor: Actor, thread: Thread, *, after: str = "") -> tuple[list[Said], str]:
    """A page of messages, oldest first, from the newest page back; and the cursor of the page before it."""
    actor = near(actor, [thread.circle_id])
    page: Page[Message] = newest(
        actor,
        Message.objects.filter(thread=thread, circle_id=thread.circle_id).select_related(
            "marking", "author__organisation"
        ),
        after=after,
        limit=MESSAGES_A_PAGE,
    )
    compare(page.rows)
    seen = seen_until(actor, thread)
    attached = _attached(actor, page.rows)
    return [
        Said(
            message,
            attached.get(message.pk, []),
            message.author_id == actor.person_id,
            message.author_id != actor.person_id and (seen is None or message.created > seen),
        )
        for message in reversed(page.rows)
    ], page.next


def message(actor: Actor, room: Room, key: UUID) -> Message:
    """A message of the room. Raises Http404, whether there is none or it is closed to the actor."""
    found = visible_to(near(actor, [room.circle_id]), Message.objects.filter(thread__room=room, pk=key))
    result = found.select_related("marking", "thread__marking", "author__organisation").first()
    if result is None:
        raise Http404
    return result


def seen_until(actor: Actor, thread: Thread) -> datetime | None:
    """Up to when the actor has seen the thread; None for never."""
    marks = ReadMark.objects.filter(person_id=me(actor), thread=thread)
    return marks.values_list("seen_until", flat=True).first()


def documents(actor: Actor, room: Room, *, limit: int = DOCUMENTS_BESIDE) -> tuple[list[Beside], bool]:
    """The room's newest documents that the actor may read; and whether there are more."""
    actor = near(actor, [room.circle_id])
    found = newest(actor, Document.objects.filter(circle_id=room.circle_id).select_related("marking"), limit=limit)
    compare(found)
    return [Beside(document) for document in found], bool(found.next)


def attachable(actor: Actor, room: Room) -> list[Beside]:
    """What may be attached to a message: the newest of the room's documents, up to the level of what is spoken."""
    found, _more = documents(actor, room, limit=DOCUMENTS_TO_ATTACH)
    return [beside for beside in found if beside.document.level <= HIGHEST_SPOKEN]


def lies_under(document: Document, marking: Marking) -> bool:
    """Whether each reader of a message so marked may read the document too."""
    return marking.admits(document.marking)


def _attached(actor: Actor, rows: list[Message]) -> dict[UUID, list[Beside]]:
    ties = visible_to(
        actor, MessageDocument.objects.filter(message_id__in=[row.pk for row in rows]), prefix="document__"
    )
    found: dict[UUID, list[Beside]] = {}
    shown = list(ties.select_related("document__marking"))
    compare(tie.document for tie in shown)
    for tie in shown:
        found.setdefault(tie.message_id, []).append(Beside(tie.document))
    return found
