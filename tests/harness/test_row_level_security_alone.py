"""Each view with the access decision switched off in Python: row-level security alone lets no foreign row, word or
count through. Pages may then be slow or empty, or fail; they never leak."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import connection, transaction

from clearance.services import grants
from documents.models import Document
from tests import world as build
from tests.dialogues import scenes
from tests.harness.scene import KNOWN, OF_OFFICIALS, PERSONAS, READERS, WORDS, Scene, stage
from tests.harness.test_route_matrix import table
from tests.harness.unguarded import CONTENT, arrivals, counted, fooled, foreign, unguarded
from tests.harness.walk import OF_THE_MINUTE, Answer, walk
from tests.thorough import THOROUGH
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# What a hurried hand might type into any of the forms.
TYPED = {
    "title": "x", "body": "x", "name": "x", "purpose": "x", "reason": "x", "consent": "x", "note": "x", "why": "x",
    "record_file": "x", "marking_text": "PUBLIC", "answer": "approve", "role": "STEWARD", "confirm": "on",
    "email": "nobody@example.test", "change": "x", "kind": "FIRM",
}  # fmt: skip


def ours(name: str) -> bool:
    """Without the pages of the sign-in library, which show nothing of the portal's but its frame, and the machines'
    addresses, which no session enters (tests/briefings/test_taxii.py)."""
    return not name.startswith(("account_", "mfa_", "taxii:"))


# Whom the database tells apart, by what they reach, serve as and have proved: one of each sends forms, all look.
SENDING = ("official by password", "colleague", "foreign", "clearance officer", "auditor")
TAKES_NO_POST = {name for name, statuses in table("post").items() if 405 in statuses.values()}


def posted_to(name: str) -> bool:
    """Without those that are read alone: a refused method enters no view, as the table of routes holds."""
    return ours(name) and name not in TAKES_NO_POST


def furnished(world: World) -> Scene:
    """The scene, with what hangs on its documents and threads besides: somebody has read both, by name too."""
    scene = stage(world)
    engineer = scene.client("engineer")
    engineer.get(f"/documents/{scene.document.pk}/versions/1/download")
    engineer.get(f"/rooms/{scene.room.pk}/threads/{scene.thread.pk}/")
    with scenes.being(world.official) as actor:
        grants.give(actor=actor, item=Document.objects.get(pk=scene.document.pk), person=world.second_official)
    world.extra["items"] = [scene.document.pk, scene.thread.pk, scene.message.pk, scene.answer.pk, scene.room.pk]
    return scene


@contextmanager
def quietly() -> Iterator[None]:
    """Pages that fail where the database refuses say so at length."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def known(persona: str) -> set[str]:
    """Which words the database gives the persona: why a document is widened is told to its readers, in the pages to
    officials alone. A draft lies in another circle; an anonymous case is closed to all but its officer by its keys."""
    return KNOWN.get(persona, set()) | (OF_OFFICIALS if persona in READERS else set())


def answers(scene: Scene, persona: str, method: str) -> dict[str, Answer]:
    with build.as_owner():
        keys = scene.keys()
    client = scene.client(persona)
    client.raise_request_exception = False
    typed = TYPED | {"marking": str(scene.thread.marking_id), "documents": str(scene.document.pk)}
    only = None if THOROUGH else posted_to if method == "post" else ours
    return dict(walk(client, keys, method, typed if method == "post" else None, only=only))


def told(found: dict[str, Answer]) -> dict[str, set[str]]:
    """Which words came back, and from where."""
    places: dict[str, set[str]] = {}
    for name, answer in found.items():
        text = answer.body + repr(answer.headers).encode()
        for what, word in WORDS.items():
            if word.encode() in text:
                places.setdefault(what, set()).add(name)
    return places


def leaks(scene: Scene, persona: str, method: str) -> dict[str, object]:
    """Words and rows that a walk over every URL brings the persona and that are not theirs."""
    with quietly(), arrivals() as seen:
        words = told(answers(scene, persona, method))
    unknown: dict[str, object] = {what: where for what, where in words.items() if what not in known(persona)}
    rows = {} if persona in READERS else foreign(seen, room="room" in known(persona))
    return unknown | rows


@pytest.mark.parametrize("method", ["get", "post"])
def test_with_the_decision_switched_off_nothing_foreign_comes_through(world: World, method: str) -> None:
    scene = furnished(world)
    with unguarded():
        for persona in SENDING if method == "post" and not THOROUGH else ("anonymous", *PERSONAS):
            if known(persona) != set(WORDS):  # to whoever may know all nothing is foreign
                assert leaks(scene, persona, method) == {}, persona


def test_nor_when_the_portal_takes_the_reader_for_somebody_who_may_do_everything(world: World) -> None:
    scene = furnished(world)
    with unguarded(), fooled(scene):
        for persona, method in (("colleague", "get"), ("official by password", "post")):
            assert leaks(scene, persona, method) == {}, persona


def test_counts_and_pages_are_then_the_same_whether_or_not_there_is_something(world: World) -> None:
    scene = furnished(world)
    with build.as_owner():
        keys = scene.keys()
    for persona in ("official by password", "outsider"):
        client = scene.client(persona)
        client.raise_request_exception = False
        with unguarded(), quietly(), transaction.atomic():
            before = dict(walk(client, keys, only=ours))
            scene.erase(persona)
            there = {name for name, answer in before.items() if answer.status != 404}
            after = dict(walk(client, keys, only=there.__contains__))
            transaction.set_rollback(True)
        differing = {name for name, answer in after.items() if answer != before[name]}
        assert differing <= OF_THE_MINUTE, persona


def test_no_table_holds_a_row_for_whom_it_is_not_meant(world: World) -> None:
    """Asked table by table, past every page: so no count of any kind can come out otherwise."""
    scene = furnished(world)
    for persona, (name, level) in PERSONAS.items():
        with build.being(scene.world.people[name], level):
            found = counted()
        if persona in READERS:
            assert found["documents.Document"] == 1
            assert found["dialogues.Message"] == 2
        else:
            hidden = {label: number for label, number in found.items() if label in CONTENT and number}
            assert hidden == ({"documents.DocumentGrant": 1} if persona == "clearance officer" else {}), persona
            assert found["dialogues.Room"] == ("room" in known(persona)), persona


def without_policy(table: str) -> None:
    """As if somebody had dropped it, until the end of the transaction."""
    with build.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def test_a_dropped_policy_is_noticed_by_the_walks(world: World) -> None:
    """Or they would walk past a hole."""
    scene = furnished(world)
    without_policy("documents_document")
    with unguarded():
        assert leaks(scene, "colleague", "get") != {}


def test_a_dropped_policy_is_noticed_table_by_table(world: World) -> None:
    furnished(world)
    for label in CONTENT:
        with transaction.atomic():
            without_policy(apps.get_model(label)._meta.db_table)
            with build.being(world.colleague):
                # What hangs on it shows too: its own policy asks for its parent.
                assert counted()[label], label
            transaction.set_rollback(True)
