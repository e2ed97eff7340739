"""Keeping the register of organisations: their data, their memberships, and facts on foreign control."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ForeignControl, Membership, Organisation
from audit.acts import Act
from audit.services import record

from .acting import Officer, require_officer


class OrganisationFields(TypedDict, total=False):
    """What an officer may write of an organisation."""

    kind: str
    name: str
    name_en: str
    corporate_number: str | None
    sectors: list[str]
    step: str
    region: str
    size: str
    country: str
    active: bool


@transaction.atomic
def add_organisation(*, actor: Officer, **fields: Unpack[OrganisationFields]) -> Organisation:
    """Enter an organisation in the register. Raises NotAllowed; ValidationError for a number with a wrong check digit,
    one that is registered already, or any other field out of its bounds.
    """
    require_officer(actor)
    organisation = Organisation(**_tidy(fields))
    organisation.full_clean()
    organisation.save(force_insert=True)
    record(
        actor=actor,
        act=Act.ORGANISATION_REGISTER,
        target_type="organisation",
        target_id=organisation.pk,
        detail={"kind": organisation.kind},
    )
    return organisation


@transaction.atomic
def change_organisation(
    *, actor: Officer, organisation: Organisation, **fields: Unpack[OrganisationFields]
) -> Organisation:
    """Change an organisation's data; `active=False` closes the portal to all its people at once.

    Raises NotAllowed, ValidationError.
    """
    require_officer(actor)
    current = Organisation.objects.select_for_update().get(pk=organisation.pk)
    tidy = _tidy(fields)
    changed = sorted(name for name, value in tidy.items() if getattr(current, name) != value)
    if not changed:
        return current
    for name in changed:
        setattr(current, name, tidy[name])
    current.full_clean()
    current.save(update_fields=changed)
    closed = "active" in changed and not current.active
    record(
        actor=actor,
        act=Act.ORGANISATION_DEACTIVATE if closed else Act.ORGANISATION_CHANGE,
        target_type="organisation",
        target_id=current.pk,
        detail={"fields": ",".join(changed)},
    )
    return current


@transaction.atomic
def join_association(
    *, actor: Officer, association: Organisation, member: Organisation, since: datetime | None = None
) -> Membership:
    """Note that an organisation belongs to an association from `since` (now, unless told).

    Raises NotAllowed; ValidationError where `association` is none, or the membership runs already.
    """
    require_officer(actor)
    if association.kind != Organisation.Kind.ASSOCIATION:
        raise ValidationError(_("加入先には業界団体を選んでください。"), code="not_an_association")
    membership = Membership(association=association, member=member, since=since or timezone.now())
    membership.full_clean()
    membership.save(force_insert=True)
    _record_membership(actor, membership, joined=True)
    return membership


@transaction.atomic
def leave_association(*, actor: Officer, membership: Membership, until: datetime | None = None) -> Membership:
    """Note that a membership ended at `until` (now, unless told). Raises NotAllowed, ValidationError."""
    require_officer(actor)
    current = Membership.objects.select_for_update().get(pk=membership.pk)
    current.until = until or timezone.now()
    if current.until <= current.since:
        raise ValidationError(_("脱退日は加入日より後にしてください。"), code="dates")
    current.save(update_fields=["until"])
    _record_membership(actor, current, joined=False)
    return current


@transaction.atomic
def record_foreign_control(
    *,
    actor: Officer,
    organisation: Organisation,
    as_of: date,
    source: str,
    voting_share: Decimal | None = None,
    officers: int | None = None,
    secondees: int | None = None,
) -> ForeignControl:
    """Add what is known on the day `as_of` of foreign votes (per cent), officers and secondees (people).

    Raises NotAllowed, ValidationError.
    """
    require_officer(actor)
    fact = ForeignControl(
        organisation=organisation,
        as_of=as_of,
        source=source,
        voting_share=voting_share,
        officers=officers,
        secondees=secondees,
    )
    if as_of > timezone.localdate():
        raise ValidationError({"as_of": _("基準日に未来の日付は使えません。")}, code="future")
    if voting_share is None and officers is None and secondees is None:
        raise ValidationError(_("議決権、役員、出向者のいずれかを入力してください。"), code="empty")
    fact.full_clean()
    fact.save(force_insert=True)
    record(
        actor=actor,
        act=Act.ORGANISATION_CHANGE,
        target_type="organisation",
        target_id=organisation.pk,
        detail={"fields": "foreign_control", "as_of": as_of.isoformat()},
    )
    return fact


def _tidy(fields: OrganisationFields) -> dict[str, object]:
    """No number is no number, not an empty one: the column is unique."""
    tidy: dict[str, object] = dict(fields)
    if tidy.get("corporate_number") == "":
        tidy["corporate_number"] = None
    return tidy


def _record_membership(actor: Officer, membership: Membership, *, joined: bool) -> None:
    record(
        actor=actor,
        act=Act.ORGANISATION_MEMBERSHIP,
        target_type="organisation",
        target_id=membership.member_id,
        detail={"association": str(membership.association_id), "joined": joined},
    )
