"""Who reads at a desk, and who holds shares: appointed and ended by the desks' manager, who is neither."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from accounts.services import NotAllowed
from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from intake.models import Desk

from ... import database
from ...models.custody import DeskOfficer, EscrowHolder
from .acting import DESK, require_manager


@transaction.atomic
def appoint_officer(*, actor: Actor, desk: Desk, person: Person) -> DeskOfficer:
    """Have an official read at a desk: what comes from now on, once they have a key (one they have is entered at the
    desk by the database, with the appointment); what came before, once another officer shares it.

    Raises NotAllowed; ValidationError for whoever may not serve (`unfit`) or does already (`already`).
    """
    manager = require_manager(actor)
    if person.pk == manager:
        raise ValidationError(_("ご自身を担当者にすることはできません。"), code="self")
    made = DeskOfficer(desk=desk, person=person, appointed_by_id=manager)
    _insert(made, reading=True)
    record(
        actor=actor, act=Act.DESK_APPOINT, target_type=DESK, target_id=desk.pk, detail={"person": str(person.pk)}
    )  # fmt: skip
    return made


@transaction.atomic
def end_officer(*, actor: Actor, officer: DeskOfficer) -> None:
    """From now on nothing is sealed to them at this desk; with their last desk they lose every case.

    Raises NotAllowed.
    """
    require_manager(actor)
    if not database.end_officer(officer.pk):
        raise NotAllowed
    record(
        actor=actor, act=Act.DESK_DISMISS, target_type=DESK, target_id=officer.desk_id,
        detail={"person": str(officer.person_id)},
    )  # fmt: skip


@transaction.atomic
def appoint_holder(*, actor: Actor, person: Person) -> EscrowHolder:
    """Have somebody hold shares of the officers' keys.

    Raises NotAllowed; ValidationError for whoever may not serve (`unfit`) or does already (`already`).
    """
    manager = require_manager(actor)
    if person.pk == manager:
        raise ValidationError(_("ご自身を、復旧を支える方にすることはできません。"), code="self")
    made = EscrowHolder(person=person, appointed_by_id=manager)
    _insert(made, reading=False)
    record(
        actor=actor, act=Act.DESK_HOLDER_ADD, target_type="person", target_id=person.pk
    )  # fmt: skip
    return made


@transaction.atomic
def end_holder(*, actor: Actor, holder: EscrowHolder) -> None:
    """Their shares go at once; the officers divide their keys anew when they next unlock them. Raises NotAllowed."""
    require_manager(actor)
    if not database.end_holder(holder.pk):
        raise NotAllowed
    record(actor=actor, act=Act.DESK_HOLDER_REMOVE, target_type="person", target_id=holder.person_id)


def _insert(made: DeskOfficer | EscrowHolder, *, reading: bool) -> None:
    if not database.may_serve(made.person_id, reading=reading):
        raise ValidationError(
            _("この方は選べません。府省庁の有効な利用者で、相談窓口責任者ではない方を選んでください。担当者には、行政官の職務が要ります。"),
            code="unfit",
        )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise ValidationError(_("この方は、すでに選ばれています。"), code="already") from None
    except DatabaseError:
        raise NotAllowed from None
