"""The suite's small world, built as the owner inside the web role's transaction; and ways to act in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, cast

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.assurance import Assurance
from accounts.models import Appointment, Organisation, Person
from clearance.actor import Actor
from clearance.context import acting
from clearance.markings import marking
from clearance.models import (
    Authorisation,
    Circle,
    CircleMember,
    CircleOrganisation,
    Compartment,
    Marking,
    NamedHandler,
    OrganisationCertification,
    ReleaseGroup,
    Role,
)
from tests.remembered import Remembered

_numbers = count(1)


@contextmanager
def as_role(role: str) -> Iterator[None]:
    """With that role's privileges, on the web role's connection; afterwards with those from before."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (before,) = cursor.fetchone()
        cursor.execute(f"SET LOCAL ROLE {role}")
        yield
        cursor.execute(f"SET LOCAL ROLE {before}")


def as_owner() -> AbstractContextManager[None]:
    return as_role("portal_owner")


@contextmanager
def being(person: Person, level: int = 2) -> Iterator[Actor]:
    """In a context of the person, having proved enough for the level."""
    with acting(person=person.pk, assurance=proved(level)) as actor:
        yield actor


def proved(level: int, at: datetime | None = None) -> Assurance:
    """The assurance a session needs for the level, proved a moment ago."""
    moment = (at or timezone.now()) - timedelta(seconds=1)
    return Assurance(moment, moment if level >= 2 else None, moment if level >= 3 else None)


def sign_in(person: Person, *, level: int = 2) -> Client:
    """A client with a session of the person that has proved enough for `level`."""
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    session["account_authentication_methods"] = records(level)
    session["account_authentication_methods_user"] = str(person.pk)  # records prove something of this person alone
    session.save()
    return client


def records(level: int) -> list[dict[str, Any]]:
    """allauth's authentication records of a session that has proved enough for `level`."""
    at = time.time() - 1
    made: list[dict[str, Any]] = [{"method": "password", "at": at}]
    if level >= 2:
        made.append({"method": "mfa", "type": "webauthn" if level >= 3 else "totp", "at": at})
    return made


def organisation(name: str = "", kind: str = Organisation.Kind.COMPANY, **fields: Any) -> Organisation:
    return Organisation.objects.create(name=name or f"組織{next(_numbers)}", kind=kind, **fields)


def person(of: Organisation, name: str = "", *duties: str, **fields: Any) -> Person:
    number = next(_numbers)
    made = Person(email=f"person{number}@example.test", name=name or f"利用者{number}", organisation=of, **fields)
    made.set_unusable_password()
    made.save()
    for duty in duties:
        Appointment.objects.create(person=made, duty=duty, since=timezone.now() - timedelta(days=30))
    return made


def authorise(
    who: Person, highest: int = 2, *codes: str, basis: str = Authorisation.Basis.NDA, days: int = 365, **fields: Any
) -> Authorisation:
    """An authorisation in force since yesterday; with negative `days` one that has run out."""
    now = timezone.now()
    mask = 0
    for compartment in Compartment.objects.filter(code__in=codes):
        mask |= 1 << compartment.bit
    if basis in Authorisation.STATUTORY:
        fields = {"notified_on": now.date(), "ministry": who.organisation} | fields
    return Authorisation.objects.create(
        person=who, basis=basis, highest=highest, comp_mask=mask,
        since=now - timedelta(days=400), until=now + timedelta(days=days), **fields,
    )  # fmt: skip


def agreement(of: Organisation, highest: int = 2, **fields: Any) -> OrganisationCertification:
    kind = OrganisationCertification.Kind.AGREEMENT if highest <= 2 else OrganisationCertification.Kind.CERTIFICATION
    return OrganisationCertification.objects.create(
        organisation=of, kind=kind, highest=highest, since=timezone.now() - timedelta(days=400), **fields
    )


def compartment(code: str) -> Compartment:
    taken = Compartment.objects.count()
    return Compartment.objects.get_or_create(code=code, defaults={"name": code, "bit": taken})[0]


def release_group(code: str, *countries: str) -> ReleaseGroup:
    taken = ReleaseGroup.objects.count()
    return ReleaseGroup.objects.get_or_create(
        code=code, defaults={"name": code, "bit": taken, "countries": list(countries)}
    )[0]


def circle(ceiling: Marking, *members: Person, steward: Person | None = None) -> Circle:
    made = Circle.objects.create(ceiling=ceiling)
    for member in members:
        join(made, member)
    if steward:
        join(made, steward, Role.STEWARD)
    return made


def join(where: Circle, who: Person, role: str = Role.PARTICIPANT) -> CircleMember:
    return CircleMember.objects.create(circle=where, person=who, role=role)


def join_firm(where: Circle, firm: Organisation, *handlers: Person, role: str = Role.PARTICIPANT) -> None:
    CircleOrganisation.objects.create(circle=where, organisation=firm, role=role)
    for handler in handlers:
        NamedHandler.objects.create(circle=where, organisation=firm, person=handler)


@dataclass
class World:
    """Who and what the stories are about."""

    ministry: Organisation
    association: Organisation
    maker: Organisation
    partner: Organisation
    people: dict[str, Person]
    circle: Circle
    hi_semicon: Marking
    other_circle: Circle
    extra: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        try:
            return cast(Person, self.__dict__["people"][name])
        except KeyError:
            raise AttributeError(name) from None


def build() -> World:
    """The supply-chain circle under HI//SEMICON with each persona of the issue in it, and another circle
    without them. A database holds it once."""
    return REMEMBERED.lay()


def _built() -> World:
    with as_owner():
        compartment("SEMICON")
        compartment("BATTERY")
        release_group("LIKEMINDED", "JP", "US", "NL")
        ministry = organisation("産業安全保障庁（架空）", Organisation.Kind.MINISTRY)
        association = organisation("日本部材協会（架空）", Organisation.Kind.ASSOCIATION)
        maker = organisation("朝霧精密工業（架空）")
        partner = organisation("Delta Lithografie (fictional)", country="NL")
        duty = Appointment.Duty
        people = {
            "official": person(ministry, "官 一郎", duty.OFFICIAL),
            "second_official": person(ministry, "官 二郎", duty.OFFICIAL),
            "clearance_officer": person(ministry, "保 全子", duty.CLEARANCE_OFFICER),
            "auditor": person(ministry, "監 査太", duty.AUDITOR),
            "secretary": person(association, "事 務子", duty.SECRETARY),
            "engineer": person(maker, "技 術子"),
            "colleague": person(maker, "同 僚男"),
            "expired": person(maker, "期 限切"),
            "foreign": person(partner, "Joost Visser"),
            "outsider": person(organisation("無関係産業（架空）"), "外 野人"),
        }
        for name in ("official", "second_official"):
            authorise(people[name], 2, "SEMICON", "BATTERY", basis=Authorisation.Basis.OFFICIAL)
        authorise(people["secretary"], 2, "SEMICON")
        authorise(people["engineer"], 2, "SEMICON")
        authorise(people["expired"], 2, "SEMICON", days=-30)
        authorise(people["foreign"], 1)
        authorise(people["outsider"], 2, "SEMICON")
        for firm in (association, maker, partner, people["outsider"].organisation):
            agreement(firm)
        hi = marking(2, ["SEMICON"])
        room = circle(hi, people["second_official"], people["secretary"], steward=people["official"])
        join_firm(room, maker, people["engineer"], people["colleague"], people["expired"])
        join_firm(room, partner, people["foreign"])
        other = circle(hi, people["second_official"])
    return World(ministry, association, maker, partner, people, room, hi, other)


REMEMBERED = Remembered(_built, as_owner)
