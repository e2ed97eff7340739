"""A word planted in each protected thing is found by whoever may read it, and by nobody else, wherever they look."""

from __future__ import annotations

import pytest
from django.core import mail

from briefings.models import Delivery, Occasion
from tests import world as build
from tests.briefings import telling
from tests.harness.looks import ASKED_IN_PARTS, EVERYBODY, look, of
from tests.harness.scene import KNOWN, WORDS, stage
from tests.harness.walk import Answer, walk
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LOOKS = [of(persona, "whole") for persona in EVERYBODY] + [of(persona, "in parts") for persona in ASKED_IN_PARTS]


def found(answers: dict[str, Answer]) -> dict[str, set[str]]:
    """Which words came back anywhere, and from where."""
    places: dict[str, set[str]] = {}
    for name, answer in answers.items():
        told = answer.body + repr(answer.headers).encode()
        for what, word in WORDS.items():
            if word.encode() in told:
                places.setdefault(what, set()).add(name)
    return places


@pytest.mark.parametrize(("persona", "variant"), LOOKS)
def test_each_finds_the_words_they_may_know_and_no_other(persona: str, variant: str) -> None:
    places = found(look(persona).whole if variant == "whole" else look(persona).parts)
    assert set(places) == KNOWN.get(persona, set()), places


@pytest.mark.parametrize("persona", [of(persona) for persona in ("engineer", "outsider")])
def test_in_english_too(persona: str) -> None:
    """What is there: what is missing says so in each language."""
    there = {name for name, answer in look(persona).whole.items() if answer.status != 404}
    scene = stage(build.build())
    with build.as_owner():
        keys = scene.keys()
    answers = walk(scene.client(persona), keys, only=there.__contains__, **{"Accept-Language": "en"})
    places = found(dict(answers))
    assert set(places) == KNOWN.get(persona, set()), places


def test_no_mail_carries_a_word(world: World) -> None:
    scene = stage(world)
    telling.noted(scene.press.briefing)
    telling.spread()
    telling.post()
    readers = ("secretary", "engineer", "foreign")  # of the briefing's head, but for its two officials
    assert {world.people[name].email for name in readers} <= {address for each in mail.outbox for address in each.to}
    told = "".join(f"{message.subject}{message.body}{message.extra_headers}" for message in mail.outbox)
    with build.as_owner():
        told += repr([*Delivery.objects.values(), *Occasion.objects.values()])
    assert not any(word in told for word in WORDS.values())
