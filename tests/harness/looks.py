"""What each persona sees of the scene: walked once a worker, and asked about by several tests.

Tests marked with `of(persona)` stand on one worker beside the others of that persona, so that the walks are taken once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pytest
from _pytest.mark import ParameterSet
from django.db import transaction

from tests import world as build
from tests.harness.scene import PERSONAS, READERS, stage
from tests.harness.walk import Answer, walk

EVERYBODY = ("anonymous", *PERSONAS)
# As htmx asks, whoever knows most, some and nothing of the scene, and those with pages of their own.
AS_HTMX = {"HX-Request": "true", "HX-Target": "main", "HX-Current-URL": "http://testserver/documents/"}
ASKED_IN_PARTS = ("official", "official by password", "engineer", "outsider", "clearance officer", "auditor")
BLIND = [name for name in EVERYBODY if name not in READERS]


@dataclass(frozen=True)
class Look:
    """Answers by route: of whole pages, of parts as htmx asks, and once what is under HI//SEMICON never was. What had
    been answered as an address that is none is not asked for again."""

    whole: dict[str, Answer]
    parts: dict[str, Answer]
    without: dict[str, Answer]


@cache
def look(persona: str) -> Look:
    """For a test with a database; nothing of it stays."""
    with transaction.atomic():
        scene = stage(build.build())
        with build.as_owner():
            keys = scene.keys()
        client = scene.client(persona)
        whole = dict(walk(client, keys))
        parts = dict(whole)
        if persona in ASKED_IN_PARTS:
            # As the outsider everything is asked for so; the others ask for parts of what is there.
            missing = {name for name, answer in whole.items() if answer.status == 404 and persona != "outsider"}
            parts |= walk(client, keys, only=lambda name: name not in missing, **AS_HTMX)
        without = {}
        if persona in {*BLIND, "official"}:
            scene.erase(persona)
            nowhere = client.get("/nowhere/").content
            there = {name for name, answer in whole.items() if (answer.status, answer.body) != (404, nowhere)}
            without = dict(walk(client, keys, only=there.__contains__))
        transaction.set_rollback(True)
    return Look(whole, parts, without)


def of(persona: str, *given: object) -> ParameterSet:
    """The case of a persona (`given` besides), beside the other cases of the same."""
    name = "-".join([persona, *map(str, given)])
    return pytest.param(persona, *given, marks=pytest.mark.xdist_group(f"looks of {persona}"), id=name)
