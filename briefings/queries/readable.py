"""The briefings and sections that a reader may read. Nothing here depends on a section that they may not."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from clearance.access import Actor, visible_to
from clearance.models import compared

from ..models import Briefing, Former, Portion

LINE = ("marking", "originator")
LEVELS = (1, 2)  # those a briefing may have that need more than a password


def visible(actor: Actor) -> QuerySet[Briefing]:
    """The briefings the actor may read."""
    return visible_to(actor, Briefing.objects.select_related(*LINE))


def briefing(actor: Actor, key: UUID) -> Briefing:
    """One of them. Raises Http404, whether there is none or it is closed to the actor."""
    found = compared(visible(actor)).filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def portions(actor: Actor, of: Briefing) -> list[Portion]:
    """Its sections as they stand, those the actor may read."""
    return [each for each in every_state(actor, of) if each.until is None]


def every_state(actor: Actor, of: Briefing) -> list[Portion]:
    """Each state of each section that the actor may read, in order of place, then of time."""
    rows = visible_to(actor, Portion.objects.filter(briefing=of).select_related("marking"))
    return list(compared(rows).order_by("place", "created", "id"))


def formers(of: Briefing) -> list[Former]:
    """What was said of the whole before it was corrected, oldest first; of a briefing that the actor reads."""
    if of.changed_at is None:
        return []
    found = list(Former.objects.filter(briefing=of).order_by("until", "id"))
    for each in found:
        each.briefing = of  # under whose key it is sealed
    return found


def waiting_level(actor: Actor) -> int:
    """The level that a stronger sign-in would open, whatever there is; 0 for none."""
    return actor.reach.waiting(LEVELS)
