"""What one has not read, and the token that moves when there is something new: each under the reader's own reach."""

from __future__ import annotations

import pytest

from clearance.markings import marking
from dialogues.models import ReadMark, Room, Thread
from dialogues.queries import rooms, threads, tokens
from dialogues.services import membership, speaking
from tests.documents.acting import hand_over
from tests.world import World, as_owner

from . import scenes

pytestmark = pytest.mark.django_db


def unread_of_room(world: World, who: str, level: int = 2) -> int:
    with scenes.being(world.people[who], level) as actor:
        (room,) = rooms.listed(actor)
        return room.unread


def unread_of_threads(world: World, room: Room, who: str) -> dict[str, int]:
    with scenes.being(world.people[who]) as actor:
        return {thread.title: thread.unread for thread in threads.threads(actor, room)}


def read(world: World, thread: Thread, who: str) -> None:
    with scenes.being(world.people[who]) as actor:
        said, _earlier = threads.messages(actor, thread)
        speaking.open_thread(actor=actor, thread=thread, seen=said[-1].message.created)


def test_what_others_said_is_unread_until_one_opens_the_thread(world: World) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official, "在庫")
    scenes.thread_in(room, world.engineer, "価格")
    scenes.say(thread, world.secretary)
    assert unread_of_threads(world, room, "engineer") == {"在庫": 2, "価格": 0}
    assert unread_of_room(world, "engineer") == 2
    read(world, thread, "engineer")
    assert unread_of_room(world, "engineer") == 0
    scenes.say(thread, world.official)
    assert unread_of_threads(world, room, "engineer") == {"在庫": 1, "価格": 0}


def test_what_one_may_not_read_is_not_counted(world: World) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.foreign)
    scenes.say(thread, world.engineer, marking=world.hi_semicon)
    scenes.thread_in(room, world.engineer, marking=world.hi_semicon)
    assert unread_of_room(world, "foreign") == 0
    assert unread_of_room(world, "official", level=1) == 1
    assert unread_of_room(world, "official", level=2) == 3


def test_a_withdrawn_message_is_no_longer_unread(world: World) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official)
    message = scenes.say(thread, world.official)
    with scenes.being(world.official) as actor:
        speaking.withdraw(actor=actor, message=message)
    assert unread_of_room(world, "engineer") == 1


def test_the_count_stops_at_its_cap(world: World) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official)
    with as_owner():
        scenes.many_messages(thread, world.official, 120)
    assert unread_of_room(world, "engineer") == 100
    assert set(unread_of_threads(world, room, "engineer").values()) == {100}


def test_a_mark_is_its_readers_alone(world: World) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official)
    read(world, thread, "engineer")
    for who in ("official", "second_official", "secretary"):
        with scenes.being(world.people[who]):
            assert not ReadMark.objects.exists()
    with scenes.being(world.engineer):
        assert ReadMark.objects.count() == 1


def test_nobody_writes_anothers_mark(world: World) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official)
    mark = ReadMark(person=world.engineer, thread=thread, seen_until=thread.created)
    with scenes.being(world.official), pytest.raises(Exception, match="row-level security"):
        mark.save(force_insert=True)


def test_going_back_to_older_messages_leaves_the_newer_ones_read(world: World) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official)
    scenes.say(thread, world.official)
    read(world, thread, "engineer")
    read(world, thread, "engineer")
    with scenes.being(world.engineer):
        assert ReadMark.objects.count() == 1
    assert unread_of_room(world, "engineer") == 0


def test_threads_stand_in_the_order_of_what_this_reader_may_see_of_them(world: World) -> None:
    room = scenes.scene(world)
    older = scenes.thread_in(room, world.official, "先の話題")
    scenes.thread_in(room, world.official, "後の話題")
    scenes.say(older, world.engineer, marking=world.hi_semicon)
    assert list(unread_of_threads(world, room, "engineer")) == ["先の話題", "後の話題"]
    assert list(unread_of_threads(world, room, "foreign")) == ["後の話題", "先の話題"]


def token(world: World, room: Room, who: str, level: int = 2) -> str:
    with scenes.being(world.people[who], level) as actor:
        return tokens.of_room(actor, rooms.room(actor, room.pk))


def test_the_token_moves_with_what_this_reader_may_see(world: World) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.foreign)
    before = {who: token(world, room, who) for who in ("engineer", "foreign")}
    scenes.say(thread, world.official, marking=world.hi_semicon)
    assert token(world, room, "engineer") != before["engineer"]
    assert token(world, room, "foreign") == before["foreign"]
    hand_over(world, world.official)
    assert token(world, room, "foreign") == before["foreign"]
    scenes.say(thread, world.official, marking=marking(1))
    assert token(world, room, "foreign") != before["foreign"]


def test_the_token_of_one_reader_tells_another_nothing(world: World) -> None:
    room = scenes.scene(world)
    scenes.thread_in(room, world.official)
    assert token(world, room, "engineer") != token(world, room, "secretary")


def test_whoever_leaves_finds_no_room_and_no_count(world: World) -> None:
    room = scenes.scene(world)
    scenes.thread_in(room, world.official)
    with scenes.being(world.secretary) as actor:
        membership.leave(actor=actor, room=room)
    with scenes.being(world.secretary) as actor:
        assert not list(rooms.listed(actor))
