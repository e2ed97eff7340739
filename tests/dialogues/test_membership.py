"""Asking in, answering, leaving, removing, naming handlers: and what each of them opens or closes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import Membership, Person
from clearance.access import Denied, visible_to
from clearance.context import answer_invitation
from clearance.models import (
    CircleInvitation,
    CircleMember,
    CircleOrganisation,
    NamedHandler,
    Role,
)
from clearance.queries.acquaintance import person_known_to
from dialogues.models import Message, Room, RoomGrant, Thread
from dialogues.queries import invitations, members, rooms
from dialogues.services import membership
from dialogues.services import rooms as services
from tests.world import World, agreement, as_owner, authorise, organisation, person

from . import scenes

pytestmark = pytest.mark.django_db


def ask(world: World, room: Room, who: Person, *, firm: bool = False, role: str = Role.PARTICIPANT) -> CircleInvitation:
    with scenes.being(world.official) as actor:
        return membership.invite(actor=actor, room=room, email=who.email, whole_organisation=firm, role=role)


def answer(who: Person, *, accept: bool) -> None:
    with scenes.being(who) as actor:
        (invited,) = invitations.waiting_for(actor)
        (membership.accept if accept else membership.decline)(actor=actor, invited=invited)


def reads(who: Person, room: Room) -> bool:
    """Whether anything that lies in the room is there for the person."""
    with scenes.being(who) as actor:
        return visible_to(actor, Thread.objects.filter(room=room)).exists()


def lists(who: Person) -> list[Room]:
    with scenes.being(who) as actor:
        return list(rooms.listed(actor))


@pytest.fixture
def room(world: World) -> Room:
    room = scenes.scene(world)
    scenes.thread_in(room, world.official)
    return room


@pytest.fixture
def newcomer(world: World) -> Person:
    """Somebody of a firm that is not in the room yet."""
    with as_owner():
        firm = organisation("霧島化学（架空）")
        agreement(firm)
        made = person(firm, "新 来子")
        authorise(made, 2, "SEMICON")
    return made


def test_whoever_is_asked_learns_the_name_and_nothing_that_lies_in_the_room(
    world: World, room: Room, newcomer: Person
) -> None:
    ask(world, room, newcomer)
    with scenes.being(newcomer) as actor:
        (invited,) = invitations.waiting_for(actor)
        assert invited.room is not None
        assert invited.room.name == "半導体材料の安定供給"
        assert not list(rooms.listed(actor))
        with pytest.raises(Http404):
            rooms.room(actor, room.pk)
        assert not Thread.objects.exists()
        assert not Message.objects.exists()
        assert not CircleMember.objects.exists()
    assert not reads(newcomer, room)


def test_without_the_authorisation_for_its_marking_not_even_the_name_is_told(world: World, room: Room) -> None:
    with as_owner():
        unpledged = person(organisation("無誓約産業（架空）"))
    ask(world, room, unpledged)
    with scenes.being(unpledged) as actor:
        (invited,) = invitations.waiting_for(actor)
        assert invited.room is None


def test_accepting_lets_one_in_with_the_role_one_was_asked_for(world: World, room: Room, newcomer: Person) -> None:
    ask(world, room, newcomer, role=Role.OBSERVER)
    answer(newcomer, accept=True)
    assert reads(newcomer, room)
    assert [found.pk for found in lists(newcomer)] == [room.pk]
    with scenes.being(newcomer) as actor:
        assert room.circle_id not in actor.reach.writers
        assert not invitations.waiting_for(actor)


def test_declining_ends_the_sight_of_the_name(world: World, room: Room, newcomer: Person) -> None:
    ask(world, room, newcomer)
    answer(newcomer, accept=False)
    with scenes.being(newcomer):
        assert not Room.objects.exists()
    with scenes.being(world.official):
        assert CircleInvitation.objects.get(person=newcomer).declined_at is not None


def test_somebody_who_declined_may_be_asked_again(world: World, room: Room, newcomer: Person) -> None:
    ask(world, room, newcomer)
    answer(newcomer, accept=False)
    ask(world, room, newcomer)
    with scenes.being(newcomer) as actor:
        (invited,) = invitations.waiting_for(actor)
        assert invited.room is not None


def test_a_firm_joins_through_the_one_who_answers_and_reaches_only_whom_they_name(
    world: World, room: Room, newcomer: Person
) -> None:
    with as_owner():
        colleague = person(newcomer.organisation, "同 輩子")
        authorise(colleague, 2, "SEMICON")
    ask(world, room, newcomer, firm=True)
    answer(newcomer, accept=True)
    assert reads(newcomer, room)
    assert not reads(colleague, room)
    with scenes.being(newcomer) as actor:
        membership.name_handler(
            actor=actor, room=room, organisation=newcomer.organisation, email=colleague.email.upper()
        )
    assert reads(colleague, room)
    with scenes.being(colleague) as actor, pytest.raises(Denied):
        membership.name_handler(actor=actor, room=room, organisation=newcomer.organisation, email=newcomer.email)
    with scenes.being(newcomer) as actor:
        handler = members.handler(room, NamedHandler.objects.get(person=colleague, until__isnull=True).pk)
        membership.strike_handler(actor=actor, room=room, handler=handler)
    assert not reads(colleague, room)


def test_the_contact_of_one_firm_names_nobody_of_another(world: World, room: Room, newcomer: Person) -> None:
    ask(world, room, newcomer, firm=True)
    answer(newcomer, accept=True)
    with scenes.being(newcomer) as actor, pytest.raises(Denied):
        membership.name_handler(actor=actor, room=room, organisation=world.maker, email=world.engineer.email)
    with scenes.being(newcomer), pytest.raises(Exception, match="row-level security"):
        NamedHandler(circle_id=room.circle_id, organisation=world.maker, person=world.colleague).save(force_insert=True)


def test_a_struck_contact_names_nobody_any_more(world: World, room: Room, newcomer: Person) -> None:
    ask(world, room, newcomer, firm=True)
    answer(newcomer, accept=True)
    with scenes.being(world.official) as actor:
        handler = members.handler(room, NamedHandler.objects.get(person=newcomer).pk)
        membership.strike_handler(actor=actor, room=room, handler=handler)
    with scenes.being(newcomer), pytest.raises(Exception, match="row-level security"):
        NamedHandler(circle_id=room.circle_id, organisation=newcomer.organisation, person=newcomer).save(
            force_insert=True
        )


def test_an_invitation_is_answered_by_the_person_asked_and_by_nobody_else(
    world: World, room: Room, newcomer: Person
) -> None:
    asked = ask(world, room, newcomer)
    for who in (world.outsider, world.engineer, world.official):
        with scenes.being(who) as actor:
            assert not answer_invitation(asked.pk, accept=True)
            with pytest.raises(Http404):
                invitations.invitation(actor, asked.pk)


@pytest.mark.parametrize("what", ["lapsed", "withdrawn", "declined", "steward gone", "answered"])
def test_an_invitation_that_is_over_leads_nowhere(world: World, room: Room, newcomer: Person, what: str) -> None:
    asked = ask(world, room, newcomer)
    now = timezone.now()
    with as_owner():
        found = CircleInvitation.objects.filter(pk=asked.pk)
        if what == "lapsed":
            found.update(created=now - timedelta(days=30), until=now - timedelta(days=1))
        elif what == "steward gone":
            CircleMember.objects.filter(person=world.official).update(until=now - timedelta(days=1))
        else:
            field = {"withdrawn": "withdrawn_at", "declined": "declined_at", "answered": "accepted_at"}[what]
            found.update(**{field: now})
    with scenes.being(newcomer):
        assert not answer_invitation(asked.pk, accept=True)
    assert not reads(newcomer, room)


def test_taking_an_invitation_back_takes_the_name_away_too(world: World, room: Room, newcomer: Person) -> None:
    asked = ask(world, room, newcomer)
    with scenes.being(world.official) as actor:
        membership.withdraw_invitation(actor=actor, room=room, invitation=asked)
    with scenes.being(newcomer) as actor:
        assert not invitations.waiting_for(actor)
        assert not Room.objects.exists()


def test_nobody_can_answer_by_writing_the_row(world: World, room: Room, newcomer: Person) -> None:
    asked = ask(world, room, newcomer)
    with scenes.being(newcomer), pytest.raises(Exception, match="permission denied"):
        CircleInvitation.objects.filter(pk=asked.pk).update(accepted_at=timezone.now())


def test_nobody_invites_themselves(world: World, room: Room) -> None:
    with scenes.being(world.outsider) as actor, pytest.raises(Denied):
        membership.invite(
            actor=actor, room=room, email=world.outsider.email, whole_organisation=False, role=Role.PARTICIPANT
        )
    with scenes.being(world.outsider), pytest.raises(Exception, match="row-level security"):
        CircleInvitation(circle_id=room.circle_id, person=world.outsider, by=world.outsider).save(force_insert=True)


def test_an_answer_ends_no_grant_in_another_circle(world: World, room: Room, newcomer: Person) -> None:
    """A steward who names somebody else's item as what the invitation is to ends nothing with it."""
    elsewhere = scenes.room_on(world.other_circle, world.second_official)
    with as_owner():
        asked_id = ask(world, room, newcomer).pk
        grant = RoomGrant.objects.get(content_object=room)
        grant.pk, grant.content_object, grant.until = uuid7(), elsewhere, None
        grant.save(force_insert=True)
        CircleInvitation.objects.filter(pk=asked_id).update(item=elsewhere.pk)
    with scenes.being(newcomer):
        assert answer_invitation(asked_id, accept=False)
    with as_owner():
        assert RoomGrant.objects.get(content_object=elsewhere).until is None


@pytest.mark.parametrize(
    ("by", "whom", "known"),
    [
        ("official", "outsider", True),
        ("secretary", "foreign", True),  # they share the room
        ("secretary", "member", True),  # of a firm that belongs to the association
        ("secretary", "outsider", False),
        ("secretary", "former", False),
        ("engineer", "colleague", True),
        ("engineer", "outsider", False),
    ],
)
def test_whom_a_steward_may_know_of(world: World, room: Room, by: str, whom: str, known: bool) -> None:
    with as_owner():
        member, former = organisation("会員（架空）"), organisation("元会員（架空）")
        ago = timezone.now() - timedelta(days=10)
        Membership.objects.create(association=world.association, member=member, since=ago)
        Membership.objects.create(
            association=world.association, member=former, since=ago, until=ago + timedelta(days=1)
        )
        people = {**world.people, "member": person(member), "former": person(former)}
    with scenes.being(world.people[by]) as actor:
        assert (person_known_to(actor, people[whom].email) is not None) is known


def test_an_unknown_address_and_a_person_not_to_be_known_give_the_same_answer(world: World, room: Room) -> None:
    with as_owner():
        CircleMember.objects.filter(person=world.secretary).update(role=Role.STEWARD)
    said = []
    for address in ("nobody@example.test", world.outsider.email):
        with scenes.being(world.secretary) as actor, pytest.raises(ValidationError) as refused:
            membership.invite(actor=actor, room=room, email=address, whole_organisation=False, role=Role.PARTICIPANT)
        said.append(refused.value.message_dict)
    assert said[0] == said[1]


@pytest.mark.parametrize("who", ["second_official", "engineer"])
def test_a_member_is_not_asked_again(world: World, room: Room, who: str) -> None:
    firm = who == "engineer"
    with pytest.raises(ValidationError, match="参加しています"):
        ask(world, room, world.people[who], firm=firm)


def test_whoever_is_asked_already_is_not_asked_twice(world: World, room: Room, newcomer: Person) -> None:
    ask(world, room, newcomer)
    with pytest.raises(ValidationError, match="招待済み"):
        ask(world, room, newcomer)


def test_a_removed_member_finds_nothing(world: World, room: Room) -> None:
    assert reads(world.secretary, room)
    with scenes.being(world.official) as actor:
        tie = members.people(room).get(person=world.secretary)
        membership.remove_member(actor=actor, room=room, member=tie)
    assert not reads(world.secretary, room)
    assert lists(world.secretary) == []


def test_whom_a_removed_steward_has_asked_in_is_asked_no_longer(world: World, room: Room, newcomer: Person) -> None:
    ask(world, room, newcomer)
    with as_owner():
        CircleMember.objects.filter(person=world.second_official, circle=world.circle).update(role=Role.STEWARD)
    with scenes.being(world.second_official) as actor:
        tie = members.people(room).get(person=world.official)
        membership.remove_member(actor=actor, room=room, member=tie)
    with scenes.being(newcomer) as actor:
        assert not invitations.waiting_for(actor)
        assert not Room.objects.exists()


def test_a_removed_organisation_takes_its_handlers_with_it(world: World, room: Room) -> None:
    assert reads(world.engineer, room)
    with scenes.being(world.official) as actor:
        tie = CircleOrganisation.objects.get(circle=world.circle, organisation=world.maker)
        membership.remove_organisation(actor=actor, room=room, tie=tie)
    for who in ("engineer", "colleague"):
        assert not reads(world.people[who], room)
        assert lists(world.people[who]) == []


def test_a_named_handler_may_leave(world: World, room: Room) -> None:
    with scenes.being(world.engineer) as actor:
        left = membership.leave(actor=actor, room=room)
        assert room.circle_id not in left.reach.circles
    assert not reads(world.engineer, room)


def test_the_last_steward_stays(world: World, room: Room) -> None:
    with scenes.being(world.official) as actor, pytest.raises(ValidationError, match="運営担当"):
        membership.leave(actor=actor, room=room)


def test_only_stewards_remove_change_roles_and_ask_in(world: World, room: Room) -> None:
    with scenes.being(world.engineer) as actor:
        tie = members.people(room).get(person=world.secretary)
        firm = CircleOrganisation.objects.get(circle=world.circle, organisation=world.partner)
        for refused in (
            lambda: membership.remove_member(actor=actor, room=room, member=tie),
            lambda: membership.change_role(actor=actor, room=room, member=tie, role=Role.STEWARD),
            lambda: membership.remove_organisation(actor=actor, room=room, tie=firm),
            lambda: services.archive(actor=actor, room=room),
        ):
            with pytest.raises(Denied):
                refused()


def test_a_steward_made_by_a_steward_runs_the_room(world: World, room: Room) -> None:
    with scenes.being(world.official) as actor:
        tie = members.people(room).get(person=world.secretary)
        membership.change_role(actor=actor, room=room, member=tie, role=Role.STEWARD)
    with scenes.being(world.secretary) as actor:
        assert room.circle_id in actor.reach.stewards


def test_outsiders_see_neither_members_nor_invitations(world: World, room: Room, newcomer: Person) -> None:
    ask(world, room, newcomer)
    with scenes.being(world.outsider):
        for model in (CircleMember, CircleOrganisation, NamedHandler, CircleInvitation, RoomGrant):
            assert not model.objects.exists()
    with scenes.being(world.engineer):
        assert not CircleInvitation.objects.exists()


def test_an_invitation_without_an_item_is_answered_too(world: World, newcomer: Person) -> None:
    with as_owner():
        asked = CircleInvitation.objects.create(circle=world.circle, person=newcomer, by=world.official)
    with scenes.being(newcomer):
        assert answer_invitation(asked.pk, accept=True)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT role FROM clearance_circlemember WHERE person_id = %s", [newcomer.pk])
        assert cursor.fetchone() == (Role.PARTICIPANT,)
