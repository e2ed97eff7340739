"""Changing a marking: who may, what takes two officials, and what becomes of the keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import reverse

from clearance.access import Denied
from clearance.markings import marking
from clearance.models import Marking
from documents.demo.pdf import pdf
from documents.models import Answer, Document, Processing, RelabelRequest, Rendition, StoredBlob, Version
from documents.services.reading import open_page
from documents.services.relabelling import approve, propose, refuse, relabel, step
from tests.documents.acting import TEXT, hand_over, newest_version, work
from tests.world import World, as_owner, being, join
from vault import Unreadable

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def made(level: int, *compartments: str, tlp: str = "", rel: tuple[str, ...] = ()) -> Marking:
    with as_owner():
        return marking(level, compartments, rel, tlp)


STEPS = [
    ((1, (), ""), (2, (), ""), False, True),
    ((2, (), ""), (1, (), ""), True, False),
    ((2, ("SEMICON",), ""), (2, (), ""), True, False),
    ((2, (), ""), (2, ("SEMICON",), ""), False, True),
    ((2, ("SEMICON",), ""), (2, ("BATTERY",), ""), True, True),
    ((1, (), "AMBER"), (1, (), "RED"), False, False),
    ((1, (), "RED"), (1, (), "AMBER"), True, False),
    ((1, (), ""), (1, (), "GREEN"), False, False),
    ((1, ("SEMICON",), ""), (2, (), ""), True, True),
]


@pytest.mark.parametrize(("old", "new", "widens", "narrows"), STEPS)
def test_a_change_widens_or_narrows_part_by_part(
    world: World, old: tuple[int, tuple[str, ...], str], new: tuple[int, tuple[str, ...], str], widens: bool,
    narrows: bool,
) -> None:  # fmt: skip
    found = step(made(old[0], *old[1], tlp=old[2]), made(new[0], *new[1], tlp=new[2]))
    assert (found.widens, found.narrows) == (widens, narrows)


def test_lifting_a_restriction_by_country_widens(world: World) -> None:
    free, kept = made(2, "SEMICON"), made(2, "SEMICON", rel=("LIKEMINDED",))
    assert step(kept, free).widens
    assert not step(free, kept).widens


@pytest.fixture
def lower(world: World) -> Document:
    """A document at level 1 in the circle, of the maker's."""
    return hand_over(world, world.engineer, title="低い格付の資料", marking=made(1, "SEMICON"))


@pytest.fixture
def higher(world: World) -> Document:
    """A document at the circle's ceiling, of the ministry's."""
    return hand_over(world, world.official, title="高い格付の資料")


def read_by(person: object, document: Document) -> str:
    with being(person) as actor:  # type: ignore[arg-type]
        found = Document.objects.filter(pk=document.pk).first()
        if found is None:
            return ""
        version = found.versions.get()
        return open_page(actor=actor, document=found, version=version, number=1).text


def test_upwards_takes_new_keys_for_fields_and_files(world: World, lower: Document, blobs: Path) -> None:
    assert read_by(world.foreign, hand_over(world, world.engineer, marking=made(1))) == TEXT.decode()
    with as_owner():
        before = Document.objects.get(pk=lower.pk)
        old_key, old_version = before.item_key(), newest_version(lower)
        old_file_key, old_drawn = old_version.file_key, Rendition.objects.get(document=lower).blob_id
    with being(world.engineer) as actor:
        relabel(actor=actor, document=Document.objects.get(pk=lower.pk), marking=world.hi_semicon)
    with as_owner():
        after = Document.objects.get(pk=lower.pk)
        assert (after.level, after.title) == (2, "低い格付の資料")
        assert after.item_key() != old_key
        after._open_key = type(after._open_key)(old_key)  # type: ignore[call-arg]
        version = Version.objects.get(document=after)
        version.document = after
        with pytest.raises(Unreadable):
            _ = version.file_name
    assert read_by(world.engineer, lower) == TEXT.decode()  # reading goes on while the worker is at it
    work(lower)
    fresh = newest_version(lower)
    assert fresh.blob_id != old_version.blob_id
    assert fresh.file_key != old_file_key
    with as_owner():
        drawn = Rendition.objects.get(document=lower).blob_id
        assert drawn != old_drawn
        assert not StoredBlob.objects.filter(name__in=[old_version.blob_id, old_drawn]).exists()
    assert (blobs / fresh.blob_id).exists()
    assert read_by(world.engineer, lower) == TEXT.decode()


@pytest.mark.django_db(transaction=True)
def test_once_the_new_files_stand_the_old_ones_are_gone(world: World, blobs: Path) -> None:
    document = hand_over(world, world.official, pdf([["One"], ["Two"]]), name="a.pdf", marking=made(1))
    old = {path.relative_to(blobs).as_posix() for path in blobs.rglob("*") if path.is_file()}
    with being(world.official) as actor:
        relabel(actor=actor, document=document, marking=world.hi_semicon)
    work(document)
    new = {path.relative_to(blobs).as_posix() for path in blobs.rglob("*") if path.is_file()}
    assert len(new) == len(old) == 2
    assert not new & old
    assert "One" in read_by(world.engineer, document)


def test_sideways_keeps_the_item_key(world: World, higher: Document) -> None:
    with as_owner():
        key, wrapped = Document.objects.get(pk=higher.pk).item_key(), bytes(higher.wrapped_key)
    with being(world.official) as actor:
        relabel(actor=actor, document=higher, marking=made(2, "SEMICON", tlp="RED"))
    with as_owner():
        after = Document.objects.get(pk=higher.pk)
        assert after.item_key() == key
        assert bytes(after.wrapped_key) != wrapped
        assert not Processing.objects.filter(document=higher, work="RESEAL").exists()
    assert read_by(world.engineer, higher) == TEXT.decode()


@pytest.mark.parametrize(
    ("name", "may"), [("engineer", True), ("official", True), ("second_official", True), ("secretary", False)]
)
def test_who_may_narrow_what_the_engineer_handed_over(world: World, lower: Document, name: str, may: bool) -> None:
    with being(world.people[name]) as actor:
        found = Document.objects.get(pk=lower.pk)
        if may:
            assert relabel(actor=actor, document=found, marking=world.hi_semicon).level == 2
        else:
            with pytest.raises(Denied), transaction.atomic():
                relabel(actor=actor, document=found, marking=world.hi_semicon)


def test_nobody_widens_alone(world: World, higher: Document) -> None:
    with being(world.official) as actor, pytest.raises(ValidationError) as refused, transaction.atomic():
        relabel(actor=actor, document=higher, marking=made(1, "SEMICON"))
    assert refused.value.error_dict["marking"][0].code == "two_officials"
    assert read_by(world.foreign, higher) == ""


def asked(world: World, document: Document, to: Marking | None = None, consent: str = "") -> RelabelRequest:
    with being(world.official) as actor:
        found = Document.objects.get(pk=document.pk)
        return propose(actor=actor, document=found, marking=to or made(1), reason="公表が決まったため", consent=consent)


def fresh(request: RelabelRequest) -> RelabelRequest:
    return RelabelRequest.objects.select_related("document").get(pk=request.pk)


def test_downwards_takes_a_second_official(world: World, higher: Document) -> None:
    request = asked(world, higher)
    assert read_by(world.foreign, higher) == ""
    for name in ("official", "secretary", "engineer"):
        with being(world.people[name]) as actor, pytest.raises(Denied), transaction.atomic():
            approve(actor=actor, request=fresh(request))
    with being(world.second_official) as actor:
        assert fresh(request).reason == "公表が決まったため"
        assert approve(actor=actor, request=fresh(request)).level == 1
    assert read_by(world.foreign, higher) == TEXT.decode()
    with being(world.second_official) as actor, pytest.raises(ValidationError), transaction.atomic():
        approve(actor=actor, request=fresh(request))


def test_anothers_information_is_widened_with_its_consent(world: World) -> None:
    document = hand_over(world, world.engineer)
    with pytest.raises(ValidationError) as refused, transaction.atomic():
        asked(world, document)
    assert list(refused.value.error_dict) == ["consent"]
    assert asked(world, document, consent="10月3日、製造部長から書面で").consent.startswith("10月3日")


def test_an_engineer_proposes_nothing(world: World) -> None:
    document = hand_over(world, world.engineer)
    with being(world.engineer) as actor, pytest.raises(Denied):
        propose(actor=actor, document=document, marking=made(1), reason="a")


def test_a_refusal_says_why_and_leaves_all_as_it_was(world: World, higher: Document) -> None:
    request = asked(world, higher)
    with being(world.second_official) as actor:
        refuse(actor=actor, request=fresh(request), why="時期尚早")
    with being(world.official):
        answered = fresh(request)
        assert (answered.answer, answered.note) == (Answer.REFUSED, "時期尚早")
    assert read_by(world.foreign, higher) == ""


def test_one_request_at_a_time_and_only_for_the_marking_it_spoke_of(world: World, higher: Document) -> None:
    request = asked(world, higher)
    with pytest.raises(ValidationError) as refused, transaction.atomic():
        asked(world, higher, made(1, "SEMICON"))
    assert refused.value.code == "open_already"
    with being(world.official) as actor:
        relabel(actor=actor, document=higher, marking=made(2, "SEMICON", tlp="RED"))
    with being(world.second_official) as actor:
        assert fresh(request).answer == Answer.OVERTAKEN
        with pytest.raises(ValidationError), transaction.atomic():
            approve(actor=actor, request=fresh(request))


def test_a_change_that_widens_and_narrows_takes_two_officials_and_new_keys(world: World) -> None:
    with as_owner():
        join(world.other_circle, world.official)
        wide = marking(2)
        world.other_circle.ceiling = marking(2, ["BATTERY", "SEMICON"])
        world.other_circle.save()
    document = hand_over(world, world.official, circle=world.other_circle, marking=wide)
    with as_owner():
        key = Document.objects.get(pk=document.pk).item_key()
    with being(world.official) as actor:
        found = Document.objects.get(pk=document.pk)
        request = propose(actor=actor, document=found, marking=made(1, "BATTERY"), reason="整理")
    with being(world.second_official) as actor:
        approve(actor=actor, request=fresh(request))
    work(document)
    with as_owner():
        assert Document.objects.get(pk=document.pk).item_key() != key
    with being(world.second_official):
        assert fresh(request).reason == "整理"  # sealed anew with the rest
    assert read_by(world.second_official, document) == TEXT.decode()


def test_the_screens_ask_one_official_and_let_another_answer(
    world: World, client_for: ClientFor, higher: Document
) -> None:
    first, second = client_for(world.official), client_for(world.second_official)
    url = reverse("documents:relabel", args=[higher.pk])
    assert first.get(url).status_code == 200
    given = {"marking_choice": "other", "marking_text": "SENSITIVE//SEMICON", "reason": "", "consent": ""}
    page = first.post(url, given)
    assert "変更の理由を入力してください" in page.content.decode()
    assert first.post(url, given | {"reason": "公表のため"}).status_code == 302
    listed = second.get(reverse("documents:requests")).content.decode()
    assert "高い格付の資料" in listed
    assert "1件" in second.get(reverse("documents:index")).content.decode()
    with as_owner():
        answer = reverse("documents:answer", args=[RelabelRequest.objects.get().pk])
    assert "公表のため" in second.get(answer).content.decode()
    assert first.post(answer, {"answer": "approve"}).status_code == 404
    for name in ("secretary", "engineer", "foreign", "auditor"):
        somebody = client_for(world.people[name])
        assert somebody.get(answer).status_code == 404
        assert somebody.get(reverse("documents:requests")).status_code == 404
    assert second.post(answer, {"answer": "refuse", "note": ""}).status_code == 200
    assert second.post(answer, {"answer": "approve"}).status_code == 302
    with as_owner():
        assert Document.objects.get(pk=higher.pk).level == 1
