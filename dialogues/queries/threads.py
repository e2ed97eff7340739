"""Threads of a room, messages of a thread, and the documents beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from clearance.access import Actor, Page, newest, visible_to
from clearance.models import Marking
from clearance.models.vouched import disagrees
from clearance.questions import NOW, Given, Question, known
from documents.models import Document

from ..models import Message, MessageDocument, ReadMark, Room, Thread
from ..models.opening import opened
from ..models.rooms import HIGHEST_SPOKEN
from . import me, near
from .paging import Window
from .unread import MOST_SHOWN, CappedCount, with_unread_of_threads

THREADS_A_PAGE = 50
MESSAGES_A_PAGE = 30
DOCUMENTS_BESIDE = 10
DOCUMENTS_TO_ATTACH = 20


def threads(actor: Actor, room: Room, *, after: str = "") -> Page[Thread]:
    """A page of the room's threads, the one last spoken in first: spoken so that the actor may read it."""
    place = {"room": room.pk, "circle": room.circle_id}
    return _threads.page(near(actor, [room.circle_id]), after=after, limit=THREADS_A_PAGE, **place)


def _moved(actor: Actor) -> QuerySet[Thread]:
    """The room's threads with what a line shows of each, and the moment it last moved."""
    said = visible_to(actor, Message.objects.filter(thread=OuterRef("pk")), at=NOW)
    found = visible_to(actor, Thread.objects.filter(room_id=Given("room"), circle_id=Given("circle")), at=NOW).annotate(
        moved_at=Coalesce(Subquery(said.order_by("-created", "-id").values("created")[:1]), F("created")),
        said=CappedCount(said.order_by().values("pk")[: MOST_SHOWN + 1]),
    )
    return with_unread_of_threads(actor, found, at=NOW).select_related("marking", "author__organisation")


_threads = Window(_moved, by="moved_at")


def thread(actor: Actor, room: Room, key: UUID) -> Thread:
    """A thread of the room. Raises Http404, whether there is none or it is closed to the actor."""
    found = _one.first(near(actor, [room.circle_id]), room=room.pk, key=key)
    if found is None:
        raise Http404
    return found


@Question
def _one(actor: Actor) -> QuerySet[Thread]:
    of_room = Thread.objects.filter(room_id=Given("room"), pk=Given("key"))
    return visible_to(actor, of_room, at=NOW).select_related("marking")


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
    there = said_in(thread=thread.pk, circle=thread.circle_id)
    page: Page[Message] = newest(actor, there, after=after, limit=MESSAGES_A_PAGE)
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


@known
def said_in(*, thread: UUID, circle: int) -> QuerySet[Message]:
    """Every message of a thread, whoever may read it, with what its page shows of one."""
    said = Message.objects.filter(thread_id=thread, circle_id=circle)
    return said.select_related("marking", "author__organisation")


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
    found = newest(actor, lying_in(circle=room.circle_id), limit=limit)
    return [Beside(document) for document in found], bool(found.next)


@known
def lying_in(*, circle: int) -> QuerySet[Document]:
    """Every document of a circle, whoever may read it."""
    return Document.objects.filter(circle_id=circle).select_related("marking")


def attachable(actor: Actor, room: Room) -> list[Beside]:
    """What may be attached to a message: the newest of the room's documents, up to the level of what is spoken."""
    found, _more = documents(actor, room, limit=DOCUMENTS_TO_ATTACH)
    return [beside for beside in found if beside.document.level <= HIGHEST_SPOKEN]


def lies_under(document: Document, marking: Marking) -> bool:
    """Whether each reader of a message so marked may read the document too."""
    return marking.admits(document.marking)


def _attached(actor: Actor, rows: list[Message]) -> dict[UUID, list[Beside]]:
    found: dict[UUID, list[Beside]] = {}
    for tie in _ties(actor, messages=[row.pk for row in rows]):
        tie.document.differs = tie.differs
        found.setdefault(tie.message_id, []).append(Beside(tie.document))
    return found


@Question
def _ties(actor: Actor) -> QuerySet[Any]:
    """What is attached to messages, the documents held against the log as they are read."""
    attached = MessageDocument.objects.filter(message_id__among=Given("messages")).select_related("document__marking")
    return visible_to(actor, attached, "document__", at=NOW).annotate(differs=disagrees("document__"))
