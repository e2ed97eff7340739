"""Who may keep the registers of people and organisations."""

from typing import Protocol
from uuid import UUID

from django.core.exceptions import PermissionDenied

from accounts.models import Appointment


class NotAllowed(PermissionDenied):
    """The actor does not hold the duty this needs."""


class Officer(Protocol):
    """Whoever acts, with the duties they hold now (clearance.access.Actor)."""

    @property
    def person_id(self) -> UUID | None: ...

    @property
    def organisation_id(self) -> UUID | None: ...

    @property
    def duties(self) -> frozenset[str]: ...


def require_officer(actor: Officer) -> None:
    """Raise NotAllowed unless a clearance officer acts."""
    if actor.person_id is None or Appointment.Duty.CLEARANCE_OFFICER not in actor.duties:
        raise NotAllowed
