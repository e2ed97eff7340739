"""A word planted in each protected thing is found by whoever may read it, and by nobody else, wherever they look."""

from __future__ import annotations

import pytest
from django.core import mail

from tests import world as build
from tests.harness.scene import OF_THE_ROOM, PERSONAS, READERS, WORDS, Scene, stage
from tests.harness.walk import walk
from tests.world import World

pytestmark = pytest.mark.django_db

IN_THE_ROOM = (*READERS, "official by password", "foreign")
VARIANTS = {"plain": {}, "in parts, in English": {"HX-Request": "true", "Accept-Language": "en"}}


def found(scene: Scene, persona: str, **headers: str) -> dict[str, set[str]]:
    """Which words came back anywhere, and from where."""
    with build.as_owner():
        keys = scene.keys()
    places: dict[str, set[str]] = {}
    for name, answer in walk(scene.client(persona), keys, **headers):
        told = answer.body + repr(answer.headers).encode()
        for what, word in WORDS.items():
            if word.encode() in told:
                places.setdefault(what, set()).add(name)
    return places


@pytest.mark.parametrize("persona", READERS)
def test_whoever_may_read_finds_every_word(world: World, persona: str) -> None:
    assert set(found(stage(world), persona)) == set(WORDS)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("persona", [name for name in ("anonymous", *PERSONAS) if name not in READERS])
def test_nobody_else_finds_any(world: World, persona: str, variant: str) -> None:
    places = found(stage(world), persona, **VARIANTS[variant])
    may = set(OF_THE_ROOM) if persona in IN_THE_ROOM else set()
    assert set(places) == may, places


def test_no_mail_carries_a_word(world: World) -> None:
    stage(world)
    told = "".join(f"{message.subject}{message.body}{message.extra_headers}" for message in mail.outbox)
    assert not any(word in told for word in WORDS.values())
