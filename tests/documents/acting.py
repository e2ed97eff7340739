"""Ways to act in stories about documents: as somebody, as the worker, with a file in the hand."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from accounts.models import Person
from clearance.models import Circle, Marking
from documents.models import Document, Processing, Version
from documents.processing import run
from documents.services.receiving import receive
from documents.uploads import sealed
from tests.world import World, as_owner, as_role, being

TEXT = "供給網の途絶に備えた在庫の見通し\n".encode() * 20


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
