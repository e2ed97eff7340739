"""Organisations and their agreements and certifications."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery

from accounts.models import Organisation

from ..clock import last_day
from ..models import Level, OrganisationCertification
from .states import ICONS, SOON, TONES, Entry, State, entries, with_state

Kind = OrganisationCertification.Kind


def agreements() -> QuerySet[OrganisationCertification]:
    """What organisations have agreed to for levels 1–2."""
    found: QuerySet[OrganisationCertification] = OrganisationCertification.objects.filter(kind=Kind.AGREEMENT)
    return found


def organisations(*, at: datetime, text: str = "", kind: str = "", state: str = "") -> QuerySet[Any]:
    """Every organisation, by name, with the state of its agreement, when it ends, and how many people it has."""
    own = agreements().filter(organisation=OuterRef("pk"))
    in_force = own.in_force(at)  # type: ignore[attr-defined]
    found = with_state(Organisation.objects.all(), own, at=at).annotate(
        highest=Subquery(in_force.order_by("-highest").values("highest")[:1]),
        ends=Subquery(in_force.order_by().values("organisation").annotate(first=Min("until")).values("first")),
        heads=Count("people", filter=Q(people__is_active=True)),
    )
    if text:
        found = found.filter(
            Q(name__icontains=text) | Q(name_en__icontains=text) | Q(corporate_number__startswith=text)
        )
    if kind in Organisation.Kind.values:
        found = found.filter(kind=kind)
    if state in State.values:
        found = found.filter(state=state)
    ordered: QuerySet[Any] = found.order_by("name", "id")
    return ordered


@dataclass(frozen=True)
class Row:
    """One line of the list of organisations."""

    organisation: Organisation
    state: State
    highest: Level | None
    last_day: date | None
    heads: int

    @property
    def tone(self) -> str:
        return TONES[self.state]

    @property
    def icon(self) -> str:
        return ICONS[self.state]


def rows(page: Iterable[Any]) -> list[Row]:
    """The lines for a page of `organisations`."""
    return [
        Row(
            each,
            State(each.state),
            None if each.highest is None else Level(each.highest),
            last_day(each.ends),
            each.heads,
        )
        for each in page
    ]


def ending(*, at: datetime) -> QuerySet[OrganisationCertification]:
    """The agreements and certifications in force that end within 60 days, the first to end on top."""
    found: QuerySet[OrganisationCertification] = (
        OrganisationCertification.objects.in_force(at)
        .filter(until__lte=at + SOON)
        .select_related("organisation")
        .order_by("until", "id")
    )
    return found


def held_by(organisation: Organisation, *, at: datetime) -> list[Entry]:
    """An organisation's agreements and certifications with their suspensions."""
    rows = OrganisationCertification.objects.filter(organisation=organisation)
    return entries(rows.select_related("recorded_by", "revoked_by").order_by("-since", "-id"), at=at)


def agreements_of(organisation: Organisation, *, at: datetime) -> list[Entry]:
    """An organisation's agreements for levels 1–2, as its own people see them."""
    return entries(agreements().filter(organisation=organisation).order_by("-since", "-id"), at=at)
