"""Rooms, threads and messages for the stories; and ways to speak in them."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Person
from clearance.markings import marking
from clearance.models import Circle, Marking, MarkingPreset
from dialogues.models import Message, Room, Thread
from dialogues.services import presets, speaking
from tests.world import World, as_owner, being, circle

BODY = "感光材の調達先が一社に偏っています。"


def sensitive() -> Marking:
    return marking(1)


def public() -> Marking:
    return marking(0)


def room_on(circle: Circle, by: Person, **given: Any) -> Room:
    """A room on the circle with its presets, made by the owner."""
    fields: dict[str, Any] = {
        "kind": Room.Kind.SUPPLY_CHAIN,
        "name": "半導体材料の安定供給",
        "purpose": "調達の偏りを減らす",
        "opened_by": by,
    }
    with as_owner():
        room = Room(circle=circle, marking=given.pop("marking", None) or sensitive(), **(fields | given))
        room.save(force_insert=True)
        for order, named in enumerate(presets.suggested(room.kind, circle.ceiling)):
            MarkingPreset.objects.create(
                circle=circle, marking=named.marking, name=named.name, name_en=named.name_en, order=order
            )
    return room


def thread_in(room: Room, by: Person, title: str = "調達先の偏り", *, marking: Marking | None = None) -> Thread:
    """A thread with its first message, started by somebody who may."""
    with being(by) as actor:
        return speaking.start_thread(actor=actor, room=room, title=title, body=BODY, marking=marking or sensitive())


def say(thread: Thread, by: Person, body: str = "承知しました。", *, marking: Marking | None = None) -> Message:
    """An answer in the thread."""
    with being(by) as actor:
        return speaking.post(actor=actor, room=thread.room, thread=thread, body=body, marking=marking or thread.marking)


def scene(world: World, **given: Any) -> Room:
    """The supply-chain room of the world's circle."""
    return room_on(world.circle, world.official, **given)


def room_apart(world: World, steward: Person, *members: Person, **given: Any) -> Room:
    """A room on a circle of its own, as high as the world's, run by the steward."""
    with as_owner():
        apart = circle(world.hi_semicon, *members, steward=steward)
    return room_on(apart, steward, **given)


def many_messages(thread: Thread, by: Person, number: int) -> None:
    """As many more messages in the thread, written by the owner."""
    Message.objects.bulk_create(
        [
            Message(thread=thread, circle_id=thread.circle_id, marking=thread.marking, author=by, body=f"{n}件目の発言")
            for n in range(number)
        ]
    )


def page(client: Client, name: str, *args: object, query: str = "") -> str:
    """What one of the screens shows, which has to be there."""
    response = client.get(reverse(f"dialogues:{name}", args=args) + query)
    assert response.status_code == 200, (name, response.status_code)
    return response.content.decode()
