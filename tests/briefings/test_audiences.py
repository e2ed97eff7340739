"""Bureaus and audiences: circles of officials who write, and of whom it is for."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404

from audit.models import Event
from briefings.models import Audience, Briefing, Bureau
from briefings.services import audiences, drafting, reviewing
from clearance.markings import marking
from clearance.models import CircleMember, NamedHandler
from tests.briefings import desk as on
from tests.briefings.desk import Desk, content
from tests.dialogues.scenes import scene
from tests.world import World, agreement, as_owner, authorise, being, organisation, person, release_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(world: World) -> Desk:
    return on.desk(world)


def names(model: Any) -> list[str]:
    return [each.name for each in model.objects.order_by("created", "id")]


def test_officials_open_a_bureau_and_let_officials_in(world: World) -> None:
    with being(world.official) as actor:
        bureau = audiences.open_bureau(actor=actor, name="半導体の班", ceiling=world.hi_semicon)
    with being(world.official) as actor:
        audiences.add_official(actor=actor, bureau=bureau, person=world.second_official)
        with pytest.raises(ValidationError):
            audiences.add_official(actor=actor, bureau=bureau, person=world.engineer)
    with being(world.second_official) as actor:
        assert names(Bureau) == ["半導体の班"]
        with pytest.raises(Http404):
            audiences.add_official(actor=actor, bureau=bureau, person=world.official)
    for who in (world.secretary, world.engineer):
        with being(who) as actor, pytest.raises(Http404):
            audiences.open_bureau(actor=actor, name="にせの班", ceiling=marking(1))


def test_an_audience_of_some_countries_is_known_within_them(desk: Desk, world: World) -> None:
    with as_owner():
        release_group("JP-ONLY", "JP")
    with being(world.official) as actor:
        audience = audiences.open_list(
            actor=actor, name="国内の各社", ceiling=marking(2, ["SEMICON"], ["JP-ONLY"]), organisations=[], people=[]
        )
    assert audience.marking.text == "SENSITIVE//REL:JP-ONLY"


def test_a_list_reaches_those_on_it_and_both_officials_publish_to_it(desk: Desk, world: World) -> None:
    with being(world.official) as actor:
        audience = audiences.open_list(
            actor=actor, name="感光材の三社", ceiling=world.hi_semicon, organisations=[world.maker],
            people=[world.engineer, world.outsider, world.second_official],
        )  # fmt: skip
    with as_owner():
        assert Event.objects.filter(act="audience.open").count() == 1
        assert [each.person_id for each in NamedHandler.objects.filter(circle=audience.circle)] == [world.engineer.pk]
        members = dict(CircleMember.objects.filter(circle=audience.circle).values_list("person_id", "role"))
        stewards = {world.official.pk: "STEWARD", world.second_official.pk: "STEWARD"}
        assert members == stewards | {world.outsider.pk: "PARTICIPANT"}
    with being(world.official) as actor:
        draft = drafting.start(actor=actor, bureau=desk.bureau, kind="SUPPLY", marking=marking(1))
        drafting.save(actor=actor, draft=draft, content=content(), seen=1)
        drafting.set_audience(actor=actor, draft=draft, audience=audience)
        review = drafting.submit(actor=actor, draft=draft, reviewer=world.second_official)
    with being(world.second_official) as actor:
        assert reviewing.approve(actor=actor, review=review) is not None
    for who, there in ((world.engineer, True), (world.outsider, True), (world.colleague, True), (world.foreign, False)):
        with being(who):
            assert Briefing.objects.exists() is there, who.name


def test_readers_never_see_what_an_audience_is_called_or_that_it_is_there(desk: Desk, world: World) -> None:
    on.published(desk)
    for who in (world.engineer, world.foreign, world.secretary):
        with being(who):
            assert Briefing.objects.exists()
            assert not Audience.objects.exists()
            assert not Bureau.objects.exists()
    with being(world.second_official):
        assert names(Audience) == ["材料各社の名簿"]


def test_a_sector_is_all_its_firms_and_takes_in_those_that_join(world: World) -> None:
    with as_owner():
        world.maker.sectors = ["SEMICON", "CHEMICALS"]
        world.maker.save(update_fields=["sectors"])
        organisation("休業中", sectors=["SEMICON"], active=False)
        organisation("別の業種", sectors=["OIL"])
    with being(world.official) as actor:
        audience = audiences.open_sector(actor=actor, sector="SEMICON", ceiling=marking(1))
        assert (audience.kind, audience.sector, audience.name) == ("SECTOR", "SEMICON", "半導体")
    with as_owner():
        late = organisation("新しい会社", sectors=["SEMICON"])
        agreement(late)
        reader = person(late)
        authorise(reader, 1)
    with being(world.official) as actor:
        assert audiences.refresh_sector(actor=actor, audience=audience) == 1
        assert audiences.refresh_sector(actor=actor, audience=audience) == 0
        with pytest.raises(ValidationError):
            audiences.open_sector(actor=actor, sector="MAGIC", ceiling=marking(1))
    with being(reader) as actor:
        assert audience.circle_id in actor.reach.circles_open
        assert audience.circle_id not in actor.reach.circles, "nobody has named them"


def test_a_rooms_audience_is_made_once(world: World) -> None:
    room = scene(world)
    with being(world.official) as actor:
        first = audiences.for_room(actor=actor, room=room)
    with being(world.second_official) as actor:
        assert audiences.for_room(actor=actor, room=room).pk == first.pk
        with pytest.raises(Http404):
            audiences.refresh_sector(actor=actor, audience=first)
    with being(world.official) as actor, pytest.raises(ValidationError):
        audiences.refresh_sector(actor=actor, audience=first)
    for who in (world.secretary, world.engineer):
        with being(who) as actor, pytest.raises(Http404):
            audiences.for_room(actor=actor, room=room)
