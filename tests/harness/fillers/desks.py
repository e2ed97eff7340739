"""Desks of anonymous consultation, their cases and findings."""

from __future__ import annotations

from uuid import UUID, uuid4

from accounts.models import Appointment
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
from intake.models import Case, Entry, Envelope, Reader
from intake.sealing import Header, Keys, open_as_reader, seal_entry, seal_header, wrap_for_reader
from tests.harness.fillers.filling import A_HUNDRED, filler, soon, yesterday
from tests.harness.fillers.people import some_people
from tests.harness.office import KEYS
from tests.harness.scene import Scene


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
