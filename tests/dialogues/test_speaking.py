"""Threads and messages: who may say what under which marking, and what lies in the database."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from audit.models import Event
from clearance.access import Denied, visible_to
from clearance.markings import from_text, marking
from clearance.models import Circle, CircleMember, Role
from dialogues.models import Message, Thread
from dialogues.queries import threads
from dialogues.services import speaking
from tests.documents.acting import hand_over
from tests.world import World, as_owner, circle, compartment

from . import scenes

pytestmark = pytest.mark.django_db
OUTSIDE = ["colleague", "expired", "outsider", "clearance_officer", "auditor"]


def readers(world: World, message: Message) -> set[str]:
    """The names of everybody of the world who reads the message."""
    found = set()
    for name, person in world.people.items():
        with scenes.being(person) as actor:
            if visible_to(actor, Message.objects.filter(pk=message.pk)).exists():
                found.add(name)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HI//SEMICON", {"official", "second_official", "secretary", "engineer"}),
        ("SENSITIVE//SEMICON", {"official", "second_official", "secretary", "engineer"}),
        ("SENSITIVE", {"official", "second_official", "secretary", "engineer", "foreign"}),
        ("SENSITIVE//REL:LIKEMINDED", {"official", "second_official", "secretary", "engineer", "foreign"}),
        (
            "PUBLIC",
            {"official", "second_official", "secretary", "engineer", "foreign", "colleague", "expired"},
        ),
    ],
)
def test_a_message_reaches_whom_its_marking_admits_and_nobody_else(world: World, text: str, expected: set[str]) -> None:
    room = scenes.scene(world)
    with as_owner():
        marked = from_text(text)
    thread = scenes.thread_in(room, world.official, marking=marked)
    assert readers(world, first_of(thread)) == expected


def first_of(thread: Thread) -> Message:
    with as_owner():
        return Message.objects.get(thread=thread)


def test_without_the_context_nothing_is_there(world: World) -> None:
    room = scenes.scene(world)
    scenes.thread_in(room, world.official)
    assert not Message.objects.exists()
    assert not Thread.objects.exists()


def test_a_marking_above_the_ceiling_is_refused_beside_its_field(world: World) -> None:
    with as_owner():
        low = circle(marking(1), world.second_official, steward=world.official)
    room = scenes.room_on(low, world.official)
    with scenes.being(world.official) as actor, pytest.raises(ValidationError) as refused:
        speaking.start_thread(actor=actor, room=room, title="題", body="文", marking=world.hi_semicon)
    assert "marking" in refused.value.message_dict


def test_the_database_holds_the_ceiling_too(world: World) -> None:
    with as_owner():
        low = circle(marking(1), steward=world.official)
    room = scenes.room_on(low, world.official)
    with (
        scenes.being(world.official),
        pytest.raises(Exception, match="ceiling"),
    ):
        Thread(room=room, circle=low, marking=world.hi_semicon, author=world.official, title="題").save(
            force_insert=True
        )


def test_nobody_writes_above_their_own_authorisation(world: World) -> None:
    room = scenes.scene(world)
    with scenes.being(world.foreign) as actor, pytest.raises(ValidationError) as refused:
        speaking.start_thread(actor=actor, room=room, title="題", body="文", marking=world.hi_semicon)
    assert "marking" in refused.value.message_dict


def test_a_session_without_second_factor_is_told_to_step_up_and_loses_nothing(world: World) -> None:
    room = scenes.scene(world)
    with scenes.being(world.engineer, level=1) as actor, pytest.raises(ValidationError) as refused:
        speaking.start_thread(actor=actor, room=room, title="題", body="文", marking=world.hi_semicon)
    assert "本人確認" in refused.value.message_dict["marking"][0]


def test_an_answer_lies_no_lower_than_its_thread(world: World) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official, marking=world.hi_semicon)
    with pytest.raises(ValidationError) as refused:
        scenes.say(thread, world.engineer, marking=marking(1))
    assert "marking" in refused.value.message_dict


def test_an_answer_may_lie_higher_than_its_thread(world: World) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.foreign)
    answer = scenes.say(thread, world.engineer, marking=world.hi_semicon)
    assert "foreign" not in readers(world, answer)
    with scenes.being(world.foreign) as actor:
        said, _earlier = threads.messages(actor, thread)
        assert len(said) == 1


def test_an_observer_only_reads(world: World) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official)
    with as_owner():
        CircleMember.objects.filter(circle=world.circle, person=world.secretary).update(role=Role.OBSERVER)
    with scenes.being(world.secretary) as actor, pytest.raises(Denied):
        speaking.post(actor=actor, room=room, thread=thread, body="文", marking=scenes.sensitive())


@pytest.mark.parametrize("who", OUTSIDE)
def test_whoever_may_not_read_a_thread_cannot_answer_it(world: World, who: str) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official)
    with scenes.being(world.people[who]) as actor, pytest.raises((Denied, Circle.DoesNotExist, ValidationError)):
        speaking.post(actor=actor, room=room, thread=thread, body="文", marking=scenes.sensitive())
    with as_owner():
        assert Message.objects.count() == 1


def test_one_takes_back_ones_own_word_and_a_steward_anybodys(world: World) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official)
    one, other = scenes.say(thread, world.engineer), scenes.say(thread, world.engineer)
    with scenes.being(world.secretary) as actor, pytest.raises(Denied):
        speaking.withdraw(actor=actor, message=one)
    with scenes.being(world.engineer) as actor:
        speaking.withdraw(actor=actor, message=one)
    with scenes.being(world.official) as actor:
        speaking.withdraw(actor=actor, message=other)
    with scenes.being(world.official) as actor:
        said, _earlier = threads.messages(actor, thread)
        assert len(said) == 1


def test_a_document_is_attached_where_all_readers_may_read_it(world: World) -> None:
    room = scenes.scene(world)
    document = hand_over(world, world.official)
    thread = scenes.thread_in(room, world.official, marking=world.hi_semicon)
    with scenes.being(world.official) as actor:
        speaking.post(
            actor=actor, room=room, thread=thread, body="添付", marking=world.hi_semicon, documents=[document]
        )
    with scenes.being(world.engineer) as actor:
        said, _earlier = threads.messages(actor, thread)
        assert [[beside.document for beside in one.documents] for one in said] == [[], [document]]


def test_a_document_above_the_messages_marking_is_refused(world: World) -> None:
    room = scenes.scene(world)
    document = hand_over(world, world.official)
    thread = scenes.thread_in(room, world.official)
    with scenes.being(world.official) as actor, pytest.raises(ValidationError) as refused:
        speaking.post(actor=actor, room=room, thread=thread, body="添付", marking=thread.marking, documents=[document])
    assert "documents" in refused.value.message_dict


def test_nobody_attaches_what_they_cannot_read(world: World) -> None:
    room = scenes.scene(world)
    document = hand_over(world, world.official)
    thread = scenes.thread_in(room, world.official)
    with scenes.being(world.foreign) as actor, pytest.raises(Denied):
        speaking.post(actor=actor, room=room, thread=thread, body="添付", marking=thread.marking, documents=[document])


def test_words_lie_sealed_in_the_database(world: World) -> None:
    room = scenes.scene(world)
    with scenes.being(world.engineer) as actor:
        speaking.start_thread(actor=actor, room=room, title="題は鳳仙花", body="本文は鳳仙花", marking=world.hi_semicon)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT t::text || m::text FROM dialogues_thread t JOIN dialogues_message m ON m.thread_id = t.id"
        )
        (row,) = cursor.fetchone()
    assert "鳳仙花".encode().hex() not in row
    assert "鳳仙花" not in row


def test_each_word_leaves_a_trace_without_content(world: World) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.engineer, marking=world.hi_semicon)
    with as_owner():
        events = list(Event.objects.filter(act__in=["thread.start", "message.post"]).order_by("act"))
    assert [(event.act, event.label, event.level) for event in events] == [
        ("message.post", "HI//SEMICON", 2),
        ("thread.start", "HI//SEMICON", 2),
    ]
    assert events[1].target_id == str(thread.pk)
    assert scenes.BODY not in str([vars(event) for event in events])


def test_an_authorisation_for_one_compartment_says_nothing_in_another(world: World) -> None:
    with as_owner():
        compartment("MINERALS")
    room = scenes.scene(world)
    with scenes.being(world.engineer) as actor, pytest.raises(ValidationError):
        speaking.start_thread(actor=actor, room=room, title="題", body="文", marking=marking(2, ["MINERALS"]))
