"""Rooms and what is said in them, documents, the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import Person
from audit.acts import Act
from audit.models import Event, Seal
from clearance.markings import marking
from clearance.models import (
    Circle,
    CircleInvitation,
    CircleMember,
    CircleOrganisation,
    NamedHandler,
    Role,
)
from dialogues.models import Message, MessageDocument, Room, Thread
from documents.models import Answer, Document, DocumentGrant, Reading, RelabelRequest, StoredBlob, Version
from tests.harness.fillers.filling import A_HUNDRED, filler
from tests.harness.fillers.people import some_organisations, some_people
from tests.harness.scene import Scene


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
