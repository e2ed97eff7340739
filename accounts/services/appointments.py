"""Giving and ending duties: the operator's commands alone. The web role holds no right to write appointments."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Appointment, Organisation, Person
from audit.acts import Act
from audit.services import SYSTEM, record

from .invitations import issue

MINISTRY_DUTIES = frozenset(Appointment.Duty) - {Appointment.Duty.SECRETARY}


@transaction.atomic
def appoint(*, person: Person, duty: str, until: datetime | None = None) -> Appointment:
    """Give a person a duty from now on, to `until`. Raises ValidationError where their organisation cannot hold it."""
    kind = person.organisation.kind
    if duty in MINISTRY_DUTIES and kind != Organisation.Kind.MINISTRY:
        raise ValidationError(_("この職務に就けるのは、府省庁の職員だけです。"), code="not_a_ministry")
    if duty == Appointment.Duty.SECRETARY and kind != Organisation.Kind.ASSOCIATION:
        raise ValidationError(_("団体事務局に就けるのは、業界団体の職員だけです。"), code="not_an_association")
    now = timezone.now()
    current: Appointment | None = (
        Appointment.objects.in_force(now).filter(person=person, duty=duty, until=until).first()
    )
    if current is not None:
        return current
    appointment = Appointment(person=person, duty=duty, since=now, until=until)
    appointment.full_clean()
    appointment.save(force_insert=True)
    record(actor=SYSTEM, act=Act.PERSON_APPOINT, target_type="person", target_id=person.pk, detail={"duty": str(duty)})
    return appointment


@transaction.atomic
def dismiss(*, person: Person, duty: str) -> int:
    """End a person's duty now, and say how many appointments that were."""
    now = timezone.now()
    ended: int = Appointment.objects.in_force(now).filter(person=person, duty=duty).update(until=now)
    if ended:
        record(
            actor=SYSTEM, act=Act.PERSON_DISMISS, target_type="person", target_id=person.pk, detail={"duty": str(duty)}
        )
    return ended


@transaction.atomic
def found(*, organisation_name: str, email: str, name: str) -> str:
    """The first ministry and its clearance officer, who invites everybody else. Returns the token of their invitation.

    Raises ValidationError where somebody is registered already.
    """
    if Person.objects.exists():
        raise ValidationError(_("すでに利用者が登録されています。"), code="founded")
    organisation = Organisation(kind=Organisation.Kind.MINISTRY, name=organisation_name)
    organisation.full_clean()
    organisation.save(force_insert=True)
    person = Person(email=email.strip().lower(), name=name, organisation=organisation)
    person.set_password(None)
    person.full_clean()
    person.save(force_insert=True)
    record(actor=SYSTEM, act=Act.PERSON_REGISTER, target_type="person", target_id=person.pk)
    appoint(person=person, duty=Appointment.Duty.CLEARANCE_OFFICER)
    return issue(person, sent=timezone.now())[1]
