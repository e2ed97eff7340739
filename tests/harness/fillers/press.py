"""Briefings as published, drafts on their way, and whom they go to."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from accounts.models import Appointment, Organisation, Person
from briefings.models import Audience, Briefing, Bureau, Delivery, Draft, Notice, Opening, Portion, Reply
from briefings.models.feeds import ServiceAccount, ServiceToken, Submission, Submitted
from clearance.markings import from_text
from clearance.models import Circle, CircleMember, Role
from tests.briefings.desk import content
from tests.briefings.telling import hook_of
from tests.harness.fillers.filling import A_HUNDRED, filler, yesterday
from tests.harness.fillers.people import some_organisations, some_people
from tests.harness.scene import Scene


@filler()
def briefings(scene: Scene, numbers: range) -> None:
    """In the scene's circle, each with the section that all its readers see."""
    world, marking = scene.world, from_text("SENSITIVE")
    said = content(("SENSITIVE",)).as_json()["concerns"]
    heads = [
        Briefing(
            circle=world.circle, marking=marking, title=f"供給の見通し{number}", kind="SUPPLY", severity=2,
            likelihood=2, confidence=50, concerns=said, originator=world.ministry, author=world.official,
            approved_by=world.second_official,
        )
        for number in numbers
    ]  # fmt: skip
    Briefing.objects.bulk_create(heads)
    Portion.objects.bulk_create(
        Portion(
            briefing=head, slot=uuid4(), place=0, heading="見出し", body="本文", more={}, circle=world.circle,
            marking=marking, approved_by=world.second_official,
        )
        for head in heads
    )  # fmt: skip


@filler(A_HUNDRED)
def drafts(scene: Scene, numbers: range) -> None:
    """Of the scene's bureau, being written."""
    world, said = scene.world, content(("SENSITIVE",))
    Draft.objects.bulk_create(
        Draft(
            circle=scene.press.bureau.circle, marking=from_text("SENSITIVE"), author=world.official,
            saved_by=world.official, content=said.as_json() | {"title": f"下書き{number}"},
        )
        for number in numbers
    )  # fmt: skip


def some_circles(scene: Scene, numbers: range) -> list[Circle]:
    """Run by the official."""
    made = Circle.objects.bulk_create(Circle(ceiling=scene.world.hi_semicon) for _ in numbers)
    CircleMember.objects.bulk_create(
        CircleMember(circle=circle, person=scene.world.official, role=Role.STEWARD, since=yesterday())
        for circle in made
    )
    return made


@filler(A_HUNDRED)
def bureaus(scene: Scene, numbers: range) -> None:
    given = {"marking": from_text("SENSITIVE"), "opened_by": scene.world.official}
    made = some_circles(scene, numbers)
    Bureau.objects.bulk_create(
        Bureau(circle=circle, name=f"班{number}", **given) for number, circle in zip(numbers, made, strict=True)
    )


@filler(A_HUNDRED)
def audiences(scene: Scene, numbers: range) -> None:
    given = {"marking": from_text("SENSITIVE"), "opened_by": scene.world.official, "kind": Audience.Kind.LIST}
    made = some_circles(scene, numbers)
    Audience.objects.bulk_create(
        Audience(circle=circle, name=f"名簿{number}", **given) for number, circle in zip(numbers, made, strict=True)
    )


@filler()
def notices(scene: Scene, numbers: range) -> None:
    """That as many briefings that the engineer had read were retracted."""
    Notice.objects.bulk_create(
        Notice(person=scene.world.engineer, kind="RETRACTED", about=uuid4(), read_on=yesterday().date())
        for _ in numbers
    )


@filler(A_HUNDRED)
def writers(scene: Scene, numbers: range) -> None:
    """Of the scene's bureau."""
    people = some_people(scene.world.ministry, numbers)
    duty = Appointment.Duty.OFFICIAL
    Appointment.objects.bulk_create(Appointment(person=person, duty=duty, since=yesterday()) for person in people)
    CircleMember.objects.bulk_create(
        CircleMember(circle=scene.press.bureau.circle, person=person, since=yesterday()) for person in people
    )


@filler()
def replies(scene: Scene, numbers: range) -> None:
    """Of firms whose people opened the scene's briefing."""
    firms = some_organisations(Organisation.Kind.COMPANY, numbers)
    people = Person.objects.bulk_create(
        Person(email=f"{uuid4().hex}@example.test", name=f"返答{number:04}", organisation=firm, password="!")
        for number, firm in zip(numbers, firms, strict=True)
    )
    given = {"briefing": scene.press.briefing}
    Opening.objects.bulk_create(Opening(person=person, **given) for person in people)
    Reply.objects.bulk_create(
        Reply(person=person, organisation=person.organisation, kind=Reply.Kind.NOT_US, **given) for person in people
    )


@filler(A_HUNDRED)
def machines(scene: Scene, numbers: range) -> None:
    """Of the maker's, each with a token, and what they sent in."""
    world = scene.world
    people = some_people(world.maker, numbers)
    accounts = ServiceAccount.objects.bulk_create(
        ServiceAccount(person=person, purpose="配信", keeper=world.ministry, made_by=world.official)
        for person in people
    )
    until = timezone.now() + timedelta(days=30)
    ServiceToken.objects.bulk_create(
        ServiceToken(account=each, hash=uuid4().bytes * 2, scopes=["read"], expires_at=until, made_by=world.official)
        for each in accounts
    )
    sent = [Submission(account=each, keeper=world.ministry, marking=from_text("SENSITIVE")) for each in accounts]
    Submission.objects.bulk_create(sent)
    Submitted.objects.bulk_create(
        Submitted(submission=each, stix_id=f"indicator--{each.pk}", version=timezone.now(), body="{}") for each in sent
    )


@filler(A_HUNDRED)
def hooks(scene: Scene, numbers: range) -> None:
    """The engineer's, more than anybody may have."""
    for _number in numbers:
        hook_of(scene.world.engineer)


@filler()
def deliveries(scene: Scene, numbers: range) -> None:
    """To the scene's hook, and letters, none of which could be handed on."""
    given = {"person": scene.world.engineer, "kind": "STOPPED", "state": "DEAD", "next_attempt": timezone.now()}
    hook = scene.press.delivery.hook
    Delivery.objects.bulk_create(Delivery(hook=to, reason="MAIL", **given) for _ in numbers for to in (hook, None))
