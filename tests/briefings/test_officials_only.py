"""What the database itself holds to officials, whatever pages leave out: statements in a firm's own context."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from briefings.models import Acknowledgement, Audience, Briefing, Bureau, Draft, Opening, Reply, Review, State
from briefings.services import reading
from clearance.markings import from_text
from clearance.models import NamedHandler
from tests.briefings import desk as on
from tests.briefings.desk import Desk, content, published
from tests.world import World, as_owner, authorise, being, circle, join_firm, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(world: World) -> Desk:
    return on.desk(world)


def test_two_colleagues_of_a_firm_publish_nothing(desk: Desk, world: World) -> None:
    real = published(desk)
    with as_owner():
        second = person(world.maker, "共 謀子")
        authorise(second, 2, "SEMICON")
        NamedHandler.objects.create(circle=world.circle, organisation=world.maker, person=second)
    public, mine = from_text("PUBLIC"), world.engineer
    draft = Draft(
        circle=world.circle, marking=public, author=mine, saved_by=mine, content=content(("PUBLIC",)).as_json(),
        audience=desk.audience, state=State.IN_REVIEW,
    )  # fmt: skip
    where = {"circle": world.circle, "marking": public, "name": "偽", "opened_by": mine}
    for row in (draft, Bureau(**where), Audience(kind="LIST", **where)):
        with being(mine), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            row.save(force_insert=True)
    # Each step further is refused by itself: with the draft there, the review; with both there, the briefing.
    with as_owner():
        draft.save(force_insert=True)
    review = Review(draft=draft, revision=1, asked_by=mine, reviewer=second)
    with being(mine), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        review.save(force_insert=True)
    with as_owner():
        review.save(force_insert=True)
    with being(second):
        assert Review.objects.filter(pk=review.pk).update(answer="APPROVED", answered_at=timezone.now()) == 0
    with as_owner():
        Review.objects.filter(pk=review.pk).update(answer="APPROVED", answered_at=timezone.now())
    for who in (second, world.official):
        forged = Briefing(
            circle=world.circle, marking=public, title="偽", kind=real.kind, severity=1, likelihood=1, concerns={},
            confidence=real.confidence, originator=world.ministry, author=mine, approved_by=second,
        )  # fmt: skip
        with being(who), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            forged.save(force_insert=True)


def test_whoever_runs_a_room_and_is_no_official_reads_of_no_firm(desk: Desk, world: World) -> None:
    with as_owner():
        room = circle(from_text("SENSITIVE"), world.official, world.second_official, steward=world.secretary)
        join_firm(room, world.maker, world.engineer)
    briefing = published(desk, content(("PUBLIC",)), audience=on.audience_on(room, world.official))
    with being(world.engineer) as actor:
        found = Briefing.objects.get(pk=briefing.pk)
        reading.open_briefing(actor=actor, briefing=found)
        reading.acknowledge(actor=actor, briefing=found)
        reading.reply(actor=actor, briefing=found, kind="QUESTION", text="当社だけの秘密")
    for who, seen in ((world.secretary, 0), (world.official, 1), (world.engineer, 1)):
        with being(who):
            assert Briefing.objects.count() == 1
            counts = [model.objects.count() for model in (Reply, Opening, Acknowledgement)]
            assert counts == [seen] * 3, who.name
