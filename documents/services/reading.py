"""Taking note of a document: its card, a page of a version, a whole file. Each is recorded before it is given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from clearance.noting import note

from .. import rules
from ..files import StoredFile, file_of
from ..models import Document, Reading, RelabelRequest, Rendition, Version, Way
from ..rendering.pages import Place

SITTING = timedelta(minutes=10)
EXACT_TO = timedelta(minutes=1)  # how late a sitting's end may stand: a reader of many ranges need not write for each


class Form(StrEnum):
    """The forms about one document, as the log names them."""

    RECORD = "record"
    RELABEL = "relabel"
    VERSION = "version"
    WITHDRAW = "withdraw"


@dataclass(frozen=True)
class Shown:
    """One page of a version as the viewer shows it; `text` is all of it, or what an image says."""

    version: Version
    number: int
    pages: int
    cut: bool
    text: str
    has_image: bool
    width: int
    height: int


def open_list(*, actor: Actor, shown: int, searched: int | None) -> None:
    """The reader was shown a page of the list. Being shown a title in a list is not opening the document."""
    record(
        actor=actor, act=Act.DOCUMENT_LIST, target_type="documents.document",
        detail={"shown": shown, "searched": searched},
    )  # fmt: skip


def open_card(*, actor: Actor, document: Document) -> None:
    """The reader has opened the document's own page: its title and who handed it over, not yet its content.

    One insert is whole by itself: it needs no transaction within the request's.
    """
    rules.insist(rules.to_read(actor, document))
    note(actor, Act.DOCUMENT_OPEN, document)


def note_form(*, actor: Actor, document: Document, form: Form) -> None:
    """A form about one document was shown, and its title with it."""
    note(actor, Act.DOCUMENT_FORM, document, kind=form)


def note_readings(*, actor: Actor, document: Document) -> None:
    """The ledger of who has read a document was shown."""
    note(actor, Act.DOCUMENT_READINGS, document)


def note_register(*, actor: Actor, document: Document) -> None:
    """The list of who knows of a document by name was shown."""
    note(actor, Act.DOCUMENT_REGISTER, document)


def note_requests(*, actor: Actor, shown: Iterable[RelabelRequest]) -> None:
    """The requests for wider markings were listed, with the titles they are about: as high as the highest of them."""
    requests = list(shown)
    record(
        actor=actor, act=Act.REQUEST_LIST, target_type="documents.relabelrequest",
        level=max((_height(request) for request in requests), default=0), detail={"shown": len(requests)},
    )  # fmt: skip


def note_request(*, actor: Actor, request: RelabelRequest) -> None:
    """One request was opened: its reason and consent, and the title of what it is about."""
    record(
        actor=actor, act=Act.REQUEST_OPEN, target_type="documents.relabelrequest", target_id=request.pk,
        label=request.document.seal_label.text, level=_height(request),
    )  # fmt: skip


def _height(request: RelabelRequest) -> int:
    """A request names three markings: the document's, the one it had, the one asked for."""
    return max(request.document.level, request.present.level, request.proposed.level)


@transaction.atomic
def open_page(*, actor: Actor, document: Document, version: Version, number: int) -> Shown:
    """One page to look at. Raises Denied; Http404 for a version or page that is not there; Unreadable."""
    rendition, place = _page(actor, document, version, number)
    text = file_of(rendition).read(place.offset, place.text_length).decode()
    _enter(actor, document, version, Way.VIEW)
    note(actor, Act.DOCUMENT_PAGE, document, version=version.number, page=number)
    return Shown(
        version=version, number=number, pages=rendition.pages, cut=rendition.cut, text=text,
        has_image=place.image_length > 0, width=place.width, height=place.height,
    )  # fmt: skip


@transaction.atomic
def open_image(*, actor: Actor, document: Document, version: Version, number: int) -> bytes:
    """The image of one page, as a PNG: part of the sitting its page began, and an event of its own, for its address
    opens without the page's. Raises as `open_page` does."""
    rendition, place = _page(actor, document, version, number)
    if not place.image_length:
        raise Http404
    image = file_of(rendition).read(place.offset + place.text_length, place.image_length)
    _enter(actor, document, version, Way.VIEW)
    note(actor, Act.DOCUMENT_PAGE, document, version=version.number, page=number, kind="image")
    return image


@transaction.atomic
def open_download(*, actor: Actor, document: Document, version: Version) -> StoredFile:
    """The file of a version, to be streamed once this transaction is over. Raises Denied; Http404 until it is ready.

    The requests for ranges of one download are one sitting: one line in the ledger, one event in the log.
    """
    rules.insist(rules.to_download(actor, document))
    if version.document_id != document.pk or not version.ready:
        raise Http404
    stored = file_of(version)
    if _enter(actor, document, version, Way.DOWNLOAD):
        note(actor, Act.DOCUMENT_DOWNLOAD, document, version=version.number, size=version.size)
    return stored


def _page(actor: Actor, document: Document, version: Version, number: int) -> tuple[Rendition, Place]:
    rules.insist(rules.to_read(actor, document))
    if not version.viewable:
        raise Http404
    rendition = document.renditions.filter(version=version).first()
    if rendition is None or not 1 <= number <= rendition.pages:
        raise Http404
    return rendition, Place(*rendition.index[number - 1])


def _enter(actor: Actor, document: Document, version: Version, way: Way) -> bool:
    """Write the ledger; whether a new sitting begins.

    Two requests at once may both find no sitting: the unique number lets one of them begin it, the other waits for it
    and joins.
    """
    now = timezone.now()
    mine = Reading.objects.filter(version=version, person_id=rules.person(actor), way=way)
    latest = mine.order_by("-sitting").first()
    if latest is not None and latest.last > now - SITTING:
        if latest.last < now - EXACT_TO:
            mine.filter(pk=latest.pk, last__lt=now).update(last=now)
        return False
    line = Reading(
        document=document, version=version, person_id=rules.person(actor), way=way,
        sitting=latest.sitting + 1 if latest else 1, began=now, last=now,
    )  # fmt: skip
    Reading.objects.bulk_create([line], ignore_conflicts=True)
    return mine.filter(pk=line.pk).exists()
