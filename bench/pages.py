"""The pages people open most, at a million documents and messages, served as production serves them.

Beside each the same template over the same objects from a bare Django view without a database (bench.bare).
"""

from __future__ import annotations

import time
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Person
from bench import bare, load, prepare, talk
from bench.figures import median, note
from bench.people import client, session
from bench.server import server
from clearance.access import newest
from clearance.context import acting
from dialogues.models import Room
from documents.models import Document

SIZE = 1_000_000
SECONDS = 6.0
ROUNDS = 3
WORKERS = 2
LEAST = 0.4


def run(documents: int = SIZE, messages: int = SIZE, seconds: float = SECONDS) -> None:
    cast = prepare.cast()
    print(f"pages: {documents:,} documents, {messages:,} messages …", flush=True)
    began = time.perf_counter()
    prepare.fill(documents)
    reader, circles = usual(cast.readers)
    talk.build(messages, circles)
    print(f"pages: built in {time.perf_counter() - began:.0f} s; the reader is in {len(circles)} rooms", flush=True)
    paths = pages(reader)
    cookie = f"{settings.SESSION_COOKIE_NAME}={session(Person.objects.get(pk=reader))}"
    peer = {
        "DJANGO_SETTINGS_MODULE": "bench.bare_settings",
        bare.PERSON: str(reader),
        bare.PATHS: " ".join(paths.values()),
    }
    with server(workers=WORKERS) as (port, _pid), server("bench.bare", workers=WORKERS, more=peer) as (plain, _other):
        for name, path in paths.items():
            measure(name, path, cookie, port, plain, seconds)


def usual(readers: list[UUID]) -> tuple[UUID, list[int]]:
    """The reader in the middle number of rooms, and those."""
    reach = {}
    for reader in readers:
        with acting(person=reader, assurance=prepare.assurance()) as actor:
            reach[reader] = sorted(actor.reach.circles)
    return sorted(reach.items(), key=lambda each: len(each[1]))[len(reach) // 2]


def pages(reader: UUID) -> dict[str, str]:
    with acting(person=reader, assurance=prepare.assurance()) as actor:
        document = newest(actor, Document.objects.all(), limit=1).rows[0]
        room = Room.objects.get(circle_id=document.circle_id)
    return {
        "home": "/",
        "room": reverse("dialogues:room", args=[room.pk]),
        "documents": reverse("documents:index"),
        "document": reverse("documents:document", args=[document.pk]),
    }


def measure(name: str, path: str, cookie: str, port: int, plain: int, seconds: float) -> None:
    ours, theirs = load.get(port, path, cookie), load.get(plain, path)
    assert abs(len(ours) - len(theirs)) < 0.02 * len(ours), (name, len(ours), len(theirs))
    for _ in range(3):  # each thread of each process opens its connection and plans its questions
        load.at_once(port, path, cookie, seconds=1)
        load.at_once(plain, path, seconds=0.5)
    found: list[tuple[float, float]] = []
    for _ in range(ROUNDS):  # by turns, so that both meet the same machine
        mine = load.at_once(port, path, cookie, seconds=seconds)
        found.append((mine, load.at_once(plain, path, seconds=seconds / 2)))
    taken = load.one_after_the_other(port, path, cookie)
    ready_made = load.at_once(plain, path + bare.READY_MADE, seconds=seconds / 2)
    ratio = median(mine / other for mine, other in found)
    asked = queries(path, cookie)
    note(
        f"pages-{name}", ours=median(mine for mine, _ in found), peer=median(other for _, other in found), ratio=ratio,
        goal=f">= {LEAST}", holds=ratio >= LEAST, unit="a second",
        detail=f"p50 {taken[len(taken) // 2]:.1f} ms, p95 {taken[len(taken) * 95 // 100]:.1f} ms, {asked} queries",
    )  # fmt: skip
    print(f"        {len(ours):,} bytes; the same bytes ready made: {ready_made:,.0f} a second", flush=True)


def queries(path: str, cookie: str) -> int:
    """How many a page asks once it is warm, by the test client."""
    asking = client(cookie.partition("=")[2])
    asking.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert asking.get(path).status_code == 200
    return len(captured)
