"""Opening, renaming and archiving rooms."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.acts import Act
from clearance import context
from clearance.access import Action, Actor, Decision, Denied, Reason, require
from clearance.clock import moment
from clearance.models import CircleInvitation, Level, Marking
from clearance.noting import note
from clearance.services import circles, invitations
from clearance.services.presets import set_presets

from ..models import Room, RoomGrant
from ..queries import me
from .presets import suggested


def may_open(actor: Actor) -> bool:
    """Rooms are opened by officials and by secretaries of associations."""
    return actor.official or actor.secretary


def require_opener(actor: Actor) -> None:
    """Raise Denied for whoever opens no rooms."""
    if not may_open(actor):
        raise Denied(Decision(Action.MANAGE, None, (Reason.NOT_A_STEWARD,)))


def require_steward(actor: Actor, room: Room) -> None:
    """Raise Denied for whoever does not run the room, and for everybody once it has ended."""
    require(actor, Action.MANAGE, room)


def require_keeper(actor: Actor, room: Room) -> None:
    """Raise Denied for whoever does not look after who is in the room and what lies there, ended or not."""
    require(actor, Action.KEEP, room)


def tell_ended(room: Room) -> None:
    """Raise ValidationError for a room that has ended: whoever was writing meanwhile is told why it was in vain.

    That nothing is written there needs no rule here: its circle is closed, so it is in nobody's reach.
    """
    if room.archived:
        raise ValidationError(_("この対話の場は終了しています。閲覧のみできます。"), code="archived")


@transaction.atomic
def open_room(
    *, actor: Actor, kind: str, name: str, purpose: str, ceiling: Marking, marking: Marking, legal_basis: str = ""
) -> Room:
    """Open a room on a circle of its own, whose first steward is the actor.

    `marking` says who may know that the room exists. Raises Denied for whoever opens no rooms, ValidationError for a
    ceiling beyond the actor's own authorisation, a marking above the ceiling, or a council without its legal basis.
    """
    require_opener(actor)
    _check_basis(kind, legal_basis)
    if not actor.reach.holds(marking.level):
        raise ValidationError(
            {"known_to": _("この選択には追加の本人確認が必要です。本人確認をしてから、もう一度お試しください。")}
        )
    if not ceiling.admits(marking):
        above = _("取り扱う格付の上限を超えています。上限を上げるか、ほかの選択肢を選んでください。")
        if ceiling.level == Level.PUBLIC:
            above = _("上限を「公開」にしたときは、「参加組織の全員」を選んでください。")
        raise ValidationError({"known_to": above})
    try:
        circle, steward = circles.open_circle(actor=actor, ceiling=ceiling)
    except ValidationError as refused:
        raise ValidationError({"level": refused.error_list}) from None
    set_presets(actor=steward, circle=circle, choices=suggested(kind, ceiling))
    room = Room(
        circle=circle,
        marking=marking,
        kind=kind,
        name=name,
        purpose=purpose,
        legal_basis=legal_basis,
        opened_by_id=me(actor),
    )
    require(steward, Action.WRITE, room)
    room.save(force_insert=True)
    note(actor, Act.ROOM_OPEN, room, kind=kind)
    return room


@transaction.atomic
def rename(*, actor: Actor, room: Room, name: str, purpose: str, legal_basis: str) -> Room:
    """Change what a room is called and for."""
    require_steward(actor, room)
    _check_basis(room.kind, legal_basis)
    room.name, room.purpose, room.legal_basis = name, purpose, legal_basis
    room.save(update_fields=["name", "purpose", "legal_basis"])
    note(actor, Act.ROOM_CHANGE, room)
    return room


@transaction.atomic
def archive(*, actor: Actor, room: Room) -> Actor:
    """End a room for good, and close its circle: it stays readable to its members; the actor as they are then.

    Open invitations are taken back. What only takes away remains: members leave, stewards take people and things out.
    """
    require_steward(actor, room)
    now = moment()
    take_back(actor, room, CircleInvitation.objects.open(now).filter(circle_id=room.circle_id))
    room.archived_at = now
    room.save(update_fields=["archived_at"])
    note(actor, Act.ROOM_ARCHIVE, room)
    return context.close_circle(room.circle_id)


def take_back(actor: Actor, room: Room, asked: Iterable[CircleInvitation]) -> None:
    """Take invitations back, and with them the sight of the room's name."""
    taken = list(asked)
    invitations.withdraw(actor=actor, invitations=taken)
    people = [one.person_id for one in taken]
    RoomGrant.objects.filter(content_object=room, user_id__in=people).update(until=moment())


def _check_basis(kind: str, legal_basis: str) -> None:
    if kind == Room.Kind.COUNCIL and not legal_basis:
        raise ValidationError(
            {"legal_basis": _("官民協議会には根拠となる法令が必要です。法令名と条項を入力してください。")}
        )
