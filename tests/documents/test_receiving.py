"""Handing over: what is stored, under what, by whom; what is refused; and that nothing half-made is left."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from audit.models import Event
from clearance import noting
from clearance.access import Denied
from clearance.markings import marking
from documents.kinds import Kind
from documents.models import Document, Processing, State, StoredBlob, Version
from documents.services.reading import open_page
from documents.services.receiving import RecordData, add_version, receive
from documents.services.records import enter_in_records
from documents.services.withdrawing import withdraw
from documents.uploads import sealed
from tests.documents.acting import TEXT, hand_over, newest_version, work
from tests.world import World, as_owner, being

pytestmark = pytest.mark.django_db


def events(document: Document) -> list[str]:
    with as_owner():
        return list(Event.objects.filter(target_id=str(document.pk)).order_by("at", "id").values_list("act", flat=True))


def test_a_text_handed_over_is_checked_and_read(world: World) -> None:
    document = hand_over(world, world.official)
    with being(world.engineer) as actor:
        seen = Document.objects.get(pk=document.pk)
        assert (seen.title, seen.kind, seen.originator_id) == ("在庫の見通し", Kind.TEXT, world.ministry.pk)
        version = seen.versions.get()
        assert version.state == State.READY
        page = open_page(actor=actor, document=seen, version=version, number=1)
        assert page.text == TEXT.decode()
    assert newest_version(document).file_name == "見通し.txt"
    assert events(document) == ["document.receive", "document.ready", "document.page"]


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("official", True), ("second_official", True), ("secretary", True), ("engineer", True),
        ("colleague", False), ("expired", False), ("foreign", False), ("outsider", False),
        ("auditor", False), ("clearance_officer", False),
    ],
)  # fmt: skip
def test_who_may_hand_over_in_the_circle(world: World, name: str, may: bool) -> None:
    person = world.people[name]
    if may:
        assert hand_over(world, person, worked=False).originator_id == person.organisation_id
        return
    with pytest.raises((Denied, ValidationError)):
        hand_over(world, person, worked=False)
    with as_owner():
        assert not Document.objects.exists()


def test_only_who_receives_for_others_names_another_originator(world: World) -> None:
    for name, may in (("official", True), ("secretary", True), ("engineer", False)):
        with being(world.people[name]) as actor:
            asked = {
                "actor": actor, "circle": world.circle.pk, "marking": world.hi_semicon, "title": "預かった資料",
                "upload": sealed("a.txt", [TEXT]), "originator": world.association.pk,
            }  # fmt: skip
            if may:
                assert receive(**asked).originator_id == world.association.pk  # type: ignore[arg-type]
            else:
                with pytest.raises(Denied), transaction.atomic():
                    receive(**asked)  # type: ignore[arg-type]


REFUSED = {
    "an empty file": ({"content": b""}, "file"),
    "above the circle's ceiling": ({"text": "HI//BATTERY"}, "marking"),
    "above the writer's authorisation": ({"by": "foreign_writer"}, "marking"),
    "a reading period that is over": ({"expires": timedelta(hours=-1)}, "expires_at"),
}


@pytest.mark.parametrize(("asked", "field"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_says_so_beside_its_field(world: World, asked: dict[str, object], field: str) -> None:
    with as_owner():
        wanted = marking(2, ["BATTERY"]) if "text" in asked else world.hi_semicon
    person = world.foreign if "by" in asked else world.official
    expires = asked.get("expires")
    with being(person) as actor, pytest.raises(ValidationError) as refused, transaction.atomic():
        receive(
            actor=actor, circle=world.circle.pk, marking=wanted, title="a",
            upload=sealed("a.txt", [asked.get("content", TEXT)]),  # type: ignore[list-item]
            expires_at=timezone.now() + expires if isinstance(expires, timedelta) else None,
        )  # fmt: skip
    assert list(refused.value.error_dict) == [field]
    with as_owner():
        assert not Document.objects.exists()
        assert not StoredBlob.objects.exists()


def test_a_failed_record_undoes_the_handing_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DatabaseError("the log is away")

    monkeypatch.setattr(noting, "record_each", fail)
    with pytest.raises(DatabaseError), transaction.atomic():
        hand_over(world, world.official, worked=False)
    monkeypatch.undo()
    with as_owner():
        assert not any(model.objects.exists() for model in (Document, Version, Processing, StoredBlob))


def test_versions_follow_each_other_and_readers_get_the_newest_kind(world: World) -> None:
    document = hand_over(world, world.official)
    with being(world.official) as actor:
        version = add_version(
            actor=actor,
            document=document,
            upload=sealed("図.png", [b"\x89PNG\r\n\x1a\n" + bytes(9)]),
            change="図を追加",
        )
        assert (version.number, version.change) == (2, "図を追加")
    work(document)
    with being(world.engineer):
        seen = Document.objects.get(pk=document.pk)
        assert seen.kind == Kind.IMAGE
        assert [v.state for v in seen.versions.order_by("number")] == [State.READY, State.READY]
    with being(world.secretary) as actor, pytest.raises(Denied):
        add_version(actor=actor, document=document, upload=sealed("a.txt", [TEXT]))


@pytest.mark.parametrize(
    ("name", "may"),
    [("official", True), ("engineer", True), ("secretary", False), ("second_official", False), ("foreign", False)],
)
def test_who_may_take_back_what_the_engineer_handed_over(world: World, name: str, may: bool) -> None:
    document = hand_over(world, world.engineer)  # the official is the circle's steward
    with being(world.people[name]) as actor:
        if not may:
            with pytest.raises(Denied), transaction.atomic():
                withdraw(actor=actor, document=document)
            return
        withdraw(actor=actor, document=document)
        assert not Document.objects.filter(pk=document.pk).exists()
        assert not Version.objects.filter(document_id=document.pk).exists()
    with being(world.second_official):
        assert not Document.objects.exists()


def test_a_reading_period_ends(world: World) -> None:
    document = hand_over(world, world.official)
    with as_owner():
        Document.objects.filter(pk=document.pk).update(expires_at=timezone.now() - timedelta(hours=1))
    with being(world.engineer):
        assert not Document.objects.exists()


def test_record_data_are_the_officials_and_all_or_nothing(world: World) -> None:
    document = hand_over(world, world.engineer)
    data = RecordData("令和8年度 供給網関係", "5", "DESTROY")
    with being(world.engineer) as actor, pytest.raises(Denied):
        enter_in_records(actor=actor, document=document, record=data)
    with being(world.second_official) as actor:
        with pytest.raises(ValidationError):
            enter_in_records(actor=actor, document=document, record=RecordData("令和8年度 供給網関係"))
        assert enter_in_records(actor=actor, document=document, record=data).recorded
    with being(world.official):
        assert Document.objects.get(pk=document.pk).record_file == "令和8年度 供給網関係"


def test_the_worker_writes_nothing_people_wrote_and_the_web_nothing_the_worker_found(world: World) -> None:
    document = hand_over(world, world.official)
    with being(world.official):
        for change in ({"state": State.READY}, {"kind": Kind.OTHER}, {"blob_id": "x"}, {"size": 1}):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                Version.objects.filter(document=document).update(**change)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Processing.objects.exists()
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Version.objects.filter(document=document)._raw_delete("default")


def test_blobs_of_documents_are_files_nobody_else_may_read(world: World, blobs: Path) -> None:
    hand_over(world, world.official)
    files = [path for path in blobs.rglob("*") if path.is_file()]
    assert len(files) == 2  # the file, and what was drawn of it
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert not any("在庫".encode() in path.read_bytes() for path in files)
