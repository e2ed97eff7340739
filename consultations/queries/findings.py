"""The findings an officer may read, and the rooms they may be released into."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from clearance.access import Actor
from dialogues.models import Room
from dialogues.queries import rooms as dialogue_rooms

from ..models.findings import Finding


def listed() -> QuerySet[Finding]:
    """The newest first; the policy keeps out all that one may not read."""
    return Finding.objects.select_related("drafted_by", "approved_by").order_by("-drafted_on", "pk")


def finding(key: UUID) -> Finding:
    """Raises Http404."""
    found = listed().filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def rooms(actor: Actor) -> list[Room]:
    """The rooms one writes in, by name."""
    found = dialogue_rooms.listed(actor, kind="", archived=False, after="")
    return [room for room in found if room.circle_id in actor.reach.writers]
