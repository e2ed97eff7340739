"""A word planted in each protected thing is found by whoever may read it, and by nobody else, wherever they look."""

from __future__ import annotations

import pytest
from django.core import mail

from tests import world as build
from tests.harness.scene import KNOWN, PERSONAS, WORDS, Scene, stage
from tests.harness.walk import walk
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

VARIANTS = {"plain": {}, "in parts, in English": {"HX-Request": "true", "Accept-Language": "en"}}

# All as browsers ask; in the other variant whoever knows most, some and nothing of it.
WALKS = [(persona, "plain") for persona in ("anonymous", *PERSONAS)]
WALKS += [(persona, "in parts, in English") for persona in ("official", "official by password", "engineer", "outsider")]


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


@pytest.mark.parametrize(("persona", "variant"), WALKS)
def test_each_finds_the_words_they_may_know_and_no_other(world: World, persona: str, variant: str) -> None:
    places = found(stage(world), persona, **VARIANTS[variant])
    assert set(places) == KNOWN.get(persona, set()), places


def test_no_mail_carries_a_word(world: World) -> None:
    stage(world)
    told = "".join(f"{message.subject}{message.body}{message.extra_headers}" for message in mail.outbox)
    assert not any(word in told for word in WORDS.values())
