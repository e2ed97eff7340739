"""Who will read which section, who not and why: by name to those who run the audience, as far as they may know."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404

from briefings.queries.reach import Readers, Why, by_section, reach
from clearance import context
from clearance.markings import marking
from clearance.models import OrganisationCertification
from tests.briefings.desk import content
from tests.world import World, as_owner, authorise, being, join, person, release_group

pytestmark = pytest.mark.django_db


def told(world: World, found: Readers) -> dict[str, str]:
    names = {who.pk: name for name, who in world.people.items()}
    return {names.get(each.pk, each.name): "" for each in found.will} | {
        names.get(each.person.pk, each.person.name): each.why.name for each in found.will_not
    }


def test_for_each_section_by_name_and_why(world: World) -> None:
    with as_owner():
        unnamed = person(world.maker, "名 無子")
    with being(world.official) as actor:
        low, mid, high = by_section(actor, world.circle, content().sections)
        assert all(each.named for each in (low, mid, high))
        everybody = ("official", "second_official", "secretary", "engineer")
        assert told(world, high) == dict.fromkeys(everybody, "") | {
            "colleague": "NOT_AUTHORISED", "expired": "NOT_AUTHORISED", "foreign": "NOT_AUTHORISED",
            unnamed.name: "NOT_NAMED",
        }  # fmt: skip
        assert told(world, mid) == told(world, high) | {"foreign": ""}
        assert set(told(world, low).values()) == {""}, "what is open reaches all of a firm"
        assert len(told(world, low)) == 8


def test_who_is_said_to_read_it_is_who_reads_it(world: World) -> None:
    """Against the decision itself: the level each of the circle holds when they are there."""
    with being(world.official) as actor:
        found = reach(actor, world.circle, world.hi_semicon)
    for name, who in world.people.items():
        with being(who) as actor:
            reads = actor.reach.has(0, 2) and world.circle.pk in actor.reach.circles
        assert (who in found.will) is reads, name
    assert found.people == len(found.will)


def test_why_not_is_coarse(world: World) -> None:
    with as_owner():
        world.circle.ceiling = marking(2, ["SEMICON", "BATTERY"], tlp="")
        world.circle.save(update_fields=["ceiling"])
        authorise(world.foreign, 2, "SEMICON")
        OrganisationCertification.objects.filter(organisation=world.maker).update(highest=1)
        release_group("JP-ONLY", "JP")
    with being(world.official) as actor:
        assert told(world, reach(actor, world.circle, marking(2, ["BATTERY"])))["secretary"] == "COMPARTMENT"
        assert (
            told(world, reach(actor, world.circle, marking(2, ["SEMICON"], ["JP-ONLY"])))["foreign"] == "NOT_RELEASABLE"
        )
        assert told(world, reach(actor, world.circle, marking(2)))["engineer"] == "ORGANISATION_NOT_COVERED"
    assert {each.name for each in Why} >= {"COMPARTMENT", "NOT_RELEASABLE", "ORGANISATION_NOT_COVERED"}


def test_names_are_for_those_who_run_the_circle(world: World) -> None:
    with being(world.second_official) as actor:
        found = reach(actor, world.circle, world.hi_semicon)
        assert (found.people, found.named, found.will, found.will_not) == (4, False, (), ())
        with pytest.raises(DatabaseError), transaction.atomic():
            context.readers(circle=world.circle.pk, level=1, comp_mask=1 << 62, release_mask=-1)
    for who in (world.engineer, world.secretary, world.clearance_officer, world.outsider):
        with being(who) as actor, pytest.raises(Http404):
            reach(actor, world.circle, marking(0))


def test_nobody_asks_beyond_what_they_hold_or_the_circle_may(world: World) -> None:
    with as_owner():
        narrow = person(world.ministry, "官 五郎", "OFFICIAL")
        authorise(narrow, 1, basis="OFFICIAL")
        join(world.circle, narrow, "STEWARD")
    with being(narrow) as actor:
        assert not reach(actor, world.circle, world.hi_semicon).named
        assert reach(actor, world.circle, marking(1)).named
        with pytest.raises(DatabaseError), transaction.atomic():
            context.readers(circle=world.circle.pk, level=2, comp_mask=world.hi_semicon.comp_mask, release_mask=-1)
    with being(world.official, 3) as actor:
        assert not reach(actor, world.circle, marking(2, ["BATTERY"])).named, "the circle does not hold it"
        for level in (3, 4):
            with pytest.raises(DatabaseError), transaction.atomic():
                context.readers(circle=world.circle.pk, level=level, comp_mask=1 << 62, release_mask=-1)
