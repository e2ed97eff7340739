"""A message as it once was, put back by somebody with the database: the log says that it was taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from dialogues.models import Message
from dialogues.services import speaking
from tests.dialogues import scenes
from tests.documents.putting_back import copied, put_back
from tests.world import World, as_owner, being

pytestmark = pytest.mark.django_db
SAID = "取り下げた発言です"


def test_a_message_taken_back_does_not_come_back(world: World, client_for: Callable[..., Client]) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official)
    message = scenes.say(thread, world.engineer, SAID)
    client, address = client_for(world.secretary), f"/rooms/{room.pk}/threads/{thread.pk}/"
    assert SAID in client.get(address).content.decode()
    with as_owner():
        before = copied(message)
    with being(world.engineer) as actor:
        speaking.withdraw(actor=actor, message=Message.objects.get(pk=message.pk))
    put_back(message, before)
    answer = client.get(address)
    assert answer.status_code == 200
    assert SAID not in answer.content.decode()
    assert "保存されている内容を開けません" in answer.content.decode()
