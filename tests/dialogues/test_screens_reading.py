"""The screens of rooms as each persona meets them: what they show, and to whom they are not there."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from clearance.markings import overall
from clearance.models import CircleInvitation, CircleMember, NamedHandler
from dialogues.models import Message, Room, Thread
from tests.documents.acting import hand_over
from tests.world import World, as_owner

from . import scenes
from .scenes import page

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
CLOSED_TO = ["colleague", "expired", "outsider", "clearance_officer", "auditor"]


def addresses(world: World, room: Room, thread: Thread) -> list[str]:
    """Every address of the room that a reader could be sent."""
    with as_owner():
        message = Message.objects.get(thread=thread)
        member = CircleMember.objects.get(circle=world.circle, person=world.secretary)
        handler = NamedHandler.objects.get(circle=world.circle, person=world.engineer)
        invitation = CircleInvitation.objects.create(circle=world.circle, person=world.outsider, by=world.official)
    names: list[tuple[str, list[object]]] = [
        ("room", []), ("token", []), ("rename", []), ("archive", []), ("start", []), ("thread", [thread.pk]),
        ("thread_token", [thread.pk]), ("withdraw", [message.pk]), ("members", []), ("invite", []),
        ("role", [member.pk]), ("remove", [member.pk]), ("withdraw_invitation", [invitation.pk]),
        ("organisation", [world.maker.pk]), ("remove_organisation", [world.maker.pk]), ("strike", [handler.pk]),
        ("leave", []),
    ]  # fmt: skip
    return [reverse(f"dialogues:{name}", args=[room.pk, *more]) for name, more in names]


@pytest.mark.parametrize("who", CLOSED_TO)
@pytest.mark.parametrize("method", ["get", "post"])
def test_to_whom_the_room_is_closed_each_address_answers_as_if_there_were_none(
    world: World, client_for: SignIn, room: Room, secret: Thread, who: str, method: str
) -> None:
    client = client_for(world.people[who])
    with as_owner():
        missing = client.get(reverse("dialogues:room", args=["01980000-0000-7000-8000-000000000000"]))
    for address in addresses(world, room, secret):
        response = getattr(client, method)(address, {"answer": "accept", "body": "x", "marking": "x"})
        assert response.status_code in {404, 405}, address
        if response.status_code == 404:
            assert response.content == missing.content, address


@pytest.mark.parametrize("who", [*CLOSED_TO, "foreign"])
def test_nobody_outside_finds_the_words_in_any_list(
    world: World, client_for: SignIn, room: Room, secret: Thread, who: str
) -> None:
    client = client_for(world.people[who])
    assert "鳳仙花" not in page(client, "index")
    if who == "foreign":
        assert "鳳仙花" not in page(client, "room", room.pk)
        assert client.get(reverse("dialogues:thread", args=[room.pk, secret.pk])).status_code == 404


@pytest.mark.parametrize("who", ["official", "second_official", "secretary", "engineer"])
def test_whoever_is_cleared_finds_reads_and_answers(
    world: World, client_for: SignIn, room: Room, secret: Thread, who: str
) -> None:
    client = client_for(world.people[who])
    assert room.name in page(client, "index")
    assert "鳳仙花の計画" in page(client, "room", room.pk)
    assert scenes.BODY in page(client, "thread", room.pk, secret.pk)
    address = reverse("dialogues:thread", args=[room.pk, secret.pk])
    response = client.post(address, {"body": "**確認**しました", "marking": str(world.hi_semicon.pk), "post": "1"})
    assert response.status_code == 302
    assert "<strong>確認</strong>しました" in page(client, "thread", room.pk, secret.pk)


def test_nobody_signed_in_is_sent_to_sign_in_whatever_the_address(
    world: World, room: Room, secret: Thread, client: Client
) -> None:
    for address in addresses(world, room, secret):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))


def test_without_a_second_factor_the_page_asks_for_one_and_shows_nothing_of_level_two(
    world: World, client_for: SignIn, room: Room, secret: Thread
) -> None:
    client = client_for(world.engineer, level=1)
    shown = page(client, "room", room.pk)
    assert "本人確認に進む" in shown
    assert "鳳仙花" not in shown
    assert client.get(reverse("dialogues:thread", args=[room.pk, secret.pk])).status_code == 404


def test_whoever_could_not_read_it_anyway_is_not_asked_to_prove_more(
    world: World, client_for: SignIn, room: Room, secret: Thread
) -> None:
    assert "本人確認に進む" not in page(client_for(world.foreign, level=1), "room", room.pk)


def test_one_altered_row_does_not_close_the_whole_page(world: World, client_for: SignIn, room: Room) -> None:
    altered = scenes.thread_in(room, world.official, "壊された題名")
    sound = scenes.thread_in(room, world.official, "無事な題名")
    with as_owner():
        Thread.objects.filter(pk=altered.pk).update(wrapped_key=sound.wrapped_key)
        Message.objects.filter(thread=sound).update(wrapped_key=sound.wrapped_key)
    client = client_for(world.engineer)
    shown = page(client, "room", room.pk)
    assert "無事な題名" in shown
    assert "（保存されている内容を開けません）" in shown
    assert "（保存されている内容を開けません）" in page(client, "thread", room.pk, sound.pk)


def test_the_page_is_the_same_whether_or_not_there_is_more_than_one_may_see(
    world: World, client_for: SignIn, room: Room
) -> None:
    thread = scenes.thread_in(room, world.foreign)
    client = client_for(world.foreign)
    names = [("index", []), ("room", [room.pk]), ("thread", [room.pk, thread.pk]), ("members", [room.pk])]
    names += [("token", [room.pk]), ("thread_token", [room.pk, thread.pk])]

    def everything() -> list[bytes]:
        return [without_csrf(client.get(reverse(f"dialogues:{name}", args=args)).content) for name, args in names]

    everything()
    before = everything()
    scenes.say(thread, world.official, marking=world.hi_semicon)
    scenes.thread_in(room, world.official, marking=world.hi_semicon)
    hand_over(world, world.official)
    assert everything() == before


def without_csrf(content: bytes) -> bytes:
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", content)


def test_a_page_is_marked_as_high_as_the_highest_it_shows(world: World, client_for: SignIn, room: Room) -> None:
    thread = scenes.thread_in(room, world.official)
    strong, weak = client_for(world.engineer), client_for(world.foreign)
    for name, args in (("room", [room.pk]), ("thread", [room.pk, thread.pk])):
        assert 'class="marked level-1"' in page(strong, name, *args)
    scenes.say(thread, world.official, marking=world.hi_semicon)
    scenes.thread_in(room, world.official, marking=world.hi_semicon)
    for name, args in (("room", [room.pk]), ("thread", [room.pk, thread.pk])):
        assert 'class="marked level-2"' in page(strong, name, *args)
        assert 'class="marked level-1"' in page(weak, name, *args)


@pytest.mark.parametrize(
    ("texts", "together"),
    [
        ([], "PUBLIC"),
        (["PUBLIC//TLP:CLEAR", "SENSITIVE"], "SENSITIVE//TLP:CLEAR"),
        (["SENSITIVE//BATTERY", "HI//SEMICON", "PUBLIC"], "HI//BATTERY,SEMICON"),
        (["SENSITIVE//REL:AA,BB//TLP:RED", "SENSITIVE//REL:BB", "HI//TLP:AMBER"], "HI//REL:BB//TLP:RED"),
        (["SENSITIVE//REL:AA", "SENSITIVE//REL:BB"], "SENSITIVE//REL:AA,BB"),
    ],
)
def test_what_several_markings_come_to(texts: list[str], together: str) -> None:
    assert overall(texts) == together


def test_messages_page_back_in_time(world: World, client_for: SignIn, room: Room) -> None:
    thread = scenes.thread_in(room, world.official)
    with as_owner():
        scenes.many_messages(thread, world.official, 40)
    client = client_for(world.engineer)
    newest = page(client, "thread", room.pk, thread.pk)
    assert newest.index("38件目の発言") < newest.index("39件目の発言")
    assert "3件目の発言" not in newest.replace("13件目", "").replace("23件目", "").replace("33件目", "")
    cursor = newest.split("?after=")[1].split('"')[0]
    older = page(client, "thread", room.pk, thread.pk, query=f"?after={cursor}")
    assert scenes.BODY in older
    assert "最新の発言に戻る" in older
    elsewhere = page(client_for(world.secretary), "thread", room.pk, thread.pk, query=f"?after={cursor}")
    assert "39件目の発言" in elsewhere, "another reader's cursor counts as none"


def test_threads_go_on_to_a_second_page(world: World, client_for: SignIn, room: Room) -> None:
    with as_owner():
        for number in range(53):
            Thread(
                room=room, circle=room.circle, marking=room.marking, author=world.official, title=f"話題{number:02}"
            ).save(force_insert=True)
    client = client_for(world.engineer)
    first = page(client, "room", room.pk)
    assert "話題52" in first
    assert "話題02" not in first
    following = first.split("?after=")[1].split('"')[0]
    assert "話題02" in page(client, "room", room.pk, query=f"?after={following}")


def test_members_are_named_to_members(world: World, client_for: SignIn, room: Room) -> None:
    shown = page(client_for(world.engineer), "members", room.pk)
    for name in ("官 一郎", "事 務子", "技 術子", "Joost Visser"):
        assert name in shown
    assert "外す" not in shown
    assert "招待する" not in shown


def test_a_council_names_its_legal_basis_and_others_promise_none(world: World, client_for: SignIn) -> None:
    council = scenes.scene(world, kind=Room.Kind.COUNCIL, legal_basis="架空物資安定供給法第十条")
    assert "架空物資安定供給法第十条" in page(client_for(world.official), "room", council.pk)


def test_rooms_are_filtered_by_kind(world: World, client_for: SignIn, room: Room) -> None:
    client = client_for(world.official)
    assert room.name in page(client, "index", query="?" + urlencode({"kind": "SUPPLY_CHAIN"}))
    other = page(client, "index", query="?" + urlencode({"kind": "REGION"}))
    assert room.name not in other
    assert "この種別の対話の場はありません" in other
    assert room.name in page(client, "index", query="?kind=nonsense")


def test_the_token_is_answered_with_304_until_it_moves(world: World, client_for: SignIn, room: Room) -> None:
    thread = scenes.thread_in(room, world.official)
    client = client_for(world.engineer)
    for address in (
        reverse("dialogues:token", args=[room.pk]),
        reverse("dialogues:thread_token", args=[room.pk, thread.pk]),
    ):
        first = client.get(address)
        assert first["Content-Type"].startswith("text/plain")
        assert "private" in first["Cache-Control"]
        again = client.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        scenes.say(thread, world.official)
        moved = client.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
        assert moved.status_code == 200
        assert moved.content != first.content


def test_hostile_text_is_shown_as_text(world: World, client_for: SignIn, room: Room) -> None:
    thread = scenes.thread_in(room, world.engineer, "<script>alert(1)</script>")
    scenes.say(thread, world.engineer, "<img src=x onerror=alert(1)> [x](javascript:alert(1))")
    shown = page(client_for(world.official), "thread", room.pk, thread.pk)
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert 'href="javascript' not in shown
    assert "<script>alert" not in page(client_for(world.official), "room", room.pk)
