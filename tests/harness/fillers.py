"""Rows by the thousand for the pages that list them, written by the owner in as few statements as can be."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.db import connection
from django.utils import timezone

from accounts.models import Appointment, ForeignControl, Membership, Organisation, Person, Session
from accounts.sessions import SessionStore, hashed
from audit.acts import Act
from audit.models import Event, Seal
from clearance.markings import marking
from clearance.models import (
    Authorisation,
    Circle,
    CircleInvitation,
    CircleMember,
    CircleOrganisation,
    Compartment,
    HandlerEntry,
    LimitLift,
    NamedHandler,
    OrganisationCertification,
    ReleaseGroup,
    Role,
    Suspension,
)
from consultations.findings.sealing import Draft, seal
from consultations.models import (
    AnswerTemplate,
    CaseFile,
    DeskOfficer,
    Finding,
    FindingEnvelope,
    FindingSource,
    OfficerKey,
    Recovery,
    Tombstone,
)
from dialogues.models import Message, MessageDocument, Room, Thread
from documents.models import Answer, Document, DocumentGrant, Reading, RelabelRequest, StoredBlob, Version
from intake.models import Case, Entry, Envelope, Reader
from intake.sealing import Header, Keys, open_as_reader, seal_entry, seal_header, wrap_for_reader
from tests.harness.office import KEYS
from tests.harness.scene import Scene
from vault.boxes import Box

# Adds the rows of these numbers to the scene. Each is known to the table of budgets by its name.
Filler = Callable[[Scene, range], None]
FILLERS: dict[str, Filler] = {}

FEW, MANY = 10, 1000
A_HUNDRED = 100  # of what nobody has a thousand of, and no page therefore cuts into pages


def filler(most: int = MANY) -> Callable[[Filler], Filler]:
    def known(fill: Filler) -> Filler:
        FILLERS[fill.__name__] = lambda scene, numbers: fill(scene, range(numbers.start, min(numbers.stop, most)))
        return fill

    return known


def yesterday() -> datetime:
    return timezone.now() - timedelta(days=1)


def soon() -> datetime:
    return timezone.now() + timedelta(days=20)


# --- people and organisations ---------------------------------------------------------------------------------


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


# --- rooms ----------------------------------------------------------------------------------------------------


@filler()
def rooms(scene: Scene, numbers: range) -> None:
    """The official's, each with a thread they have not read."""
    world, known = scene.world, marking(1)
    circles = Circle.objects.bulk_create([Circle(ceiling=world.hi_semicon) for _ in numbers])
    CircleMember.objects.bulk_create([CircleMember(circle=each, person=world.official) for each in circles])
    made = [
        Room(
            circle=each, marking=known, kind="SUPPLY_CHAIN", name=f"対話の場{number}", purpose="試験",
            opened_by=world.second_official,
        )
        for number, each in zip(numbers, circles, strict=True)
    ]  # fmt: skip
    some_threads(Room.objects.bulk_create(made), world.second_official)


@filler()
def threads(scene: Scene, numbers: range) -> None:
    some_threads([scene.room for _ in numbers], scene.world.second_official)


def some_threads(rooms: Sequence[Room], by: Person) -> None:
    """In each of the rooms one, with a message in it."""
    made = Thread.objects.bulk_create(
        [
            Thread(room=room, circle_id=room.circle_id, marking=room.marking, author=by, title=f"話題{number}")
            for number, room in enumerate(rooms)
        ]
    )
    Message.objects.bulk_create(
        [Message(thread=each, circle_id=each.circle_id, marking=each.marking, author=by, body="発言") for each in made]
    )


@filler()
def messages(scene: Scene, numbers: range) -> None:
    """In one thread, each with a document beside it."""
    thread, by = scene.thread, scene.world.second_official
    made = Message.objects.bulk_create(
        [
            Message(thread=thread, circle_id=thread.circle_id, marking=thread.marking, author=by, body=f"{number}件目")
            for number in numbers
        ]
    )
    MessageDocument.objects.bulk_create([MessageDocument(message=each, document=scene.document) for each in made])


@filler()
def invitations(scene: Scene, numbers: range) -> None:
    """To the official, for themselves and for their organisation by turns."""
    world = scene.world
    CircleInvitation.objects.bulk_create(
        [
            CircleInvitation(
                circle=world.other_circle, item=scene.room.pk, person=world.official, by=world.second_official,
                organisation=world.ministry if number % 2 else None,
            )
            for number in numbers
        ]
    )  # fmt: skip


@filler()
def members(scene: Scene, numbers: range) -> None:
    """Of the room."""
    found = some_people(scene.world.partner, numbers)
    CircleMember.objects.bulk_create([CircleMember(circle=scene.world.circle, person=each) for each in found])


@filler()
def firms(scene: Scene, numbers: range) -> None:
    """In the room."""
    found = some_organisations("COMPANY", numbers)
    CircleOrganisation.objects.bulk_create(
        [CircleOrganisation(circle=scene.world.circle, organisation=each) for each in found]
    )


@filler()
def handlers(scene: Scene, numbers: range) -> None:
    """Whom the maker has named for the room."""
    world, found = scene.world, some_people(scene.world.maker, numbers)
    NamedHandler.objects.bulk_create(
        [NamedHandler(circle=world.circle, organisation=world.maker, person=each) for each in found]
    )


@filler()
def asked(scene: Scene, numbers: range) -> None:
    """Into the room, by the official."""
    circle, by, item = scene.world.circle, scene.world.official, scene.room.pk
    CircleInvitation.objects.bulk_create(
        [
            CircleInvitation(circle=circle, item=item, person=each, by=by, role=Role.OBSERVER)
            for each in some_people(scene.world.partner, numbers)
        ]
    )


# --- documents ------------------------------------------------------------------------------------------------


@filler()
def documents(scene: Scene, numbers: range) -> None:
    """In the room, each with a version and two requests for a wider marking: one was answered, one waits."""
    world, wider = scene.world, marking(1)
    by, other = world.second_official, world.official
    made = Document.objects.bulk_create(
        [
            Document(
                title=f"文書{number:04}", marking=world.hi_semicon, circle=world.circle, originator=world.ministry,
                handed_over_by=world.official, kind="TEXT",
            )
            for number in numbers
        ]
    )  # fmt: skip
    some_versions(scene, [(each, 1) for each in made])
    answers: tuple[dict[str, Any], ...] = (
        {},
        {"answer": Answer.REFUSED, "answered_by": other, "answered_at": timezone.now()},
    )
    RelabelRequest.objects.bulk_create(
        [
            RelabelRequest(
                document=each, present=each.marking, proposed=wider, reason="試験", proposed_by=by, **answer
            )
            for each in made
            for answer in answers
        ]
    )  # fmt: skip


@filler(A_HUNDRED)
def versions(scene: Scene, numbers: range) -> None:
    """Newer and newer ones of one document."""
    some_versions(scene, [(scene.document, 2 + number) for number in numbers])


def some_versions(scene: Scene, of: Sequence[tuple[Document, int]]) -> None:
    blobs = StoredBlob.objects.bulk_create([StoredBlob(name=uuid4().hex) for _ in of])
    Version.objects.bulk_create(
        [
            Version(
                document=document, number=number, file_name="見通し.txt", change="更新", kind="TEXT",
                media_type="text/plain", size=9, digest="", file_key=b"k", blob=blob,
                received_by=scene.world.official, state="READY",
            )
            for (document, number), blob in zip(of, blobs, strict=True)
        ]
    )  # fmt: skip


@filler()
def readings(scene: Scene, numbers: range) -> None:
    """Of one document."""
    version = scene.document.versions.get(number=1)
    reader, document = scene.world.secretary, scene.document
    Reading.objects.bulk_create(
        [Reading(document=document, version=version, person=reader, way="VIEW", sitting=number) for number in numbers]
    )


@filler()
def grants(scene: Scene, numbers: range) -> None:
    """By name, on one document."""
    permission, found = Permission.objects.order_by("pk")[0], some_people(scene.world.partner, numbers)
    DocumentGrant.objects.bulk_create(
        [DocumentGrant(user=each, content_object=scene.document, permission=permission) for each in found]
    )


# --- the log --------------------------------------------------------------------------------------------------


@filler()
def events(scene: Scene, numbers: range) -> None:
    """By the engineer on one thing."""
    person, target = scene.world.engineer, str(scene.thread.pk)
    Event.objects.bulk_create(
        [
            Event(
                at=timezone.now(), person_id=person.pk, organisation_id=person.organisation_id, act=Act.DOCUMENT_OPEN,
                target_type="documents.document", target_id=target, label="PUBLIC", level=0,
            )
            for _ in numbers
        ]
    )  # fmt: skip


@filler()
def seals(_scene: Scene, numbers: range) -> None:
    """Right in their shape alone."""
    size = Seal.objects.order_by("-tree_size").values_list("tree_size", flat=True)[0]
    hashes = dict.fromkeys(("root_hash", "leaves", "previous"), bytes(32))
    Seal.objects.bulk_create(
        [
            Seal(tree_size=size, frontier=bytes(32 * size.bit_count()), at=timezone.now(), signature=b"s", **hashes)
            for size in range(size + 1, size + 1 + len(numbers))
        ]
    )


# --- desks and keys -------------------------------------------------------------------------------------------


@filler(most=A_HUNDRED)
def officers(scene: Scene, numbers: range) -> None:
    """Officials who read at the scene's desk, came after its case, and asked to recover their keys."""
    office = scene.office
    people = some_people(scene.world.ministry, numbers)
    Appointment.objects.bulk_create(
        Appointment(person=person, duty=Appointment.Duty.OFFICIAL, since=yesterday()) for person in people
    )
    by = scene.world.clearance_officer
    DeskOfficer.objects.bulk_create(
        DeskOfficer(desk=office.desk, person=person, appointed_by=by, since=yesterday()) for person in people
    )
    public = bytes(office.rows["official"].public)
    keys = OfficerKey.objects.bulk_create(OfficerKey(person=person, public=public) for person in people)
    Reader.objects.bulk_create(Reader(desk=office.desk, key_id=key.pk, public=public) for key in keys)
    Recovery.objects.bulk_create(Recovery(person=key.person, key=key, public=public) for key in keys)


@filler()
def cases(scene: Scene, numbers: range) -> None:
    """That the official reads, to be destroyed soon; the scene's finding is drawn from a hundred of them."""
    key, day = scene.office.rows["official"].pk, yesterday().date()
    public, header = KEYS["official"].public, Header("OTHER", "GENERAL")
    made, keys = [], []
    for _ in numbers:
        case, fresh = uuid4(), Keys.fresh()
        sealed = seal_header(fresh, header, case_id=case)
        made.append(Case(id=case, consent_public=b"", received_on=day, header=sealed))
        keys.append(fresh)
    Case.objects.bulk_create(made)
    Envelope.objects.bulk_create(
        Envelope(case=case, key_id=key, wrapped=wrap_for_reader(fresh, public, case_id=case.pk, key_id=key))
        for case, fresh in zip(made, keys, strict=True)
    )
    Entry.objects.bulk_create(
        an_entry(case.pk, fresh, 0, Entry.Kind.CONCERN) for case, fresh in zip(made, keys, strict=True)
    )
    CaseFile.objects.bulk_create(CaseFile(case=case, destroy_on=soon().date()) for case in made)
    FindingSource.objects.bulk_create(
        FindingSource(finding=scene.office.finding, case=case)
        for number, case in zip(numbers, made, strict=True)
        if number < A_HUNDRED
    )


def an_entry(case: UUID, keys: Keys, place: int, kind: Entry.Kind) -> Entry:
    entry = uuid4()
    sealed = seal_entry(keys, case_id=case, entry_id=entry, kind=kind, content={"text": f"{place}件目"})
    by_sender = kind in (Entry.Kind.CONCERN, Entry.Kind.REPLY)
    return Entry(
        id=entry, case_id=case, place=place, kind=kind, day=yesterday().date(), by_sender=by_sender, sealed=sealed
    )  # fmt: skip


@filler(A_HUNDRED)
def entries(scene: Scene, numbers: range) -> None:
    """Of the scene's case, by its sender."""
    case, key = scene.office.case.pk, scene.office.rows["official"].pk
    wrapped = Envelope.objects.get(case=case, key_id=key).wrapped
    keys = open_as_reader(bytes(wrapped), KEYS["official"], case_id=case, key_id=key)
    Entry.objects.bulk_create(an_entry(case, keys, 10 + number, Entry.Kind.REPLY) for number in numbers)


@filler(A_HUNDRED)
def wordings(scene: Scene, numbers: range) -> None:
    """Of the scene's desk."""
    AnswerTemplate.objects.bulk_create(
        AnswerTemplate(desk=scene.office.desk, title=f"ひな形{number}", body_ja="文例") for number in numbers
    )


@filler(A_HUNDRED)
def findings(scene: Scene, numbers: range) -> None:
    """That the official reads."""
    made = [
        Finding(id=uuid4(), drafted_by=scene.world.official, drafted_on=yesterday().date()) for _ in numbers
    ]  # fmt: skip
    key = scene.office.rows["official"].pk
    envelopes = [
        row
        for number, each in zip(numbers, made, strict=True)
        for row in seal(each, Draft(f"知見{number}", "文"), [key])
    ]
    Finding.objects.bulk_create(made)
    FindingEnvelope.objects.bulk_create(envelopes)


@filler()
def destroyed(_scene: Scene, numbers: range) -> None:
    """Cases of which a stone is left."""
    day = yesterday().date()
    dates = dict.fromkeys(("received_on", "destroyed_on", "consent_on"), day)
    Tombstone.objects.bulk_create(
        Tombstone(id=uuid4(), classed="CONSULTATION", consent_reference=f"同意{number}", **dates) for number in numbers
    )
