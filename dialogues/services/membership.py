"""Who takes part in a room: asking in, answering, leaving, removing, naming handlers.

The ties themselves are the circle's (clearance.services.circles); what is added here is that it is a room.
"""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from audit.acts import Act
from audit.services import record
from clearance.access import Action, Actor, require
from clearance.clock import moment
from clearance.models import CircleInvitation, CircleMember, CircleOrganisation, NamedHandler
from clearance.noting import level_noted, note
from clearance.queries.acquaintance import person_known_to
from clearance.services import circles, grants, invitations

from ..models import Room
from ..queries import members
from ..queries.invitations import Invited
from ..queries.rooms import circle_of
from .rooms import require_keeper, require_steward, take_back


@transaction.atomic
def invite(*, actor: Actor, room: Room, email: str, whole_organisation: bool, role: str) -> CircleInvitation:
    """Ask the person with this address in, or their whole organisation through them.

    Until they answer they may read what the room is called and for, if their authorisation reaches its marking; nothing
    that lies in it. Raises ValidationError for an unknown person, a member.
    """
    require_steward(actor, room)
    person = person_known_to(actor, email)
    if person is None or person.pk == actor.person_id:
        raise _nobody()
    try:
        asked = invitations.invite(
            actor=actor,
            circle=room.circle_id,
            person=person,
            whole_organisation=whole_organisation,
            role=role,
            item=room.pk,
        )
    except ValidationError as refused:
        raise ValidationError({"email": refused.error_list}) from None
    grants.give(actor=actor, item=room, person=person, until=asked.until)
    note(actor, Act.ROOM_INVITE, room, person=str(person.pk), organisation=whole_organisation, role=role)
    return asked


@transaction.atomic
def withdraw_invitation(*, actor: Actor, room: Room, invitation: CircleInvitation) -> None:
    """Take an invitation back, and with it the sight of the room's name."""
    require_steward(actor, room)
    take_back(actor, room, [invitation])
    note(actor, Act.ROOM_CHANGE, room, withdrawn_invitation=str(invitation.pk))


@transaction.atomic
def accept(*, actor: Actor, invited: Invited) -> Actor:
    """Join; the actor as they are in the room. Raises clearance.services.invitations.Unanswerable."""
    joined = invitations.accept(actor=actor, invitation=invited.invitation)
    _note_answer(actor, Act.ROOM_JOIN, invited)
    return joined


@transaction.atomic
def decline(*, actor: Actor, invited: Invited) -> None:
    """Say no, without giving a reason."""
    invitations.decline(actor=actor, invitation=invited.invitation)
    _note_answer(actor, Act.ROOM_DECLINE, invited)


@transaction.atomic
def leave(*, actor: Actor, room: Room) -> Actor:
    """Give up one's own place, and take back whom one has asked in. Raises ValidationError for the last steward."""
    require(actor, Action.READ, room)
    if actor.person_id is not None and room.circle_id in actor.reach.stewards:
        take_back(actor, room, _asked_by(room, actor.person_id))
    left = circles.leave(actor=actor, circle=circle_of(room))
    note(actor, Act.ROOM_LEAVE, room)
    return left


@transaction.atomic
def remove_member(*, actor: Actor, room: Room, member: CircleMember) -> None:
    """Take a person out; their next click finds nothing, and whom they asked in is asked no longer.

    Raises ValidationError for the last steward.
    """
    require_keeper(actor, room)
    circles.end_member(actor=actor, member=member)
    take_back(actor, room, _asked_by(room, member.person_id))
    take_back(actor, room, _open(room).filter(person_id=member.person_id))
    note(actor, Act.ROOM_MEMBER_REMOVE, room, person=str(member.person_id))


@transaction.atomic
def remove_organisation(*, actor: Actor, room: Room, tie: CircleOrganisation) -> None:
    """Take an organisation out, with everyone it has named."""
    require_keeper(actor, room)
    circles.end_organisation(actor=actor, tie=tie)
    take_back(actor, room, _open(room).filter(organisation_id=tie.organisation_id))
    note(actor, Act.ROOM_MEMBER_REMOVE, room, organisation=str(tie.organisation_id))


@transaction.atomic
def change_role(*, actor: Actor, room: Room, member: CircleMember, role: str) -> None:
    """Give a member another role. Raises ValidationError where no steward would be left."""
    require_keeper(actor, room)
    circles.change_role(actor=actor, member=member, role=role)
    note(actor, Act.ROOM_MEMBER_ROLE, room, person=str(member.person_id), role=role)


@transaction.atomic
def name_handler(*, actor: Actor, room: Room, organisation: Organisation, email: str) -> NamedHandler:
    """Name one of a member organisation's people by their address. Raises ValidationError, Denied."""
    require(actor, Action.READ, room)
    circles.require_namer(actor, room.circle_id, organisation)
    person = members.colleague(organisation, email)
    if person is None:
        raise ValidationError(
            {"email": _("この組織に、そのメールアドレスの利用者が見つかりません。入力内容をお確かめください。")}
        )
    try:
        return circles.name_handler(actor=actor, circle=circle_of(room), person=person)
    except ValidationError as refused:
        raise ValidationError({"email": refused.error_list}) from None


@transaction.atomic
def strike_handler(*, actor: Actor, room: Room, handler: NamedHandler) -> None:
    """End a handler's naming: from then on only what the whole organisation may read is open to them."""
    require(actor, Action.READ, room)
    circles.strike_handler(actor=actor, handler=handler)


def _asked_by(room: Room, person: UUID) -> QuerySet[CircleInvitation]:
    return _open(room).filter(by_id=person)


def _open(room: Room) -> QuerySet[CircleInvitation]:
    return CircleInvitation.objects.open(moment()).filter(circle_id=room.circle_id)


def _nobody() -> ValidationError:
    """One answer for an address nobody has and for a person the actor may not know of."""
    return ValidationError(
        {
            "email": _(
                "招待できる方が見つかりません。メールアドレスを確かめるか、登録の有無を保全責任者にご相談ください。"
            )
        }
    )


def _note_answer(actor: Actor, act: Act, invited: Invited) -> None:
    """The room by its id alone, where whoever answers may not know what it is called; its level is unknown then."""
    target = invited.invitation.item or ""
    record(
        actor=actor,
        act=act,
        target_type="dialogues.room",
        target_id=target,
        label=invited.room.seal_label.text if invited.room else "",
        level=level_noted(invited.room.level if invited.room else None, target),
        detail={"invitation": str(invited.invitation.pk)},
    )
