"""A closed circle held by the database alone: injected SQL writes nothing in it and lets nobody in."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from clearance.context import close_circle, refresh
from clearance.models import Circle, CircleInvitation, CircleMember, MarkingPreset, Role
from dialogues.models import Message
from documents.models import Document, StoredBlob
from tests import world as build
from tests.documents.acting import hand_over
from tests.harness.injected import copied, refused
from tests.harness.scene import Scene, stage
from tests.world import World, being

pytestmark = pytest.mark.django_db

TIE = (
    "INSERT INTO clearance_circlemember (id, circle_id, person_id, role, since) "
    "VALUES (gen_random_uuid(), %s, %s, %s, now())"
)
FIRM = (
    "INSERT INTO clearance_circleorganisation (id, circle_id, organisation_id, role, since) "
    "VALUES (gen_random_uuid(), %s, %s, 'PARTICIPANT', now())"
)
HANDLER = (
    "INSERT INTO clearance_namedhandler (id, circle_id, organisation_id, person_id, since) "
    "VALUES (gen_random_uuid(), %s, %s, %s, now())"
)
INVITATION = (
    "INSERT INTO clearance_circleinvitation (id, circle_id, person_id, role, by_id, created, until) "
    "VALUES (gen_random_uuid(), %s, %s, 'PARTICIPANT', %s, now(), now() + interval '1 day')"
)
GRANT = (
    "INSERT INTO documents_documentgrant (id, user_id, content_object_id, permission_id, since) "
    "SELECT gen_random_uuid(), %s, %s, (SELECT min(id) FROM auth_permission), now()"
)


@pytest.fixture
def scene(world: World) -> Scene:
    return stage(world)


@pytest.fixture
def closed(scene: Scene) -> Scene:
    with being(scene.world.official):
        close_circle(scene.world.circle.pk)
    return scene


@pytest.mark.parametrize("table", ["dialogues_thread", "dialogues_message", "documents_document", "documents_version"])
def test_nothing_more_is_written_there(scene: Scene, table: str) -> None:
    world = scene.world
    # Written by whoever writes here, whosever row the copy starts from: which one it is, the table does not promise.
    sql = copied(table, number="number + 1", blob_id="'another'", author_id=f"'{world.official.pk}'")
    with build.as_owner():
        StoredBlob.objects.create(name="another")
    with being(world.official):
        assert not refused(sql), "the row itself is fit"
        close_circle(world.circle.pk)
        assert refused(sql)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE documents_document SET kind = 'TEXT'",
        "UPDATE documents_document SET marking_id = marking_id, level = level",
        "UPDATE documents_version SET change = change",
        "UPDATE dialogues_room SET archived_at = NULL",
        "UPDATE dialogues_room SET name = name",
    ],
)
@pytest.mark.parametrize("who", ["official", "engineer"])
def test_nothing_there_is_changed(closed: Scene, who: str, change: str) -> None:
    with being(closed.world.people[who]):
        assert Document.objects.exists()
        assert refused(change)


def test_nobody_is_let_in(closed: Scene) -> None:
    world, circle = closed.world, closed.world.circle.pk
    with build.as_owner():
        newcomer = build.person(world.maker)
        CircleInvitation.objects.create(
            circle=world.circle, person=world.engineer, organisation=world.maker, by=world.official,
            accepted_at=world.circle.created,
        )  # fmt: skip
        asked = CircleInvitation.objects.create(circle=world.circle, person=world.outsider, by=world.official)
        gone = CircleMember.objects.get(circle=world.circle, person=world.secretary)
        gone.until = timezone.now()
        gone.save()
    with being(world.official):
        assert refused(TIE, circle, world.outsider.pk, Role.OBSERVER)
        assert refused(FIRM, circle, world.outsider.organisation_id)
        assert refused(HANDLER, circle, world.maker.pk, newcomer.pk)
        assert refused(INVITATION, circle, world.outsider.pk, world.official.pk)
        assert refused(GRANT, world.outsider.pk, closed.document.pk)
        assert refused("UPDATE clearance_circlemember SET until = NULL WHERE id = %s", gone.pk)
        assert refused("UPDATE clearance_circlemember SET until = '2099-01-01'")
        assert not MarkingPreset.objects.filter(circle=circle).delete()[0]
    for who in (world.engineer, world.clearance_officer):
        with being(who):
            assert refused(HANDLER, circle, world.maker.pk, newcomer.pk)
    with being(world.outsider), connection.cursor() as cursor:
        cursor.execute("SELECT clearance_answer_invitation(%s, true)", [asked.pk])
        assert cursor.fetchone() == (False,)
        assert circle not in refresh().reach.circles


def test_who_is_in_reads_on_and_may_go_and_stewards_take_out(closed: Scene) -> None:
    world = closed.world
    end = "UPDATE clearance_circlemember SET until = now() WHERE person_id = %s"
    with being(world.secretary):
        assert Document.objects.exists()
        assert Message.objects.exists()
        assert refused(end, world.second_official.pk)
        assert not refused(end, world.secretary.pk)
    with being(world.official):
        assert not refused(end, world.second_official.pk)
        assert not refused("UPDATE clearance_namedhandler SET until = now()")
        assert not refused("UPDATE clearance_circleorganisation SET until = now()")


def test_only_its_steward_closes_a_circle_and_nobody_opens_it_again(scene: Scene) -> None:
    world, circle = scene.world, scene.world.circle.pk
    close = "SELECT * FROM clearance_close_circle(%s)"
    for who in ("second_official", "secretary", "engineer", "outsider", "clearance_officer"):
        with being(world.people[who]):
            assert refused(close, circle), who
            assert refused("UPDATE clearance_circle SET closed_at = now()"), who
    assert refused(close, circle)
    with being(world.official):
        assert refused(close, world.other_circle.pk)
        assert not refused(close, circle)
        assert refused(close, circle)
        assert refused("UPDATE clearance_circle SET closed_at = NULL")
    with build.as_owner():
        assert Circle.objects.get(pk=circle).closed_at is not None
        assert Circle.objects.get(pk=world.other_circle.pk).closed_at is None


def test_elsewhere_everything_goes_on(closed: Scene) -> None:
    world = closed.world
    with build.as_owner():
        build.join(world.other_circle, world.official, Role.STEWARD)
    paper = hand_over(world, world.official, circle=world.other_circle, worked=False)
    with being(world.official) as actor:
        assert world.other_circle.pk in actor.reach.writers & actor.reach.stewards
        assert not refused(TIE, world.other_circle.pk, world.outsider.pk, Role.OBSERVER)
        assert not refused("UPDATE documents_document SET kind = 'TEXT' WHERE id = %s", paper.pk)
