"""The statutory registers: assessments (適性評価) and each item's named handlers (取扱者名簿).

For the clearance officer; row-level security gives nobody else a line of another's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Max, Q, QuerySet, When

from accounts.models import Person

from ..clock import last_day
from ..models import Authorisation, HandlerEntry, OrganisationCertification
from .states import Entry, entries


def assessments(*, text: str = "") -> QuerySet[Authorisation]:
    """Every assessment's result, by its end."""
    found: QuerySet[Authorisation] = Authorisation.objects.filter(basis__in=Authorisation.STATUTORY).select_related(
        "person__organisation", "ministry"
    )
    if text:
        found = found.filter(Q(person__name__icontains=text) | Q(person__organisation__name__icontains=text))
    return found.order_by("until", "id")


def assessments_of(person: Person, *, at: datetime) -> list[Entry]:
    """A person's assessments with their suspensions."""
    return entries(
        assessments().filter(person=person).select_related("recorded_by", "revoked_by", "ministry", "person"), at=at
    )


def certifications() -> QuerySet[OrganisationCertification]:
    """The certified organisations (適合事業者) and their contracts, by their end."""
    found: QuerySet[OrganisationCertification] = OrganisationCertification.objects.filter(
        kind=OrganisationCertification.Kind.CERTIFICATION
    ).select_related("organisation")
    return found.order_by("until", "id")


def items_with_handlers() -> QuerySet[Any, Any]:
    """Each item that has a register: its id, how many are on it, and when it last changed."""
    return (
        HandlerEntry.objects.values("item_id")
        .annotate(
            named=Count("id", filter=Q(struck_at__isnull=True)), changed=Max("entered_at"), struck=Max("struck_at")
        )
        .order_by("-changed", "item_id")
    )


@dataclass(frozen=True)
class Line:
    """One line of an item's register, and whether it holds at the moment."""

    entry: HandlerEntry
    stands: bool
    last_day: date | None


def entries_of(item: UUID, *, at: datetime) -> QuerySet[HandlerEntry]:
    """What one item's register holds, the entries that stand first."""
    stands = Q(struck_at=None, entered_at__lte=at) & (Q(until=None) | Q(until__gt=at))
    found = HandlerEntry.objects.filter(item_id=item).select_related("person__organisation", "entered_by", "struck_by")
    return found.order_by(Case(When(stands, then=0), default=1), "entered_at", "id")


def lines(found: Iterable[HandlerEntry], *, at: datetime) -> list[Line]:
    """The entries as the register's screen shows them."""
    return [Line(entry, _stands(entry, at), last_day(entry.until)) for entry in found]


def _stands(entry: HandlerEntry, at: datetime) -> bool:
    return entry.struck_at is None and entry.entered_at <= at and (entry.until is None or entry.until > at)


def mine(person_id: UUID) -> QuerySet[HandlerEntry]:
    """The registers of items one stands on oneself: that one does, and nothing of any assessment."""
    return HandlerEntry.objects.filter(person_id=person_id, struck_at__isnull=True).order_by("-entered_at", "id")
