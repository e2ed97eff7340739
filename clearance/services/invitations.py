"""Asking somebody to join a circle, and their answer. Knows nothing of what is opened on the circle."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Person

from ..access import Actor
from ..clock import moment
from ..context import answer_invitation, refresh
from ..models import CircleInvitation, CircleMember, CircleOrganisation, Role
from ..models.invitations import OPEN_FOR
from .circles import require_steward


class Unanswerable(ValidationError):
    """The invitation is no longer open, or is another's: said in one sentence for both."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "この招待には回答できません。期限が過ぎたか、取り消されています。必要な場合は、招待した方にご連絡ください。"
            ),
            code="unanswerable",
        )


@transaction.atomic
def invite(
    *, actor: Actor, circle: int, person: Person, whole_organisation: bool, role: str, item: UUID | None = None
) -> CircleInvitation:
    """Ask `person` to join in their own right or for their whole organisation, within two weeks.

    `item` is what a grant shows them of what they are invited to: that grant ends with their answer. Raises Denied for
    whoever does not run the circle, ValidationError for whoever is in already or has been asked.
    """
    require_steward(actor, circle)
    assert actor.person_id is not None  # a steward is somebody
    now = moment()
    _refuse_members(circle, person, whole_organisation=whole_organisation)
    if CircleInvitation.objects.open(now).filter(circle_id=circle, person=person).exists():
        raise ValidationError(_("この方は招待済みで、回答を待っています。"), code="invited_already")
    if whole_organisation and role == Role.STEWARD:
        raise ValidationError(_("組織全体を運営担当にすることはできません。"), code="organisation_steward")
    made = CircleInvitation(
        circle_id=circle,
        person=person,
        organisation_id=person.organisation_id if whole_organisation else None,
        role=role,
        item=item,
        by_id=actor.person_id,
        created=now,
        until=now + OPEN_FOR,
    )
    made.save(force_insert=True)
    return made


def accept(*, actor: Actor, invitation: CircleInvitation) -> Actor:
    """Join; the actor as they are in the circle. Raises Unanswerable."""
    return _answer(actor, invitation, accept=True)


def decline(*, actor: Actor, invitation: CircleInvitation) -> Actor:
    """Say no; the steward sees that and no reason. Raises Unanswerable."""
    return _answer(actor, invitation, accept=False)


@transaction.atomic
def withdraw(*, actor: Actor, invitations: list[CircleInvitation]) -> None:
    """Take invitations back; those answered in the meantime stay as they are."""
    CircleInvitation.objects.filter(
        pk__in=[invitation.pk for invitation in invitations],
        circle_id__among=sorted(actor.reach.stewards),
        accepted_at__isnull=True,
        declined_at__isnull=True,
        withdrawn_at__isnull=True,
    ).update(withdrawn_at=moment())


@transaction.atomic
def _answer(actor: Actor, invitation: CircleInvitation, *, accept: bool) -> Actor:
    if invitation.person_id != actor.person_id or not answer_invitation(invitation.pk, accept=accept):
        raise Unanswerable
    return refresh()


def _refuse_members(circle: int, person: Person, *, whole_organisation: bool) -> None:
    firms = CircleOrganisation.objects.filter(
        until__isnull=True, circle_id=circle, organisation_id=person.organisation_id
    )
    if whole_organisation and firms.exists():
        raise ValidationError(
            _("この組織はすでに参加しています。社内の取扱者として追加してください。"), code="member_already"
        )
    if (
        not whole_organisation
        and CircleMember.objects.filter(until__isnull=True, circle_id=circle, person=person).exists()
    ):
        raise ValidationError(_("この方はすでに参加しています。"), code="member_already")
