"""The screens of rooms as people work with them: speaking, inviting, naming, leaving, ending."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from clearance.models import CircleInvitation, CircleMember, NamedHandler, Role
from dialogues.models import Room, Thread
from tests.documents.acting import hand_over
from tests.world import World, as_owner, authorise, organisation, person

from . import scenes
from .scenes import page

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


def test_starting_a_thread_from_its_form(world: World, client_for: SignIn, room: Room) -> None:
    client = client_for(world.engineer)
    form = page(client, "start", room.pk)
    assert "この企業群限り" in form
    typed = {"title": "在庫の見通し", "body": "三か月分です", "marking": str(scenes.sensitive().pk)}
    preview = client.post(reverse("dialogues:start", args=[room.pk]), typed | {"preview": "1"}).content.decode()
    assert "まだ投稿していません" in preview
    assert 'value="在庫の見通し"' in preview
    assert not threads_of(room)
    response = client.post(reverse("dialogues:start", args=[room.pk]), typed | {"post": "1"})
    assert response.status_code == 302
    assert len(threads_of(room)) == 1


def threads_of(room: Room) -> list[Thread]:
    with as_owner():
        return list(Thread.objects.filter(room=room))


@pytest.mark.parametrize("typed", [{}, {"body": "本文だけ"}, {"title": "題名だけ"}, {"marking": "何か"}])
def test_a_wrong_form_says_what_is_wrong_and_keeps_what_was_typed(
    world: World, client_for: SignIn, room: Room, typed: dict[str, str]
) -> None:
    response = client_for(world.engineer).post(reverse("dialogues:start", args=[room.pk]), typed | {"post": "1"})
    shown = response.content.decode()
    assert response.status_code == 200
    assert "field-wrong" in shown
    assert typed.get("body", "") in shown
    assert typed.get("title", "") in shown


def test_a_marking_that_was_not_offered_is_refused(world: World, client_for: SignIn, room: Room) -> None:
    thread = scenes.thread_in(room, world.official, marking=world.hi_semicon)
    client = client_for(world.engineer)
    response = client.post(
        reverse("dialogues:thread", args=[room.pk, thread.pk]),
        {"body": "低く", "marking": str(scenes.sensitive().pk), "post": "1"},
    )
    assert "field-wrong" in response.content.decode()


def test_attaching_a_document_shows_it_to_its_readers_alone(world: World, client_for: SignIn, room: Room) -> None:
    document = hand_over(world, world.official, title="添付の見通し")
    client = client_for(world.official)
    client.post(
        reverse("dialogues:start", args=[room.pk]),
        {
            "title": "添付", "body": "見てください", "marking": str(world.hi_semicon.pk),
            "documents": [str(document.pk)], "post": "1",
        },
    )  # fmt: skip
    (thread,) = threads_of(room)
    assert "添付の見通し" in page(client_for(world.engineer), "thread", room.pk, thread.pk)


def test_withdrawing_asks_first(world: World, client_for: SignIn, room: Room) -> None:
    thread = scenes.thread_in(room, world.official)
    message = scenes.say(thread, world.engineer, "取り下げる発言")
    client = client_for(world.engineer)
    assert "元に戻すことはできません" in page(client, "withdraw", room.pk, message.pk)
    client.post(reverse("dialogues:withdraw", args=[room.pk, message.pk]))
    assert "取り下げる発言" not in page(client_for(world.official), "thread", room.pk, thread.pk)


def test_opening_a_room_from_its_form(world: World, client_for: SignIn) -> None:
    client = client_for(world.official)
    assert "根拠となる法令" in page(client, "open")
    typed = {
        "kind": "TECHNOLOGY", "name": "感光材の技術対話", "purpose": "技術流出を防ぐ", "level": "2",
        "compartments": ["SEMICON"], "known_to": "members",
    }  # fmt: skip
    response = client.post(reverse("dialogues:open"), typed)
    assert response.status_code == 302, response.content.decode()
    with as_owner():
        made = Room.objects.select_related("circle__ceiling", "marking").get(kind="TECHNOLOGY")
    assert (made.circle.ceiling.text, made.marking.text) == ("HI//SEMICON", "SENSITIVE")
    assert "感光材の技術対話" in page(client, "room", made.pk)


@pytest.mark.parametrize(
    ("changed", "beside"),
    [
        ({"kind": "COUNCIL"}, "id_legal_basis_error"),
        ({"level": "0"}, "id_known_to_error"),
        ({"level": ""}, "id_level_error"),
        ({"name": ""}, "id_name_error"),
        ({"compartments": ["NOSUCH"]}, "id_compartments_error"),
    ],
)
def test_a_wrong_room_form_tells_beside_its_field(
    world: World, client_for: SignIn, changed: dict[str, object], beside: str
) -> None:
    typed = {"kind": "INDUSTRY", "name": "名称", "purpose": "目的", "level": "1", "known_to": "members"} | changed
    response = client_for(world.official).post(reverse("dialogues:open"), typed)
    assert beside in response.content.decode()


@pytest.mark.parametrize("who", ["engineer", "foreign", "auditor", "clearance_officer"])
def test_the_opening_page_is_there_for_those_who_may_open(world: World, client_for: SignIn, who: str) -> None:
    assert client_for(world.people[who]).get(reverse("dialogues:open")).status_code == 404


def test_inviting_accepting_and_leaving_by_hand(world: World, client_for: SignIn, room: Room) -> None:
    with as_owner():
        newcomer = person(organisation("霧島化学（架空）"), "新 来子")
        authorise(newcomer, 1)
    official, guest = client_for(world.official), client_for(newcomer)
    response = official.post(
        reverse("dialogues:invite", args=[room.pk]),
        {"email": newcomer.email, "scope": "person", "role": "PARTICIPANT"},
    )
    assert response.status_code == 302
    assert "新 来子" in page(official, "members", room.pk)
    with as_owner():
        invitation = CircleInvitation.objects.get(person=newcomer)
    assert client_for(world.outsider).get(reverse("dialogues:invitation", args=[invitation.pk])).status_code == 404
    address = reverse("dialogues:invitation", args=[invitation.pk])
    assert guest.get(address).status_code == 200
    assert guest.post(address, {"answer": "accept"}).status_code == 302
    assert guest.get(address).status_code == 404


def test_a_steward_changes_roles_and_removes_by_hand(world: World, client_for: SignIn, room: Room) -> None:
    client, secretary = client_for(world.official), client_for(world.secretary)
    with as_owner():
        member = CircleMember.objects.get(circle=world.circle, person=world.secretary)
    page(client, "role", room.pk, member.pk)
    client.post(reverse("dialogues:role", args=[room.pk, member.pk]), {"role": Role.OBSERVER})
    assert "話題を始める" not in page(secretary, "room", room.pk)
    page(client, "remove", room.pk, member.pk)
    client.post(reverse("dialogues:remove", args=[room.pk, member.pk]))
    assert secretary.get(reverse("dialogues:room", args=[room.pk])).status_code == 404
    assert room.name not in page(secretary, "index")


def test_a_firms_handlers_are_named_and_struck_by_hand(world: World, client_for: SignIn, room: Room) -> None:
    client = client_for(world.official)
    with as_owner():
        handler = NamedHandler.objects.get(circle=world.circle, person=world.colleague)
    assert "同 僚男" in page(client, "organisation", room.pk, world.maker.pk)
    client.post(reverse("dialogues:strike", args=[room.pk, handler.pk]))
    assert "同 僚男" not in page(client, "organisation", room.pk, world.maker.pk)
    response = client.post(
        reverse("dialogues:organisation", args=[room.pk, world.maker.pk]), {"email": "nobody@example.test"}
    )
    assert "id_email_error" in response.content.decode()
    client.post(reverse("dialogues:organisation", args=[room.pk, world.maker.pk]), {"email": world.colleague.email})
    assert "同 僚男" in page(client, "organisation", room.pk, world.maker.pk)
    page(client, "remove_organisation", room.pk, world.maker.pk)
    client.post(reverse("dialogues:remove_organisation", args=[room.pk, world.maker.pk]))
    assert client_for(world.engineer).get(reverse("dialogues:room", args=[room.pk])).status_code == 404


def test_leaving_asks_first_and_the_last_steward_is_told_what_to_do(
    world: World, client_for: SignIn, room: Room
) -> None:
    client = client_for(world.engineer)
    assert "再び参加するには" in page(client, "leave", room.pk)
    client.post(reverse("dialogues:leave", args=[room.pk]))
    assert client.get(reverse("dialogues:room", args=[room.pk])).status_code == 404
    last = client_for(world.official)
    last.post(reverse("dialogues:leave", args=[room.pk]))
    assert "運営担当がいなくなります" in page(last, "members", room.pk)


def test_renaming_by_hand(world: World, client_for: SignIn, room: Room) -> None:
    client = client_for(world.official)
    assert room.name in page(client, "rename", room.pk)
    client.post(reverse("dialogues:rename", args=[room.pk]), {"name": "新しい名称", "purpose": "新しい目的"})
    assert "新しい名称" in page(client, "room", room.pk)
