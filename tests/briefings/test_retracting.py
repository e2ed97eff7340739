"""Taken back: gone for everybody at the next question, and told to each who had read it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone

from audit.models import Event
from briefings.delivery import occasions
from briefings.models import Briefing, Delivery, Notice, Opening, Portion
from briefings.queries.standing import standing
from briefings.services.publishing import retract
from briefings.services.reading import open_briefing
from documents.models import Document
from tests.briefings import desk as on
from tests.briefings.desk import Desk
from tests.world import World, as_owner, as_role, authorise, being, join, person, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(world: World) -> Desk:
    return on.desk(world)


def test_it_is_gone_for_everybody_and_told_to_each_reader(desk: Desk, world: World) -> None:
    briefing = on.published(desk)
    readers = (world.engineer, world.foreign)
    for who in readers:
        with being(who):
            Opening(briefing=briefing, person=who).save(force_insert=True)
    with being(world.engineer):
        before = Portion.objects.count()
        assert before == 3
    with being(desk.author) as actor:
        retract(actor=actor, briefing=briefing, reason_code="OVERTAKEN")
        assert not Briefing.objects.exists()
        with pytest.raises(ValidationError):
            retract(actor=actor, briefing=briefing, reason_code="OVERTAKEN")  # of two at once the second finds nothing
    for who in (*readers, world.colleague, desk.reviewer):
        with being(who):
            assert not Briefing.objects.exists()
            assert not Portion.objects.exists()
            told = list(Notice.objects.values_list("person_id", "kind", "about", "read_on"))
            mine = [(who.pk, "RETRACTED", briefing.pk, timezone.localdate())]
            assert told == (mine if who in readers else [])
    with as_owner():
        noted = Event.objects.filter(act="briefing.retract").values_list("label", "detail__reason")
        assert sorted(noted) == [("HI//SEMICON", "OVERTAKEN"), ("PUBLIC", "OVERTAKEN"), ("PUBLIC", "OVERTAKEN"), (
            "SENSITIVE", "OVERTAKEN"
        )]  # fmt: skip


def test_whom_a_search_showed_passages_is_told_and_has_not_read_it(desk: Desk, world: World) -> None:
    briefing = on.published(desk)
    client = sign_in(world.engineer)
    assert "四週間分" in client.get("/briefings/?q=四週間分").content.decode()
    with being(world.engineer) as actor:
        assert standing(actor, [briefing])[briefing.pk].unread
        open_briefing(actor=actor, briefing=Briefing.objects.get())
        assert not standing(actor, [briefing])[briefing.pk].unread
    other = sign_in(world.foreign)
    assert "三か月" in other.get("/briefings/?q=三か月").content.decode()
    with being(desk.author) as actor:
        retract(actor=actor, briefing=briefing, reason_code="MISTAKEN")
    for who in (world.engineer, world.foreign):
        with being(who):
            assert Notice.objects.get().about == briefing.pk


def test_the_page_says_that_documents_stay_and_which(desk: Desk, world: World) -> None:
    with as_owner():
        attached = Document(
            circle=world.circle, marking=world.hi_semicon, title="秘の図面", originator=world.ministry,
            handed_over_by=desk.author, kind="PDF",
        )  # fmt: skip
        attached.save(force_insert=True)
    first, second, third = on.content().sections
    written = on.content(sections=(first, second, replace(third, documents=(str(attached.pk),))))
    briefing = on.published(desk, written)
    page = sign_in(desk.author).get(f"/briefings/{briefing.pk}/retract/").content.decode()
    assert "添付した文書は消えません" in page
    assert "秘の図面" in page
    assert "秘文書" in page
    with as_owner():
        assert Event.objects.get(act="briefing.open").level == 2


def test_sections_out_of_the_retracting_officials_sight_go_as_well(desk: Desk, world: World) -> None:
    briefing = on.published(desk)
    with as_owner():
        lower = person(world.ministry, "官 四郎", "OFFICIAL")
        authorise(lower, 1, basis="OFFICIAL")
        join(world.circle, lower)
    with being(lower) as actor:
        retract(actor=actor, briefing=briefing, reason_code="MISTAKEN")
    with as_owner():
        assert Portion.objects.filter(withdrawn=True).count() == 3


def test_only_those_whose_it_is_take_it_back(desk: Desk, world: World) -> None:
    briefing = on.published(desk)
    for who in (world.engineer, world.secretary, world.clearance_officer, world.outsider):
        with being(who) as actor, pytest.raises(Http404):
            retract(actor=actor, briefing=briefing, reason_code="MISTAKEN")
    with being(desk.author) as actor, pytest.raises(ValueError, match="SPITE"):
        retract(actor=actor, briefing=briefing, reason_code="SPITE")
    with being(world.engineer):
        assert Portion.objects.count() == 3


def test_whoever_was_being_shown_it_meanwhile_is_told_as_well(desk: Desk, world: World) -> None:
    """Their opening is seen once their request is over, which was still being answered when it was retracted."""
    briefing = on.published(desk)
    with being(world.engineer):
        Opening(briefing=briefing, person=world.engineer).save(force_insert=True)
    with being(desk.author) as actor:
        retract(actor=actor, briefing=briefing, reason_code="MISTAKEN")
    for late in (world.foreign, world.colleague):
        with as_owner():
            Opening(briefing=briefing, person=late).save(force_insert=True)
        for _again in range(2):
            with as_role("portal_worker"):
                occasions.spread_due()
        with being(late):
            assert [each.about for each in Notice.objects.all()] == [briefing.pk]
    with as_owner():
        readers = {world.engineer.pk, world.foreign.pk, world.colleague.pk}
        assert sorted(Notice.objects.values_list("person_id", flat=True)) == sorted(readers)
        letters = Delivery.objects.filter(kind="RETRACTED", hook=None).values_list("person_id", flat=True)
        assert sorted(letters) == sorted(readers)
