"""The scene: a supply-chain room with something of every kind under HI//SEMICON, and a canary word in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.test import Client

from clearance.models import HandlerEntry
from dialogues.models import Message, Room, Thread
from documents.models import Document
from tests import world as build
from tests.dialogues import scenes
from tests.documents.acting import hand_over
from tests.world import World

# One word for each protected thing: unlike anything else, and plain in every encoding a page may use.
WORDS = {
    "title": "qzx-title-canary",
    "file name": "qzx-filename-canary",
    "content": "qzx-content-canary",
    "thread": "qzx-thread-canary",
    "message": "qzx-message-canary",
    "answer": "qzx-answer-canary",
    "room": "qzx-room-canary",
    "purpose": "qzx-purpose-canary",
}
# Known to whoever may know the room; the others are under HI//SEMICON.
OF_THE_ROOM = ("room", "purpose")

# Who looks, and what their session has proved.
PERSONAS: dict[str, tuple[str, int]] = {
    "official": ("official", 2),
    "official by password": ("official", 1),
    "second official": ("second_official", 2),
    "clearance officer": ("clearance_officer", 2),
    "secretary": ("secretary", 2),
    "engineer": ("engineer", 2),
    "colleague": ("colleague", 2),
    "expired": ("expired", 2),
    "foreign": ("foreign", 2),
    "outsider": ("outsider", 2),
    "auditor": ("auditor", 2),
}
READERS = ("official", "second official", "secretary", "engineer")


@dataclass
class Scene:
    world: World
    room: Room
    thread: Thread
    message: Message
    answer: Message
    document: Document
    entry: HandlerEntry

    def client(self, persona: str) -> Client:
        """A client signed in as the persona, or as nobody."""
        if persona == "anonymous":
            return Client()
        name, level = PERSONAS[persona]
        return build.sign_in(self.world.people[name], level=level)

    def keys(self) -> dict[str, Any]:
        """A value for each parameter that stands in a URL."""
        people = self.world.people
        unknown = UUID("00000000-0000-7000-8000-000000000000")
        return {
            "person": people["engineer"].pk,
            "authorisation": people["engineer"].authorisations.get().pk,
            "organisation": self.world.maker.pk,
            "certification": self.world.maker.certifications.get().pk,
            "item": self.entry.item_id,
            "entry": self.entry.pk,
            "room": self.room.pk,
            "thread": self.thread.pk,
            "message": self.message.pk,
            "member": self.world.circle.members.get(person=people["secretary"]).pk,
            "handler": self.world.circle.handlers.get(person=people["colleague"]).pk,
            "document": self.document.pk,
            "number": 1,
            "page_number": 1,
            "request_id": unknown,
            "invitation": unknown,
            "event": unknown,
            "token": "no-such-token",
            "key": "no-such-key",
            "uidb36": "0",
            "pk": 0,
        }

    def erase(self) -> None:
        """Make it so that what is under HI//SEMICON never was."""
        with build.as_owner():
            Message.objects.all().delete()
            Thread.objects.all().delete()
            Document.objects.all().delete()


def stage(world: World) -> Scene:
    """Hand over, open, say: through the services, as the people who would."""
    document = hand_over(
        world, world.official, (WORDS["content"] + "\n").encode() * 3,
        name=f"{WORDS['file name']}.txt", title=WORDS["title"],
    )  # fmt: skip
    room = scenes.scene(world, name=WORDS["room"], purpose=WORDS["purpose"])
    with scenes.being(world.official) as actor:
        from dialogues.services import speaking

        thread = speaking.start_thread(
            actor=actor, room=room, title=WORDS["thread"], body=WORDS["message"], marking=world.hi_semicon,
            documents=[Document.objects.get(pk=document.pk)],
        )  # fmt: skip
    answer = scenes.say(thread, world.engineer, WORDS["answer"])
    with build.as_owner():
        message = Message.objects.exclude(pk=answer.pk).get()
        entry = HandlerEntry.objects.create(item_id=document.pk, person=world.engineer, entered_by=world.official)
    return Scene(world, room, thread, message, answer, document, entry)
