"""Ways to act in stories about documents: as somebody, as the worker, with a file in the hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.db import connection, transaction

from accounts.models import Person
from clearance.access import Actor
from clearance.context import acting
from clearance.models import Circle, Marking
from documents.models import Document, Processing, Version
from documents.processing import run
from documents.services.receiving import receive
from documents.uploads import sealed
from tests.world import World, proved

TEXT = "供給網の途絶に備えた在庫の見通し\n".encode() * 20


@contextmanager
def being(person: Person, level: int = 2) -> Iterator[Actor]:
    """In a context of the person, having proved enough for the level."""
    with acting(person=person.pk, assurance=proved(level)) as actor:
        yield actor


@contextmanager
def as_role(role: str) -> Iterator[None]:
    """With that role's privileges, on the web role's connection; afterwards with those from before."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (before,) = cursor.fetchone()
        cursor.execute(f"SET LOCAL ROLE {role}")
        yield
        cursor.execute(f"SET LOCAL ROLE {before}")


def as_owner() -> AbstractContextManager[None]:
    return as_role("portal_owner")


def as_worker() -> AbstractContextManager[None]:
    return as_role("portal_worker")


def work(document: Document | None = None) -> None:
    """Let the worker do whatever waits, as its own role."""
    with as_worker():
        waiting = Processing.objects.filter(done_at__isnull=True)
        if document:
            waiting = waiting.filter(document=document)
        for version in list(dict.fromkeys(waiting.values_list("version_id", flat=True))):
            run.run(version)


def hand_over(
    world: World,
    by: Person,
    content: bytes = TEXT,
    *,
    name: str = "見通し.txt",
    title: str = "在庫の見通し",
    marking: Marking | None = None,
    circle: Circle | None = None,
    level: int = 2,
    worked: bool = True,
) -> Document:
    """A document in the world's circle, checked by the worker unless told otherwise."""
    with being(by, level) as actor:
        document = receive(
            actor=actor, circle=(circle or world.circle).pk, marking=marking or world.hi_semicon, title=title,
            upload=sealed(name, [content]),
        )  # fmt: skip
    if worked:
        work(document)
    return document


def newest_version(document: Document) -> Version:
    """The newest version as the owner sees it."""
    with as_owner():
        return Version.objects.select_related("document").filter(document=document).order_by("-number")[0]


def body(answer: Any) -> bytes:
    """All that an answer holds, streamed or not. A stream is closed at its end."""
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)
