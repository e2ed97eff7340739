"""That somebody looked: listing rooms and opening one are told apart in the log."""

from audit.acts import Act
from audit.services import record
from clearance.access import Actor

from ..models import Room


def list_rooms(*, actor: Actor) -> None:
    """The actor has looked at the list of their rooms."""
    record(actor=actor, act=Act.ROOM_LIST, target_type="dialogues.room")


def view_room(*, actor: Actor, room: Room) -> None:
    """The actor has opened a room's page."""
    record(
        actor=actor,
        act=Act.ROOM_VIEW,
        target_type="dialogues.room",
        target_id=room.pk,
        label=room.seal_label.text,
        level=room.level,
    )
