"""A room that has ended: read as before, written in by nobody, and still looked after."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from audit.models import Event
from clearance.access import Denied, visible_to
from clearance.models import Circle, CircleInvitation, NamedHandler, Role
from clearance.services import grants
from dialogues.models import Message, Room, Thread
from dialogues.queries import invitations, members, rooms
from dialogues.services import membership, speaking
from dialogues.services import rooms as services
from documents.models import Document
from documents.rules import abilities
from documents.services.withdrawing import withdraw
from tests import world as build
from tests.documents.acting import hand_over
from tests.world import World, as_owner

from . import scenes
from .scenes import page

pytestmark = pytest.mark.django_db

SignIn = Callable[..., Client]


@pytest.fixture
def thread(world: World, room: Room) -> Thread:
    return scenes.thread_in(room, world.engineer)


def end(world: World, room: Room) -> None:
    with scenes.being(world.official) as actor:
        services.archive(actor=actor, room=room)


def test_ending_a_room_closes_its_circle_and_is_one_event(world: World, room: Room) -> None:
    with as_owner():
        before = set(Event.objects.values_list("pk", flat=True))
    with scenes.being(world.official) as actor:
        after = services.archive(actor=actor, room=room)
        assert room.circle_id in after.reach.circles & after.reach.keepers
        assert room.circle_id not in after.reach.writers | after.reach.stewards
        with pytest.raises(Denied):
            services.archive(actor=after, room=room)
    with as_owner():
        assert Circle.objects.get(pk=room.circle_id).closed_at is not None
        assert [event.act for event in Event.objects.exclude(pk__in=before)] == ["room.archive"]


def test_everybody_reads_on_and_nobody_writes(world: World, room: Room, thread: Thread) -> None:
    paper = hand_over(world, world.engineer, marking=scenes.sensitive())
    end(world, room)
    for who in ("official", "second_official", "secretary", "engineer"):
        with scenes.being(world.people[who]) as actor:
            found = rooms.room(actor, room.pk)
            assert found.archived
            assert visible_to(actor, Thread.objects.filter(pk=thread.pk)).exists()
            may = abilities(actor, Document.objects.get(pk=paper.pk))
            assert may.download
            assert not any([may.add_version, may.relabel, may.widen, may.record])
            with pytest.raises(ValidationError, match="終了しています"):
                speaking.start_thread(actor=actor, room=found, title="題", body="文", marking=thread.marking)
            with pytest.raises(ValidationError, match="終了しています"):
                speaking.post(actor=actor, room=found, thread=thread, body="文", marking=thread.marking)


def test_nobody_is_let_in_any_more(world: World, room: Room) -> None:
    with scenes.being(world.official) as actor:
        membership.invite(
            actor=actor, room=room, email=world.outsider.email, whole_organisation=False, role=Role.PARTICIPANT
        )
    paper = hand_over(world, world.official, worked=False)
    with as_owner():
        newcomer = build.person(world.maker)
        CircleInvitation.objects.create(
            circle=world.circle, person=world.engineer, organisation=world.maker, by=world.official,
            accepted_at=world.circle.created,
        )  # fmt: skip
    end(world, room)
    with scenes.being(world.outsider) as actor:
        assert not invitations.waiting_for(actor)
    with scenes.being(world.official) as actor:
        for refused in (
            lambda: membership.invite(
                actor=actor, room=room, email=world.outsider.email, whole_organisation=False, role=Role.PARTICIPANT
            ),
            lambda: grants.give(actor=actor, item=Document.objects.get(pk=paper.pk), person=world.outsider),
            lambda: services.rename(actor=actor, room=room, name="名", purpose="目的", legal_basis=""),
        ):
            with pytest.raises(Denied):
                refused()
    for who in ("official", "engineer"):
        with scenes.being(world.people[who]) as actor, pytest.raises(Denied):
            membership.name_handler(actor=actor, room=room, organisation=world.maker, email=newcomer.email)


def test_members_still_leave_and_stewards_still_take_out_and_hand_on(world: World, room: Room) -> None:
    end(world, room)
    with scenes.being(world.engineer) as actor:
        assert room.circle_id not in membership.leave(actor=actor, room=room).reach.circles
    with scenes.being(world.official) as actor:
        people = members.people(room)
        membership.remove_member(actor=actor, room=room, member=people.get(person=world.secretary))
        firm = room.circle.organisations.get(organisation=world.partner)
        membership.remove_organisation(actor=actor, room=room, tie=firm)
        named = members.handler(room, NamedHandler.objects.get(person=world.colleague, until=None).pk)
        membership.strike_handler(actor=actor, room=room, handler=named)
        successor = people.get(person=world.second_official)
        membership.change_role(actor=actor, room=room, member=successor, role=Role.STEWARD)
        membership.leave(actor=actor, room=room)
    for who in ("engineer", "colleague", "secretary", "foreign", "official"):
        with scenes.being(world.people[who]) as actor:
            assert room.circle_id not in actor.reach.circles, who
    with scenes.being(world.second_official) as actor:
        assert room.circle_id in actor.reach.keepers


def test_whoever_did_not_run_it_looks_after_nothing(world: World, room: Room) -> None:
    end(world, room)
    with scenes.being(world.second_official) as actor:
        tie = members.people(room).get(person=world.secretary)
        firm = room.circle.organisations.get(organisation=world.partner)
        for refused in (
            lambda: membership.remove_member(actor=actor, room=room, member=tie),
            lambda: membership.change_role(actor=actor, room=room, member=tie, role=Role.STEWARD),
            lambda: membership.remove_organisation(actor=actor, room=room, tie=firm),
        ):
            with pytest.raises(Denied):
                refused()


def test_stewards_take_things_out(world: World, room: Room, thread: Thread) -> None:
    said = scenes.say(thread, world.engineer)
    other = hand_over(world, world.secretary, marking=scenes.sensitive())
    with scenes.being(world.official) as actor:
        grants.give(actor=actor, item=Document.objects.get(pk=other.pk), person=world.outsider)
    end(world, room)
    with scenes.being(world.engineer) as actor:
        with pytest.raises(Denied):
            speaking.withdraw(actor=actor, message=said)
        with pytest.raises(Denied):
            withdraw(actor=actor, document=Document.objects.get(pk=other.pk))
    with scenes.being(world.official) as actor:
        speaking.withdraw(actor=actor, message=said)
        grants.strike(actor=actor, item=Document.objects.get(pk=other.pk), person=world.outsider)
        withdraw(actor=actor, document=Document.objects.get(pk=other.pk))
    with as_owner():
        assert Document.objects.get(pk=other.pk).withdrawn
        assert Message.objects.get(pk=said.pk).withdrawn


def test_its_pages_offer_nothing_to_write(world: World, client_for: SignIn, room: Room, thread: Thread) -> None:
    client = client_for(world.official)
    assert "元に戻すことはできません" in page(client, "archive", room.pk)
    client.post(reverse("dialogues:archive", args=[room.pk]))
    shown = page(client, "room", room.pk)
    assert "この対話の場は終了しています" in shown
    assert "話題を始める" not in shown
    assert "投稿する" not in page(client_for(world.engineer), "thread", room.pk, thread.pk)
    assert room.name not in page(client, "index")
    assert room.name in page(client, "index", query="?archived=1")
    assert "外す" in page(client, "members", room.pk)
    assert "招待する" not in page(client, "members", room.pk)
    assert room.name not in client.get("/documents/receive/").content.decode()
    for name in ("archive", "rename", "invite", "start"):
        assert client.get(reverse(f"dialogues:{name}", args=[room.pk])).status_code == 404


@pytest.mark.parametrize("who", ["official", "engineer"])
def test_what_was_being_written_when_it_ended_is_not_lost(
    world: World, client_for: SignIn, room: Room, thread: Thread, who: str
) -> None:
    end(world, room)
    client = client_for(world.people[who])
    for name, keys in (("start", [room.pk]), ("thread", [room.pk, thread.pk])):
        given = {"title": "題", "body": "遅れた発言", "marking": str(thread.marking_id), "post": "1"}
        answer = client.post(reverse(f"dialogues:{name}", args=keys), given)
        assert answer.status_code == 200
        told = answer.content.decode()
        assert "この対話の場は終了しています。閲覧のみできます。" in told
        assert "遅れた発言" in told
    assert "遅れた発言" not in page(client, "thread", room.pk, thread.pk)


def test_the_register_of_a_document_there_is_seen_and_struck_but_not_added_to(
    world: World, client_for: SignIn, room: Room
) -> None:
    paper = hand_over(world, world.official)
    with scenes.being(world.official) as actor:
        grants.give(actor=actor, item=Document.objects.get(pk=paper.pk), person=world.outsider)
    end(world, room)
    client, address = client_for(world.official), f"/documents/{paper.pk}/register/"
    assert world.outsider.name in client.get(address).content.decode()
    assert client.post(address, {"email": world.auditor.email}).status_code == 404
    client.post(f"/documents/{paper.pk}/register/{world.outsider.pk}/strike/")
    told = client.get(address).content.decode()
    assert world.outsider.name not in told
    assert "新しく許可することはできません" in told
    assert client_for(world.secretary).get(address).status_code == 404
