"""A version in the worker's hand: read in one context, worked on without a transaction, written back in another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from clearance.access import Actor
from clearance.context import acting

from ..files import StoredFile, file_of
from ..models import Document, Processing, Rendition, Version

PROGRESS_SECONDS = 2.0


@dataclass
class AtHand:
    """All that the work needs, fetched beforehand. `document` only says where the version lies."""

    work: Processing
    document: Document
    version: Version
    file: StoredFile
    rendition: StoredFile | None
    name: str
    digest: str
    _said: float = field(default_factory=time.monotonic)

    def say(self, percent: int) -> None:
        """Show how far it is, at most every two seconds."""
        now = time.monotonic()
        if now - self._said < PROGRESS_SECONDS:
            return
        self._said = now
        with writing(self) as (_actor, _document, version):
            version.percent = min(99, percent)
            version.save(update_fields=["percent"])


class Gone(LookupError):
    """The document was withdrawn, or its time is over: there is nothing to do."""


def take_up(work: Processing) -> AtHand:
    """Read what the work needs, in a context that reaches this one document. Raises Gone, Unreadable."""
    with acting(items=[work.document_id]):
        version = Version.objects.select_related("document").filter(pk=work.version_id).first()
        if version is None:
            raise Gone
        rendition = Rendition.objects.filter(version=version).first()
        if rendition is not None:
            rendition.document = version.document
        return AtHand(
            work, version.document, version, file_of(version), file_of(rendition) if rendition else None,
            version.file_name, version.digest,
        )  # fmt: skip


@contextmanager
def writing(held: AtHand) -> Iterator[tuple[Actor, Document, Version]]:
    """A transaction to write the outcome in, with the document as it is by now and as it stays. Raises Gone."""
    with acting(reaching=[held.document]) as actor:
        document = Document.objects.select_for_update().filter(pk=held.document.pk).first()
        if document is None:
            raise Gone
        yield actor, document, document.versions.get(pk=held.version.pk)
