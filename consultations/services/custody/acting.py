"""Who acts on desks and keys."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from accounts.assurance import NEEDS_SECOND_FACTOR
from accounts.models import Appointment
from accounts.services import NotAllowed
from clearance.access import Actor

from ...custody import serves
from ...models.custody import OfficerKey

DESK, KEY, CASE = "intake.desk", "consultations.officerkey", "intake.case"


def me(actor: Actor) -> UUID:
    """Raises NotAllowed for nobody."""
    if actor.person_id is None:
        raise NotAllowed
    return actor.person_id


def proved(actor: Actor) -> bool:
    """Whether they gave a second factor within the hour: nobody touches a key on a password alone."""
    return actor.assurance.level_reached(timezone.now()) >= NEEDS_SECOND_FACTOR


def manages(actor: Actor) -> bool:
    return Appointment.Duty.DESK_MANAGER in actor.duties


def require_manager(actor: Actor) -> UUID:
    """The desks' manager; raises NotAllowed."""
    if not manages(actor) or not proved(actor):
        raise NotAllowed
    return me(actor)


def require_serving(actor: Actor) -> UUID:
    """An officer of a desk or an escrow holder; raises NotAllowed."""
    person = me(actor)
    if not proved(actor) or not serves(person):
        raise NotAllowed
    return person


def key_of(person: UUID) -> OfficerKey | None:
    """The key they have in use."""
    return OfficerKey.objects.filter(person=person, retired__isnull=True).first()
