"""One document and what hangs on it. What is denied is not there: Http404 either way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.models import Organisation
from clearance.access import Action, Actor, require, visible_to
from clearance.models import Circle, CircleMember, CircleOrganisation, compared
from clearance.models.authorisations import within
from clearance.questions import NOW, Given, Question

from ..models import Document, DocumentGrant, Reading, Version

CARD = ("marking", "originator", "handed_over_by__organisation")


def readable(actor: Actor, *, at: datetime | None = None) -> QuerySet[Document]:
    """The documents the actor may read, with what every page shows of one."""
    return visible_to(actor, Document.objects.select_related(*CARD), at=at)


def document(actor: Actor, key: UUID) -> Document:
    """The document. Raises Http404, whether there is none or it is closed to the actor."""
    found = _one.first(actor, key=key)
    if found is None:
        raise Http404
    return found


@Question
def _one(actor: Actor) -> QuerySet[Document]:
    return compared(readable(actor, at=NOW)).filter(pk=Given("key"))


def versions(actor: Actor, of: Document) -> list[Version]:
    """Every version, newest first, with who handed it over."""
    found = _versions(actor, document=of.pk)
    for version in found:
        version.document = of  # under whose key its name is sealed
    return found


@Question
def _versions(actor: Actor) -> QuerySet[Version]:
    """The database's policy has judged the document that they hang on."""
    all_of_it = Version.objects.filter(document_id=Given("document"))
    return all_of_it.select_related("received_by__organisation").order_by("-number")


def version(actor: Actor, key: UUID, number: int) -> Version:
    """One version of a document, with the document. Raises Http404 as `document` does.

    Asked for each range of a file, so the query carries no predicate, which costs more to compile than to run: the
    database's policy has already judged the one row by its keys, and the decision judges it again in plain Python.
    """
    found = Version.objects.filter(document_id=key, number=number).select_related("document").order_by()[:1]
    if not found:
        raise Http404
    require(actor, Action.READ, found[0].document)
    return found[0]


def newest_version(of: Document) -> Version | None:
    return of.versions.order_by("-number").first()


def readings(of: Document) -> QuerySet[Reading]:
    """The ledger, newest first: the actor's own lines, or all for its keepers (the database's policy)."""
    lines = Reading.objects.filter(document=of).select_related("person__organisation", "version")
    return lines.order_by("-began", "-id")


def grants(of: Document) -> QuerySet[DocumentGrant]:
    """Who knows of the document by name; there for the circle's stewards."""
    held: QuerySet[DocumentGrant] = DocumentGrant.objects.filter(content_object=of)
    return held.select_related("user__organisation").order_by("since", "id")


def circle_to_write_in(actor: Actor, key: int | None) -> Circle | None:
    """A circle the actor may hand something over into, with its ceiling; None otherwise."""
    if key is None or key not in actor.reach.writers:
        return None
    return Circle.objects.select_related("ceiling").filter(pk=key).first()


def originators_in(actor: Actor, circle: Circle) -> QuerySet[Organisation]:
    """Whose information may be handed over in a circle: of the organisations in it, of its people's, of one's own."""
    now = timezone.now()
    firms = CircleOrganisation.objects.filter(within(now), circle=circle).values("organisation_id")
    people = CircleMember.objects.filter(within(now), circle=circle).values("person__organisation_id")
    theirs = Q(pk__in=firms) | Q(pk__in=people) | Q(pk=actor.organisation_id)
    return Organisation.objects.filter(theirs, active=True).order_by("name", "id")
