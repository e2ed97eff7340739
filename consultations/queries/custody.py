"""Who reads at the desks, who holds shares, and how it stands with their keys."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.utils import timezone

from accounts import passkeys
from accounts.models import Appointment, Organisation, Person
from clearance.access import Actor
from intake.models import Desk

from .. import database
from ..clocks import clocks, overdue
from ..models.custody import DeskOfficer, EscrowHolder, KeyWrap, OfficerKey, Recovery


@dataclass(frozen=True)
class Serving:
    """Somebody at a desk, or a holder: whether they have a key, and how many hold shares of it (for the manager)."""

    row: DeskOfficer | EscrowHolder
    has_key: bool
    holders: int

    @property
    def person(self) -> Person:
        return self.row.person


@dataclass(frozen=True)
class DeskLine:
    desk: Desk
    officers: tuple[Serving, ...]

    @property
    def readers(self) -> int:
        """How many can open what comes in now: an officer whose account is locked is none."""
        return sum(one.has_key and one.person.is_active for one in self.officers)


@dataclass(frozen=True)
class Desks:
    """What the manager keeps, and what is amiss with it."""

    lines: tuple[DeskLine, ...]
    holders: tuple[Serving, ...]
    unread: int

    @property
    def without_readers(self) -> list[Desk]:
        return [line.desk for line in self.lines if line.desk.active and not line.readers]

    @property
    def with_one_reader(self) -> list[Desk]:
        return [line.desk for line in self.lines if line.desk.active and line.readers == 1]

    @property
    def ready_holders(self) -> int:
        return sum(one.has_key for one in self.holders)

    @property
    def unbacked(self) -> list[Person]:
        """Officers whose forgotten passphrase nobody could make good."""
        found = {
            one.person.pk: one.person for line in self.lines for one in line.officers if one.has_key and one.holders < 2
        }
        return list(found.values())


def desks() -> Desks:
    """For the manager."""
    keys = set(OfficerKey.objects.filter(retired__isnull=True).values_list("person", flat=True))
    backed = database.backed()

    def serving(row: DeskOfficer | EscrowHolder) -> Serving:
        return Serving(row, row.person_id in keys, backed.get(row.person_id, 0))

    by_desk: dict[UUID, list[Serving]] = {}
    for row in DeskOfficer.objects.in_force().select_related("person").order_by("person__name", "id"):
        by_desk.setdefault(row.desk_id, []).append(serving(row))
    lines = tuple(DeskLine(desk, tuple(by_desk.get(desk.pk, ()))) for desk in Desk.objects.all())
    holders = EscrowHolder.objects.in_force().select_related("person").order_by("person__name", "id")
    return Desks(lines, tuple(map(serving, holders)), database.unread())


@dataclass(frozen=True)
class ToSeeTo:
    """What the desks' manager finds on the first page."""

    amiss: int = 0
    overdue: int = 0

    def __bool__(self) -> bool:
        return bool(self.amiss or self.overdue)


def to_see_to(actor: Actor) -> ToSeeTo:
    """Nothing for anybody but the manager, who reads no case. One statement."""
    if Appointment.Duty.DESK_MANAGER not in actor.duties:
        return ToSeeTo()
    amiss, on, running = database.manager_sees()
    late = sum(
        overdue(clocks(one.received, urgent=one.urgent, triaged=one.triaged, answered=one.answered), on)
        for one in running
    )
    return ToSeeTo(amiss, late)


def candidates(*, reading: bool) -> QuerySet[Person]:
    """Whom the manager may choose: to read, officials; to hold shares, anybody of a ministry. Never a manager."""
    now = timezone.now()
    managers = Appointment.objects.in_force(now).filter(duty=Appointment.Duty.DESK_MANAGER).values("person")
    people = Person.objects.filter(
        is_active=True, organisation__active=True, organisation__kind=Organisation.Kind.MINISTRY
    ).exclude(pk__in=managers)
    if reading:
        officials = Appointment.objects.in_force(now).filter(duty=Appointment.Duty.OFFICIAL).values("person")
        people = people.filter(pk__in=officials)
    return people.select_related("organisation").order_by("name", "pk")


@dataclass(frozen=True)
class Passkey:
    """One of one's own passkeys, and how it opens the key, if it does."""

    credential: str
    name: str
    wrap: KeyWrap | None


def passkeys_of(person: Person, key: OfficerKey | None) -> list[Passkey]:
    wraps = {wrap.credential: wrap for wrap in KeyWrap.objects.filter(key=key, way=KeyWrap.Way.PASSKEY)} if key else {}
    rows = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).order_by("id")
    made = [(str(row.data["credential"]["id"]), str(row)) for row in rows if passkeys.genuine(row)]
    return [Passkey(credential, name, wraps.get(credential)) for credential, name in made]


def own_recovery(person: UUID) -> Recovery | None:
    return Recovery.objects.filter(person=person, closed__isnull=True).first()


def recoveries(person: UUID) -> QuerySet[Recovery]:
    """What waits for a holder's help."""
    rows = Recovery.objects.filter(closed__isnull=True).exclude(person=person)
    return rows.select_related("person__organisation").order_by("asked", "id")
