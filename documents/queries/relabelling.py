"""Requests for wider markings, as officials meet them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from clearance.access import Actor, visible_to
from clearance.models import compare

from ..models import Answer, Document, RelabelRequest

SHOWN = ("document__marking", "document__originator", "present", "proposed", "proposed_by__organisation")


def requests(actor: Actor) -> QuerySet[RelabelRequest]:
    """Those on documents the actor may read, newest first."""
    return visible_to(actor, RelabelRequest.objects.all(), "document__").select_related(*SHOWN, "answered_by")


def open_requests(actor: Actor) -> QuerySet[RelabelRequest]:
    """Those that wait for an answer in circles the actor writes in, oldest first."""
    waiting = requests(actor).filter(answer=Answer.NONE, document__circle_id__among=sorted(actor.reach.writers))
    return waiting.order_by("proposed_at", "id")


def shown(found: QuerySet[RelabelRequest], most: int) -> list[RelabelRequest]:
    """The first of them, their documents held against the log in one question."""
    rows = list(found[:most])
    compare(row.document for row in rows)
    return rows


def request(actor: Actor, key: UUID) -> RelabelRequest:
    """One request. Raises Http404, whether there is none or its document is closed to the actor."""
    found = requests(actor).filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def open_request(of: Document) -> RelabelRequest | None:
    """What waits for an answer on one document."""
    return of.relabel_requests.filter(answer=Answer.NONE).select_related("proposed", "proposed_by").first()
