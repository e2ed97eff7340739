"""A room to go to, and a thread in it as secret as the room goes."""

from __future__ import annotations

import pytest

from dialogues.models import Room, Thread
from tests.world import World

from . import scenes


@pytest.fixture
def room(world: World) -> Room:
    return scenes.scene(world)


@pytest.fixture
def secret(world: World, room: Room) -> Thread:
    """A thread marked as high as the room goes, with words to look for."""
    return scenes.thread_in(room, world.official, "鳳仙花の計画", marking=world.hi_semicon)
