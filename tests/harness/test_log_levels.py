"""What the log says of a thing lies as high as the thing: no auditor reads a marking or finds an id above their own."""

from __future__ import annotations

from uuid import uuid4

import pytest

from audit.acts import Act
from audit.models import Event
from clearance.markings import from_text, marking
from clearance.models import CircleInvitation, Role
from clearance.services import circles
from dialogues.services import membership
from documents.models import Document, RelabelRequest
from documents.services.relabelling import approve, propose, relabel
from tests import world as build
from tests.dialogues import scenes
from tests.documents.acting import hand_over
from tests.world import World, being

pytestmark = pytest.mark.django_db
HIGH = "HI//SEMICON//TLP:RED"


def newest(act: str) -> Event:
    with build.as_owner():
        return Event.objects.filter(act=act).order_by("-at", "-id")[0]


def shown_to_auditor(world: World, level: int) -> str:
    """The log as an auditor who may see up to that level reads and exports it."""
    if level:
        with build.as_owner():
            build.authorise(world.auditor, level)
    client = build.sign_in(world.auditor)
    exported = client.get("/audit/export.csv")
    assert exported.streaming
    return client.get("/audit/").content.decode() + b"".join(exported.streaming_content).decode()


def test_a_circles_ceiling_is_told_up_to_its_level(world: World) -> None:
    with being(world.official) as actor:
        circles.open_circle(actor=actor, ceiling=marking(2, ["SEMICON"], tlp="RED"))
    event = newest(Act.CIRCLE_CREATE)
    assert (event.level, event.detail["ceiling"]) == (2, HIGH)
    assert HIGH not in shown_to_auditor(world, 1)
    assert HIGH in shown_to_auditor(world, 2)


@pytest.mark.parametrize(("before", "after"), [("SENSITIVE//SEMICON", HIGH), (HIGH, "SENSITIVE//SEMICON")])
def test_a_change_of_marking_lies_as_high_as_the_higher_of_the_two(world: World, before: str, after: str) -> None:
    with being(world.official):
        old, new = from_text(before), from_text(after)
    paper = hand_over(world, world.official, marking=old, worked=False)
    with being(world.official) as actor:
        document = Document.objects.get(pk=paper.pk)
        if new.level > old.level:
            relabel(actor=actor, document=document, marking=new)
        else:
            propose(actor=actor, document=document, marking=new, reason="試験")
    acts = [Act.DOCUMENT_RELABEL]
    if new.level < old.level:
        with being(world.second_official) as actor:
            approve(actor=actor, request=RelabelRequest.objects.select_related("document").get())
        acts += [Act.DOCUMENT_RELABEL_REQUEST, Act.DOCUMENT_RELABEL_APPROVE]
    assert [newest(act).level for act in acts] == [2] * len(acts)
    assert HIGH not in shown_to_auditor(world, 1)


def test_asking_for_a_higher_level_with_fewer_compartments_lies_as_high_as_what_is_asked(world: World) -> None:
    paper = hand_over(world, world.official, marking=marking(1, ["SEMICON"]), worked=False)
    with being(world.official) as actor:
        propose(actor=actor, document=Document.objects.get(pk=paper.pk), marking=marking(2), reason="試験")
    assert newest(Act.DOCUMENT_RELABEL_REQUEST).level == 2


@pytest.mark.parametrize(
    ("address", "level"),
    [
        ("/documents/{document}/", 2),  # there, and closed to them: nobody at that point knows how high it lies
        ("/documents/{nothing}/", 2),
        ("/rooms/{nothing}/members/", 2),
        ("/clearance/people/", 0),  # of nothing in particular
    ],
)
def test_a_refusal_of_something_unknown_lies_at_the_ceiling(world: World, address: str, level: int) -> None:
    paper = hand_over(world, world.official, worked=False)
    asked = address.format(document=paper.pk, nothing=uuid4())
    assert build.sign_in(world.colleague).get(asked).status_code == 404
    event = newest(Act.ACCESS_DENIED)
    assert event.level == level
    assert bool(event.target_id) is bool(level)
    told = shown_to_auditor(world, 1)
    assert "閲覧・操作の拒否" in told
    assert not event.target_id or event.target_id not in told


def test_a_refusal_that_knows_its_level_keeps_it(world: World) -> None:
    paper = hand_over(world, world.official, marking=marking(1), worked=False)
    assert build.sign_in(world.engineer).get(f"/documents/{paper.pk}/register/").status_code == 404
    event = newest(Act.ACCESS_DENIED)
    assert (event.level, event.target_id) == (1, str(paper.pk))
    assert str(paper.pk) in shown_to_auditor(world, 1)


def test_declining_what_one_may_not_even_know_by_name_lies_at_the_ceiling(world: World) -> None:
    room = scenes.scene(world)
    with build.as_owner():
        unpledged = build.person(build.organisation("無誓約産業（架空）"))
    with scenes.being(world.official) as actor:
        membership.invite(
            actor=actor, room=room, email=unpledged.email, whole_organisation=False, role=Role.PARTICIPANT
        )
    with build.as_owner():
        asked = CircleInvitation.objects.get(person=unpledged)
    build.sign_in(unpledged).post(f"/rooms/invitations/{asked.pk}/", {"answer": "decline"})
    event = newest(Act.ROOM_DECLINE)
    assert (event.level, event.target_id) == (2, str(room.pk))
