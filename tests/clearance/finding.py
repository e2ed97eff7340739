"""Ways to search in stories: titles laid down quickly, the worker's round, everything a reader finds on all pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import Person
from clearance.actor import Actor
from clearance.models import Circle, Marking
from clearance.search import search
from clearance.search.laying import lay_all
from documents.models import Document
from tests.world import World, as_owner, as_role, being


def titled(
    world: World, title: str, *, marking: Marking | None = None, circle: Circle | None = None, **more: Any
) -> Document:  # fmt: skip
    """A document of that title, without the files and the log that come with handing one over."""
    made = Document(
        circle=circle or world.circle, marking=marking or world.hi_semicon, title=title, originator=world.maker,
        handed_over_by=world.engineer, kind="TEXT", **more,
    )  # fmt: skip
    with as_owner():
        made.save(force_insert=True)
    return made


def worker_lays() -> int:
    with as_role("portal_worker"):
        return lay_all()


def tokens(document: Document) -> set[int] | None:
    """What lies beside the row, in no order."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT tokens FROM documents_document WHERE id = %s", [document.pk])
        (laid,) = cursor.fetchone()
    return laid if laid is None else set(laid)


def found(actor: Actor, words: str, **more: Any) -> list[str]:
    """The titles on all pages."""
    rows = more.pop("rows", None) or Document.objects.select_related("marking")
    titles: list[str] = []
    after, pages = "", 0
    while pages == 0 or after:
        page = search(actor, rows, words, after=after, **more)
        titles += [row.title for row in page]
        after, pages = page.next, pages + 1
        assert pages < 500
    return titles


def finds(reader: Person, words: str, level: int = 2, **more: Any) -> list[str]:
    with being(reader, level) as actor:
        return found(actor, words, **more)


def newest_first(documents: Iterable[Document]) -> list[Document]:
    def order(document: Document) -> tuple[datetime, Any]:
        return document.created, document.pk

    return sorted(documents, key=order, reverse=True)
