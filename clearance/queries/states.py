"""In what state an authorisation or agreement is at a moment, in one word for people and one predicate for lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from ..models import Compartment, Suspension
from ..models.authorisations import Entitlement, within

SOON = timedelta(days=60)


class State(models.TextChoices):
    """Of a person or an organisation: the best of what they hold."""

    IN_FORCE = "in_force", _("有効")
    ENDING = "ending", _("まもなく終了")
    SUSPENDED = "suspended", _("停止中")
    LAPSED = "lapsed", _("期限切れ")
    NONE = "none", _("未登録")


class Phase(models.TextChoices):
    """Of one authorisation or agreement."""

    IN_FORCE = "in_force", _("有効")
    ENDING = "ending", _("まもなく終了")
    SUSPENDED = "suspended", _("停止中")
    NOT_YET = "not_yet", _("開始前")
    LAPSED = "lapsed", _("期限切れ")
    REVOKED = "revoked", _("取消し")

    @property
    def tone(self) -> str:
        return TONES[self]


TONES: dict[str, str] = {
    "in_force": "green",
    "ending": "yellow",
    "suspended": "red",
    "not_yet": "blue",
    "lapsed": "neutral",
    "revoked": "neutral",
    "none": "neutral",
}
ICONS: dict[str, str] = {
    "in_force": "check",
    "ending": "clock",
    "suspended": "warning",
    "not_yet": "calendar",
    "lapsed": "close",
    "revoked": "close",
    "none": "minus",
}
# Which of several a person has most use for.
BEST = ("in_force", "ending", "suspended", "not_yet", "lapsed", "revoked")


class Entry:
    """One entitlement as a page shows it: its state at the moment, its last day, its spans of suspension."""

    def __init__(self, row: Any, suspensions: list[Suspension], at: datetime, codes: tuple[str, ...] = ()) -> None:
        self.row, self.suspensions, self.at, self.codes = row, suspensions, at, codes

    @property
    def phase(self) -> Phase:
        row: Entitlement = self.row
        if row.revoked_at is not None and row.revoked_at <= self.at:
            return Phase.REVOKED
        if row.until is not None and row.until <= self.at:
            return Phase.LAPSED
        if self.suspended:
            return Phase.SUSPENDED
        if row.since > self.at:
            return Phase.NOT_YET
        return Phase.ENDING if row.until is not None and row.until <= self.at + SOON else Phase.IN_FORCE

    @property
    def suspended(self) -> bool:
        return any(span.since <= self.at and (span.until is None or span.until > self.at) for span in self.suspensions)

    @property
    def ended(self) -> bool:
        return self.phase in {Phase.REVOKED, Phase.LAPSED}

    @property
    def last_day(self) -> date | None:
        ends: date | None = self.row.last_day
        return ends

    @property
    def tone(self) -> str:
        return TONES[self.phase]

    @property
    def icon(self) -> str:
        return ICONS[self.phase]


def entries(rows: Iterable[Any], *, at: datetime) -> list[Entry]:
    """The rows with their suspensions and codes, those that count first. Three queries, whatever the number."""
    found = list(rows)
    spans: dict[UUID, list[Suspension]] = {}
    keys = [row.pk for row in found]
    for span in Suspension.objects.filter(entitlement_id__in=keys).select_related("by", "ended_by"):
        spans.setdefault(span.entitlement_id, []).append(span)
    names = list(Compartment.objects.values_list("bit", "code")) if found else []

    def codes(row: Any) -> tuple[str, ...]:
        mask = getattr(row, "comp_mask", 0)
        return tuple(code for bit, code in names if mask >> bit & 1)

    made = [Entry(row, spans.get(row.pk, []), at, codes(row)) for row in found]
    return sorted(made, key=lambda entry: BEST.index(entry.phase))


def with_state(holders: QuerySet[Any], of_holder: QuerySet[Any], *, at: datetime) -> QuerySet[Any]:
    """People or organisations with `state`: the best of the entitlements that `of_holder` (correlated) finds."""
    in_force = of_holder.in_force(at)  # type: ignore[attr-defined]
    lasting = in_force.filter(Q(until__isnull=True) | Q(until__gt=at + SOON))
    running = of_holder.filter(within(at), Q(revoked_at__isnull=True) | Q(revoked_at__gt=at))
    suspended = running.filter(Exists(Suspension.objects.filter(within(at), entitlement_id=OuterRef("pk"))))
    lapsed = of_holder.lapsed(at)  # type: ignore[attr-defined]
    found: QuerySet[Any] = holders.annotate(
        state=Case(
            When(Exists(lasting), then=Value(State.IN_FORCE.value)),
            When(Exists(in_force), then=Value(State.ENDING.value)),
            When(Exists(suspended), then=Value(State.SUSPENDED.value)),
            When(Exists(lapsed), then=Value(State.LAPSED.value)),
            default=Value(State.NONE.value),
        )
    )
    return found
