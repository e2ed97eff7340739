"""That somebody looked: listing rooms and opening one are told apart in the log."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from clearance.noting import level_noted, note

from ..models import Message, Room
from ..queries.invitations import Invited


class Form(StrEnum):
    """The forms about one room, as the log names them."""

    ARCHIVE = "archive"
    INVITE = "invite"
    LEAVE = "leave"
    REMOVE = "remove"
    RENAME = "rename"
    ROLE = "role"
    START = "start"


def list_rooms(*, actor: Actor) -> None:
    """The actor has looked at the list of their rooms."""
    record(actor=actor, act=Act.ROOM_LIST, target_type="dialogues.room")


def view_room(*, actor: Actor, room: Room) -> None:
    """The actor has opened a room's page."""
    note(actor, Act.ROOM_VIEW, room)


def note_form(
    *, actor: Actor, room: Room, form: Form, person: UUID | None = None, organisation: UUID | None = None
) -> None:
    """A form about a room was shown, and the room's name with it; of one member, where it is about one."""
    note(actor, Act.ROOM_FORM, room, kind=form, **_member(person, organisation))


def note_members(*, actor: Actor, room: Room) -> None:
    """The list of who takes part was shown."""
    note(actor, Act.MEMBER_LIST, room)


def note_organisation(*, actor: Actor, room: Room, organisation: UUID) -> None:
    """One organisation in a room was opened: the people it has named."""
    note(actor, Act.MEMBER_OPEN, room, **_member(None, organisation))


def note_invitation(*, actor: Actor, invited: Invited) -> None:
    """Somebody opened what they are asked to. The room's marking is told where they may know the room by name."""
    room, target = invited.room, invited.invitation.item or ""
    record(
        actor=actor,
        act=Act.INVITATION_OPEN,
        target_type="dialogues.room",
        target_id=target,
        label=room.seal_label.text if room else "",
        level=level_noted(room.level if room else None, target),
        detail={"invitation": str(invited.invitation.pk)},
    )


def find_messages(*, actor: Actor, level: int, shown: int, looked: int, room: Room | None) -> None:
    """The actor has looked for words in what was said: it lies as high as the highest message shown."""
    record(
        actor=actor,
        act=Act.MESSAGE_LIST,
        target_type="dialogues.room",
        target_id=room.pk if room else "",
        label=room.seal_label.text if room else "",
        level=level,
        detail={"shown": shown, "searched": looked},
    )


def note_message(*, actor: Actor, message: Message) -> None:
    """One message was shown by itself, to be taken back or not."""
    note(actor, Act.MESSAGE_OPEN, message)


def _member(person: UUID | None, organisation: UUID | None) -> dict[str, Any]:
    told = {"person": person, "organisation": organisation}
    return {name: str(key) for name, key in told.items() if key}
