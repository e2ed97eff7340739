"""Messages that have the words a reader asks for, of those they may read, with where each was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from clearance.access import Actor, visible_to
from clearance.pages import cursor_at
from clearance.paging import ORDER
from clearance.search import Bit, excerpt, search

from ..models import Message, Room, Thread
from . import near, ungranted

LAST_OF_ITS_MOMENT = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True)
class Hit:
    """A message as the list of what was found shows it; `place` is the cursor of the page of its thread that ends
    with it."""

    message: Message
    bits: list[Bit]
    place: str

    @property
    def thread(self) -> Thread:
        return self.message.thread

    @property
    def room(self) -> Room:
        return self.message.thread.room

    @property
    def anchor(self) -> str:
        return f"said-{self.message.pk}"


@dataclass(frozen=True)
class Finding:
    """A page of what was found. With `next` there is more to look through, though this page may be empty."""

    hits: list[Hit] = field(default_factory=list)
    next: str = ""
    looked: int = 0

    @property
    def markings(self) -> list[str]:
        """Of everything on the page."""
        return [
            text
            for hit in self.hits
            for text in (hit.room.marking.text, hit.thread.marking.text, hit.message.marking.text)
        ]


def messages(actor: Actor, words: str, *, room: Room | None = None, after: str = "") -> Finding:
    """The newest messages that have every word, in one room or in all of the actor's; nothing without a word.

    Only what can be opened from there: whose room and thread the actor may read as well.
    """
    if not words.strip():
        return Finding()
    actor = ungranted(near(actor, [room.circle_id]) if room else actor)
    there = Message.objects.select_related(
        "marking", "author__organisation", "thread__marking", "thread__room__marking"
    )
    there = visible_to(actor, visible_to(actor, there, "thread__"), "thread__room__")
    page = search(actor, there, words, circle=room.circle_id if room else None, after=after)
    threads: dict[UUID, Thread] = {}
    rooms: dict[UUID, Room] = {}
    hits = []
    for message in page:  # a title is opened once, however many messages of the page stand under it
        message.thread = threads.setdefault(message.thread_id, message.thread)
        message.thread.room = rooms.setdefault(message.thread.room_id, message.thread.room)
        place = cursor_at(actor, ORDER, message.created, LAST_OF_ITS_MOMENT)
        hits.append(Hit(message, excerpt(message.body, words), place))
    return Finding(hits, page.next, page.examined)
