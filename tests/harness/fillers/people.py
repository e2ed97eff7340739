"""People and organisations, and what they are held to."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.mfa.models import Authenticator
from django.db import connection
from django.utils import timezone

from accounts.models import Appointment, ForeignControl, Membership, Organisation, Person, Session
from accounts.sessions import SessionStore, hashed
from clearance.models import (
    Authorisation,
    Compartment,
    HandlerEntry,
    LimitLift,
    OrganisationCertification,
    ReleaseGroup,
    Suspension,
)
from tests.harness.fillers.filling import A_HUNDRED, filler, soon, yesterday
from tests.harness.scene import Scene
from vault.boxes import Box


def some_people(of: Organisation, numbers: Iterable[int]) -> list[Person]:
    return Person.objects.bulk_create(
        [
            Person(email=f"{uuid4().hex}@example.test", name=f"社員{number:04}", organisation=of, password="!")
            for number in numbers
        ]
    )


@filler()
def limits(scene: Scene, numbers: range) -> None:
    """People who opened much today, for each of whom more was asked."""
    people = some_people(scene.world.maker, numbers)
    asked = {"day": timezone.localdate(), "more": 100, "reason": "調査", "asked_by": scene.world.second_official}
    LimitLift.objects.bulk_create([LimitLift(person=person, **asked) for person in people])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clearance_keycount SELECT unnest(%s::uuid[]), clearance_today(), 19000",
            [[person.pk for person in people]],
        )


def some_organisations(kind: str, numbers: Iterable[int]) -> list[Organisation]:
    return Organisation.objects.bulk_create(
        [Organisation(kind=kind, name=f"組織{number:04}（架空）") for number in numbers]
    )


@filler()
def people(scene: Scene, numbers: range) -> None:
    """Of one organisation, each with an authorisation that ends soon."""
    found = some_people(scene.world.maker, numbers)
    Authorisation.objects.bulk_create(
        [Authorisation(person=each, basis="NDA", highest=2, since=yesterday(), until=soon()) for each in found]
    )


@filler()
def organisations(scene: Scene, numbers: range) -> None:
    """Companies and ministries by turns, each under an agreement that ends soon."""
    found = some_organisations("COMPANY", numbers[::2]) + some_organisations("MINISTRY", numbers[1::2])
    OrganisationCertification.objects.bulk_create(
        [
            OrganisationCertification(
                organisation=each, kind="AGREEMENT", highest=2, since=yesterday(), until=soon()
            )
            for each in found
        ]
    )  # fmt: skip


@filler(A_HUNDRED)
def associations(scene: Scene, numbers: range) -> None:
    """Those the maker belongs to."""
    found = some_organisations("ASSOCIATION", numbers)
    Membership.objects.bulk_create([Membership(association=each, member=scene.world.maker) for each in found])


@filler()
def companies(scene: Scene, numbers: range) -> None:
    """Those that belong to the association."""
    found = some_organisations("COMPANY", numbers)
    Membership.objects.bulk_create([Membership(association=scene.world.association, member=each) for each in found])


@filler(A_HUNDRED)
def facts(scene: Scene, numbers: range) -> None:
    """On foreign control of the maker."""
    today = timezone.localdate()
    ForeignControl.objects.bulk_create(
        [
            ForeignControl(
                organisation=scene.world.maker, as_of=today - timedelta(days=number), officers=1, source="申告"
            )
            for number in numbers
        ]
    )  # fmt: skip


@filler(A_HUNDRED)
def duties(scene: Scene, numbers: range) -> None:
    """Of the engineer."""
    Appointment.objects.bulk_create(
        [Appointment(person=scene.world.engineer, duty="SECRETARY", since=yesterday()) for _ in numbers]
    )


@filler(A_HUNDRED)
def sessions(scene: Scene, numbers: range) -> None:
    """Of the engineer, sealed as the portal seals them."""
    now, made = timezone.now(), []
    plain = SessionStore().serializer().dumps({"browser": "Firefox", "_started": now.timestamp()})
    for _ in numbers:
        key = hashed(uuid4().hex)
        sealed = b64encode(Box("session").seal(plain, SessionStore._binding(key))).decode()
        made.append(Session(session_key=key, session_data=sealed, expire_date=soon(), person=scene.world.engineer))
    Session.objects.bulk_create(made)


@filler(A_HUNDRED)
def passkeys(scene: Scene, numbers: range) -> None:
    """Of the engineer."""
    first = Authenticator.objects.get(user=scene.world.engineer, type=Authenticator.Type.WEBAUTHN, data__name="机の鍵")
    Authenticator.objects.bulk_create(
        [
            Authenticator(user=first.user, type=first.type, data=first.data | {"name": f"パスキー{number}"})
            for number in numbers
        ]
    )


# --- what is held ---------------------------------------------------------------------------------------------


def suspended(scene: Scene, held: Sequence[Any]) -> None:
    by = scene.world.clearance_officer
    Suspension.objects.bulk_create([Suspension(entitlement_id=each.pk, reason="試験", by=by) for each in held])


@filler(A_HUNDRED)
def authorisations(scene: Scene, numbers: range) -> None:
    """Of the engineer, each suspended."""
    engineer, officer = scene.world.engineer, scene.world.clearance_officer
    made = [
        Authorisation(person=engineer, basis="NDA", highest=2, since=yesterday(), recorded_by=officer)
        for _ in numbers
    ]  # fmt: skip
    suspended(scene, Authorisation.objects.bulk_create(made))


@filler(A_HUNDRED)
def certifications(scene: Scene, numbers: range) -> None:
    """Of the maker, agreements and certifications by turns, each suspended."""
    made = [
        OrganisationCertification(
            organisation=scene.world.maker, kind=kind, highest=highest, departments="設計部", since=yesterday(),
            recorded_by=scene.world.clearance_officer,
        )
        for number in numbers
        for kind, highest in [("CERTIFICATION", 3) if number % 2 else ("AGREEMENT", 2)]
    ]  # fmt: skip
    suspended(scene, OrganisationCertification.objects.bulk_create(made))


@filler()
def assessments(scene: Scene, numbers: range) -> None:
    """Of many people, and as many as there may be of the engineer, each suspended."""
    world = scene.world
    found = [*some_people(world.maker, numbers), *(world.engineer for number in numbers if number < A_HUNDRED)]
    made = [
        Authorisation(
            person=person, basis="CESI", highest=3, since=yesterday(), until=soon(), ministry=world.ministry,
            notified_on=yesterday().date(), recorded_by=world.clearance_officer,
        )
        for person in found
    ]  # fmt: skip
    suspended(scene, Authorisation.objects.bulk_create(made))


@filler(50)
def codes(_scene: Scene, numbers: range) -> None:
    """Compartments and release groups: the masks have bits for 62 of each."""
    taken = Compartment.objects.count()
    bits = range(taken, taken + len(numbers))
    Compartment.objects.bulk_create([Compartment(code=f"CODE{bit}", name=f"分野{bit}", bit=bit) for bit in bits])
    ReleaseGroup.objects.bulk_create(
        [ReleaseGroup(code=f"GROUP{bit}", name=f"国々{bit}", bit=bit, countries=["JP"]) for bit in bits]
    )


@filler()
def lines(scene: Scene, numbers: range) -> None:
    """Of one item's register, standing and struck by turns."""
    by = scene.world.official
    struck = {"struck_at": timezone.now(), "struck_by": by}
    HandlerEntry.objects.bulk_create(
        [
            HandlerEntry(item_id=scene.document.pk, person=person, entered_by=by, **(struck if number % 2 else {}))
            for number, person in zip(numbers, some_people(scene.world.maker, numbers), strict=True)
        ]
    )


@filler()
def registers(scene: Scene, numbers: range) -> None:
    """Of many items, with the engineer on each."""
    HandlerEntry.objects.bulk_create(
        [
            HandlerEntry(item_id=uuid4(), person=scene.world.engineer, entered_by=scene.world.official)
            for _ in numbers
        ]
    )  # fmt: skip
