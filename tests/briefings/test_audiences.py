"""Bureaus and audiences: circles of officials who write, and of whom it is for."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.http import Http404

from audit.models import Event
from briefings import database
from briefings.models import Audience, Briefing, Bureau, Portion
from briefings.queries.board import runs
from briefings.queries.reach import reach
from briefings.services import audiences, drafting, reviewing
from clearance.markings import marking
from clearance.models import CircleMember, NamedHandler
from tests.briefings import desk as on
from tests.briefings.desk import Desk, content
from tests.dialogues.scenes import scene
from tests.world import (
    World,
    agreement,
    as_owner,
    authorise,
    being,
    organisation,
    person,
    release_group,
    sign_in,
)

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


def test_there_is_one_audience_of_everybody_for_what_is_public(desk: Desk, world: World) -> None:
    with as_owner():
        elsewhere = person(organisation("別の庁（架空）", "MINISTRY"), "庁 三郎", "OFFICIAL")
        authorise(elsewhere, 2, "SEMICON", basis="OFFICIAL")
    with being(world.official) as actor:
        audience = audiences.open_everyone(actor=actor)
        assert (audience.kind, audience.marking.text) == ("EVERYONE", "PUBLIC")
    with being(world.official) as actor:
        draft = drafting.start(actor=actor, bureau=desk.bureau, kind="SUPPLY", marking=marking(1))
        drafting.save(actor=actor, draft=draft, content=content(("PUBLIC", "SENSITIVE")), seen=1)
        drafting.set_audience(actor=actor, draft=draft, audience=audience)
        with pytest.raises(ValidationError) as refused:
            drafting.submit(actor=actor, draft=draft, reviewer=world.second_official)
        assert [error.code for error in refused.value.error_list] == ["above_audience"]
        drafting.save(actor=actor, draft=draft, content=content(("PUBLIC",)), seen=2)
        told = reach(actor, audience.circle, marking(0))
        assert (told.people, told.named) == (len(world.people) + 1, False)
        review = drafting.submit(actor=actor, draft=draft, reviewer=world.second_official)
    with being(world.second_official) as actor:  # of the same group: let in with the one who opened it
        assert audiences.open_everyone(actor=actor).pk == audience.pk
        made = reviewing.approve(actor=actor, review=review)
        assert made is not None
        assert runs(actor, made)
    with being(elsewhere) as actor:
        assert audiences.open_everyone(actor=actor).pk == audience.pk
    with being(elsewhere) as actor:
        assert audience.circle_id in actor.reach.writers - actor.reach.keepers
        assert not runs(actor, made)
    for who in world.people.values():
        with being(who):
            assert [each.title for each in Briefing.objects.all()] == [on.TITLE], who.name
    with as_owner():
        opened = Event.objects.filter(act="audience.open", target_id=str(audience.pk))
        assert [each.person_id for each in opened.order_by("at", "id")] == [world.official.pk, elsewhere.pk]
        head = Briefing.objects.get()
        with pytest.raises(DatabaseError, match="ceiling"), transaction.atomic():
            Portion(
                briefing=head, slot=head.pk, place=9, heading="x", body="x", more={}, approved_by=world.official,
                marking=marking(1), circle_id=audience.circle_id,
            ).save(force_insert=True)  # fmt: skip


def test_officials_alone_open_it_and_for_nothing_above_public(world: World) -> None:
    for who in (world.secretary, world.engineer):
        with being(who) as actor, pytest.raises(Http404):
            audiences.open_everyone(actor=actor)
    for who, ceiling in ((world.engineer, marking(0)), (world.official, marking(1))):
        with being(who), pytest.raises(DatabaseError), transaction.atomic():
            database.join_everyone(1, ceiling.pk, [])
    with being(world.official), transaction.atomic():  # nobody else comes in with an official
        circle = database.join_everyone(7, marking(0).pk, [world.engineer.pk, world.clearance_officer.pk])
    with as_owner():
        ties = CircleMember.objects.filter(circle_id=circle)
        assert [(tie.person_id, tie.role) for tie in ties] == [(world.official.pk, "STEWARD")]


def test_the_page_of_it_says_what_it_is_before_it_is_used(desk: Desk, world: World) -> None:
    client = sign_in(world.official)
    page = client.get("/briefings/audiences/everyone/").content.decode()
    assert "公開の情報だけを届けられます" in page
    with as_owner():
        assert not Audience.objects.filter(kind="EVERYONE").exists()
    answer = client.post("/briefings/audiences/everyone/", follow=True)
    assert "全利用者（公開のみ）" in answer.content.decode()
    draft = on.draft_of(desk, content(("PUBLIC",)), audience=None)
    with being(world.official) as actor:
        drafting.set_audience(actor=actor, draft=draft, audience=audiences.open_everyone(actor=actor))
    assert (
        "サインインできる利用者の全員が読めます" in client.get(f"/briefings/drafts/{draft.pk}/reach/").content.decode()
    )
