"""Who needs to know (共有範囲): members, member organisations, and the people an organisation names.

A tie is ended, never deleted. Each change is made by whoever runs the circle; the policies hold the same. In a closed
circle its keepers still take out and change roles; nobody is let in.
"""

from __future__ import annotations

from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Person
from audit.acts import Act
from audit.services import record

from .. import context
from ..access import Action, Actor, Decision, Denied, Reason
from ..choosing import refuse
from ..clock import moment
from ..models import Circle, CircleInvitation, CircleMember, CircleOrganisation, Marking, NamedHandler, Role
from ..models.circles import Membership, new_circle_id
from .acting import me

T = TypeVar("T", CircleMember, CircleOrganisation)


@transaction.atomic
def open_circle(*, actor: Actor, ceiling: Marking) -> tuple[Circle, Actor]:
    """Make a circle that holds nothing above `ceiling`; its first steward is the actor, given back as they are now.

    Raises Denied for whoever is neither an official nor an association's secretary; ValidationError for a ceiling
    above their own authorisation.
    """
    if not (actor.official or actor.secretary):
        raise _refused()
    refuse(actor=actor, circle=None, marking=ceiling)
    key = new_circle_id()
    steward = context.open_circle(key, ceiling.pk)
    record(
        actor=actor, act=Act.CIRCLE_CREATE, target_type="circle", target_id=key, level=ceiling.level,
        detail={"ceiling": ceiling.text},
    )  # fmt: skip
    return Circle.objects.select_related("ceiling").get(pk=key), steward


@transaction.atomic
def add_member(*, actor: Actor, circle: Circle, person: Person, role: str = Role.PARTICIPANT) -> CircleMember:
    """Let a person in, in their own right. Raises Denied; ValidationError for whoever is in already."""
    require_steward(actor, circle.pk)
    _refuse_closed(person.is_active and person.organisation.active)
    if CircleMember.objects.filter(circle=circle, person=person, until__isnull=True).exists():
        raise ValidationError(_("この方はすでに参加しています。"), code="member_already")
    member = CircleMember(circle=circle, person=person, role=Role(role), since=moment())
    member.save(force_insert=True)
    _note(actor, Act.CIRCLE_MEMBER_ADD, circle.pk, person=str(person.pk), role=member.role)
    return member


@transaction.atomic
def change_role(*, actor: Actor, member: CircleMember, role: str) -> CircleMember:
    """Give a member another role: in a closed circle it says who keeps it.

    Raises Denied; ValidationError where nobody would be left to run the circle.
    """
    held = _hold(actor, member)
    if held.role == Role.STEWARD and role != Role.STEWARD:
        _refuse_stewardless(held)
    held.role = Role(role)
    held.save(update_fields=["role"])
    _note(actor, Act.CIRCLE_CHANGE, held.circle_id, person=str(held.person_id), role=held.role)
    return held


@transaction.atomic
def end_member(*, actor: Actor, member: CircleMember) -> None:
    """Take a member out. Raises Denied; ValidationError where nobody would be left to run the circle."""
    held = _hold(actor, member)
    if held.role == Role.STEWARD:
        _refuse_stewardless(held)
    _end(held)
    _note(actor, Act.CIRCLE_MEMBER_REMOVE, held.circle_id, person=str(held.person_id))


@transaction.atomic
def leave(*, actor: Actor, circle: Circle) -> Actor:
    """Go by oneself; the actor as they are without the circle. Raises ValidationError for the last steward, and for
    whoever is not in the circle by name."""
    now = moment()
    mine = CircleMember.objects.filter(circle=circle, person_id=me(actor), until__isnull=True).first()
    if mine is not None and mine.role == Role.STEWARD:
        _refuse_stewardless(mine)
    left = 0
    for ties in (CircleMember.objects, NamedHandler.objects):
        left += ties.filter(circle=circle, person_id=me(actor), until__isnull=True).update(until=now)
    if not left:
        raise ValidationError(_("この共有範囲には、お名前で参加していません。"), code="not_a_member")
    _note(actor, Act.CIRCLE_MEMBER_REMOVE, circle.pk, person=str(actor.person_id), left=True)
    return context.refresh()


@transaction.atomic
def add_organisation(
    *, actor: Actor, circle: Circle, organisation: Organisation, role: str = Role.PARTICIPANT
) -> CircleOrganisation:
    """Let a whole organisation in: level 0 reaches all its people, from level 1 up those it names.

    Raises Denied; ValidationError for an organisation that is in already, or that would run the circle.
    """
    require_steward(actor, circle.pk)
    _refuse_closed(organisation.active)
    if role == Role.STEWARD:
        raise ValidationError(_("組織全体を運営担当にすることはできません。"), code="organisation_steward")
    if CircleOrganisation.objects.filter(circle=circle, organisation=organisation, until__isnull=True).exists():
        raise ValidationError(_("この組織はすでに参加しています。"), code="member_already")
    tie = CircleOrganisation(circle=circle, organisation=organisation, role=Role(role), since=moment())
    tie.save(force_insert=True)
    _note(actor, Act.CIRCLE_ORGANISATION_ADD, circle.pk, organisation=str(organisation.pk), role=tie.role)
    return tie


@transaction.atomic
def end_organisation(*, actor: Actor, tie: CircleOrganisation) -> None:
    """Take an organisation out, and with it those it had named. Raises Denied."""
    held = _hold(actor, tie)
    NamedHandler.objects.filter(
        circle_id=held.circle_id, organisation_id=held.organisation_id, until__isnull=True
    ).update(until=moment())
    _end(held)
    _note(actor, Act.CIRCLE_ORGANISATION_REMOVE, held.circle_id, organisation=str(held.organisation_id))


@transaction.atomic
def name_handler(*, actor: Actor, circle: Circle, person: Person) -> NamedHandler:
    """Name somebody of a member organisation (社内の取扱者): from level 1 up its membership reaches only them.

    By whoever runs the circle, the clearance officer, or the person who answered for the organisation. Raises Denied,
    in a closed circle too; ValidationError where the organisation is not in the circle or the person is named already.
    """
    require_namer(actor, circle.pk, person.organisation)
    if circle.closed_at is not None:
        raise _refused()
    if person.pk == actor.person_id and circle.pk not in actor.reach.circles:
        raise _refused()  # the clearance officer names others, never themselves
    _refuse_closed(person.is_active)
    member = CircleOrganisation.objects.filter(
        circle=circle, organisation_id=person.organisation_id, until__isnull=True
    ).exists()
    if not member:
        raise ValidationError(_("この方の組織は、この共有範囲に参加していません。"), code="not_a_member_organisation")
    if NamedHandler.objects.filter(circle=circle, person=person, until__isnull=True).exists():
        raise ValidationError(_("この方はすでに取扱者に指名されています。"), code="named_already")
    handler = NamedHandler(circle=circle, organisation_id=person.organisation_id, person=person, since=moment())
    handler.save(force_insert=True)
    _note(actor, Act.HANDLER_NAME, circle.pk, person=str(person.pk), organisation=str(person.organisation_id))
    return handler


@transaction.atomic
def strike_handler(*, actor: Actor, handler: NamedHandler) -> None:
    """Take somebody's name off again. By whoever may name. Raises Denied."""
    require_namer(actor, handler.circle_id, handler.organisation)
    NamedHandler.objects.filter(pk=handler.pk, until__isnull=True).update(until=moment())
    _note(actor, Act.HANDLER_STRIKE, handler.circle_id, person=str(handler.person_id))


def require_steward(actor: Actor, circle: int) -> None:
    """Raise Denied, which answers 404, unless the actor runs the circle."""
    if circle not in actor.reach.stewards:
        raise _refused()


def may_name(actor: Actor, circle: int, organisation: Organisation) -> bool:
    """Whether the actor may name that organisation's people in the circle, while it is open, and strike them."""
    if circle in actor.reach.keepers or actor.clearance_officer:
        return True
    if circle not in actor.reach.circles or organisation.pk != actor.organisation_id:
        return False
    answered = CircleInvitation.objects.filter(
        circle_id=circle, organisation=organisation, person_id=me(actor), accepted_at__isnull=False
    )
    return answered.exists()


def require_namer(actor: Actor, circle: int, organisation: Organisation) -> None:
    """Raise Denied unless the actor may name that organisation's people in the circle."""
    if not may_name(actor, circle, organisation):
        raise _refused()


def _refused() -> Denied:
    return Denied(Decision(Action.MANAGE, None, (Reason.NOT_A_STEWARD,)))


def _hold(actor: Actor, tie: T) -> T:
    """The running tie, locked, for somebody who keeps its circle."""
    if tie.circle_id not in actor.reach.keepers:
        raise _refused()
    try:
        held: T = type(tie)._default_manager.select_for_update().get(pk=tie.pk, until__isnull=True)
    except type(tie).DoesNotExist:
        raise ValidationError(_("すでに参加を終えています。"), code="ended") from None
    return held


def _end(tie: Membership) -> None:
    tie.until = moment()
    tie.save(update_fields=["until"])


def _refuse_closed(active: bool) -> None:
    if not active:
        raise ValidationError(_("利用が停止されている方・組織は追加できません。"), code="suspended")


def _refuse_stewardless(steward: CircleMember) -> None:
    others = CircleMember.objects.filter(
        circle_id=steward.circle_id, role=Role.STEWARD, until__isnull=True, person__is_active=True
    ).exclude(pk=steward.pk)
    if not others.exists():
        raise ValidationError(_("運営担当がいなくなります。先に別の方を運営担当にしてください。"), code="last_steward")


def _note(actor: Actor, act: str, circle: int, **detail: str | bool) -> None:
    record(actor=actor, act=act, target_type="circle", target_id=circle, detail=detail)
