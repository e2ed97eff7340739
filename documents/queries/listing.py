"""The list of documents: narrowed, counted, paged by key; and found by words of their titles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from clearance.access import Actor, Count, Page, count, newest
from clearance.clock import end_of, start_of
from clearance.questions import known
from clearance.search import search
from vault import Unreadable

from ..models import Document, Version
from ..places import Place, places

LINE = ("marking", "originator")  # what a line of the list shows of a document
PAGE = 50


@dataclass(frozen=True)
class Narrowing:
    """What the reader narrows the list by; everything is optional."""

    words: str = ""
    circle: int | None = None
    level: int | None = None
    originator: UUID | None = None
    kind: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def any(self) -> bool:
        return self != Narrowing()

    @property
    def more(self) -> bool:
        """Whether anything but words was asked for."""
        return replace(self, words="") != Narrowing()


@dataclass(frozen=True)
class Row:
    """One line. `title` is None where the document does not open: it was altered in the database."""

    document: Document
    title: str | None
    version: Version | None
    place: Place | None


@dataclass(frozen=True)
class Listing:
    """A page of the list; `searched` is how many titles were opened to look for the words, None without words."""

    rows: list[Row]
    next: str
    count: Count | None
    searched: int | None = None
    originators: dict[UUID, str] = field(default_factory=dict)


@known
def all_documents() -> QuerySet[Document]:
    """Every document, whoever may read it, with what a line shows of one."""
    return Document.objects.select_related(*LINE)


def narrowed(narrowing: Narrowing) -> QuerySet[Document]:
    """The documents that fit, whoever may read them."""
    found = Document.objects.select_related(*LINE)
    if narrowing.circle is not None:
        found = found.filter(circle_id=narrowing.circle)
    if narrowing.level is not None:
        found = found.filter(level=narrowing.level)
    if narrowing.originator is not None:
        found = found.filter(originator_id=narrowing.originator)
    if narrowing.kind:
        found = found.filter(kind=narrowing.kind)
    if narrowing.since is not None:
        found = found.filter(created__gte=start_of(narrowing.since))
    if narrowing.until is not None:
        found = found.filter(created__lt=end_of(narrowing.until))
    return found


def listed(actor: Actor, narrowing: Narrowing, named: Mapping[int, Place], *, after: str = "") -> Listing:
    """A page of what fits and the actor may read, newest first. `named`: the places of the circles they reach."""
    fitting = narrowed(narrowing)
    if narrowing.words:
        return _found(actor, fitting, named, narrowing, after)
    page = newest(actor, fitting if narrowing.any else all_documents(), after=after, limit=PAGE)
    return _listing(actor, page, named, count(actor, fitting))


def _found(
    actor: Actor, fitting: QuerySet[Document], named: Mapping[int, Place], narrowing: Narrowing, after: str
) -> Listing:
    """Titles are sealed: candidates come from the index, and are opened and looked through, so many at a time."""
    page = search(actor, fitting, narrowing.words, circle=narrowing.circle, after=after, limit=PAGE)
    return _listing(actor, page, named, None, searched=page.examined)


def _listing(
    actor: Actor,
    page: Page[Document],
    named: Mapping[int, Place],
    counted: Count | None,
    *,
    searched: int | None = None,
) -> Listing:
    keys = [document.pk for document in page]
    newest_of = {
        version.document_id: version
        for version in Version.objects.filter(document_id__in=keys)
        .order_by("document_id", "-number")
        .distinct("document_id")
        .defer("file_name", "change", "digest", "file_key")
    }
    # Only what was granted by name can lie in a circle that the actor does not reach.
    beyond = {document.circle_id for document in page} - actor.reach.circles - actor.reach.circles_open
    named = {**named, **places(actor, beyond)}
    rows = [
        Row(document, title_of(document), newest_of.get(document.pk), named.get(document.circle_id))
        for document in page
    ]
    originators = {document.originator_id: document.originator.name for document in page}
    return Listing(rows, page.next, counted, searched, originators)


def title_of(document: Document) -> str | None:
    """The title, or None where it does not open."""
    try:
        return document.title
    except Unreadable:
        return None


def waiting_level(actor: Actor, only: int | None = None) -> int:
    """The highest level (or the `only` one asked for) that a stronger sign-in would open; 0 for none.

    It depends on the actor alone, never on what there is.
    """
    return actor.reach.waiting(range(1, 5) if only is None else [only])
