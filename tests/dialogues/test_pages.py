"""The screens of rooms, as each persona meets them."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from clearance.markings import overall
from clearance.models import CircleInvitation, CircleMember, NamedHandler, Role
from dialogues.models import Message, Room, Thread
from tests.documents.acting import hand_over
from tests.world import World, as_owner, authorise, organisation, person

from . import scenes

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
CLOSED_TO = ["colleague", "expired", "outsider", "clearance_officer", "auditor"]


@pytest.fixture
def room(world: World) -> Room:
    return scenes.scene(world)


@pytest.fixture
def secret(world: World, room: Room) -> Thread:
    """A thread marked as high as the room goes, with words to look for."""
    return scenes.thread_in(room, world.official, "鳳仙花の計画", marking=world.hi_semicon)


def page(client: Client, name: str, *args: object, query: str = "") -> str:
    response = client.get(reverse(f"dialogues:{name}", args=args) + query)
    assert response.status_code == 200, (name, response.status_code)
    return response.content.decode()


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


def test_what_was_typed_is_given_back_when_the_sign_in_grew_too_old(
    world: World, client_for: SignIn, room: Room, secret: Thread
) -> None:
    client = client_for(world.engineer, level=1)
    for thread in (secret.pk, "01980000-0000-7000-8000-000000000000"):
        response = client.post(reverse("dialogues:thread", args=[room.pk, thread]), {"body": "長い返信の下書き"})
        assert response.status_code == 404
        assert "長い返信の下書き" in response.content.decode()
        assert "本人確認に進む" in response.content.decode()


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


def test_withdrawing_asks_first(world: World, client_for: SignIn, room: Room) -> None:
    thread = scenes.thread_in(room, world.official)
    message = scenes.say(thread, world.engineer, "取り下げる発言")
    client = client_for(world.engineer)
    assert "元に戻すことはできません" in page(client, "withdraw", room.pk, message.pk)
    client.post(reverse("dialogues:withdraw", args=[room.pk, message.pk]))
    assert "取り下げる発言" not in page(client_for(world.official), "thread", room.pk, thread.pk)


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


def test_members_are_named_to_members(world: World, client_for: SignIn, room: Room) -> None:
    shown = page(client_for(world.engineer), "members", room.pk)
    for name in ("官 一郎", "事 務子", "技 術子", "Joost Visser"):
        assert name in shown
    assert "外す" not in shown
    assert "招待する" not in shown


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


def test_an_archived_room_offers_nothing_to_write(world: World, client_for: SignIn, room: Room) -> None:
    thread = scenes.thread_in(room, world.official)
    client = client_for(world.official)
    assert "元に戻すことはできません" in page(client, "archive", room.pk)
    client.post(reverse("dialogues:archive", args=[room.pk]))
    shown = page(client, "room", room.pk)
    assert "この対話の場は終了しています" in shown
    assert "話題を始める" not in shown
    assert "投稿する" not in page(client_for(world.engineer), "thread", room.pk, thread.pk)
    assert room.name not in page(client, "index")
    assert room.name in page(client, "index", query="?archived=1")
    response = client.post(
        reverse("dialogues:thread", args=[room.pk, thread.pk]),
        {"body": "遅れた発言", "marking": str(thread.marking_id), "post": "1"},
    )
    assert "遅れた発言" not in page(client, "thread", room.pk, thread.pk)
    assert response.status_code == 200


def test_renaming_by_hand(world: World, client_for: SignIn, room: Room) -> None:
    client = client_for(world.official)
    assert room.name in page(client, "rename", room.pk)
    client.post(reverse("dialogues:rename", args=[room.pk]), {"name": "新しい名称", "purpose": "新しい目的"})
    assert "新しい名称" in page(client, "room", room.pk)


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
