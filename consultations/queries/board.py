"""The cases an officer reads, by what they wait for. Dates and states alone: what a case says, a key opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import BooleanField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models import Case as Choose
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts.models import Appointment
from clearance.access import Actor
from intake.models import Entry

from ..clocks import Clock, Standing, clocks, pressing
from ..models.cases import CaseFile

REFERENCE = 8  # characters of a case's id: what officers call it by


class Waits(models.TextChoices):
    """What a case waits for: the parts of the board."""

    NEW = "NEW", _("新着")
    FOR_US = "FOR_US", _("窓口の対応待ち")
    FOR_THEM = "FOR_THEM", _("相談者の返事待ち")
    CLOSED = "CLOSED", _("終了")


TONES = {
    Standing.IN_TIME: "neutral",
    Standing.DUE_SOON: "yellow",
    Standing.OVERDUE: "red",
    Standing.KEPT: "green",
    Standing.KEPT_LATE: "neutral",
}


@dataclass(frozen=True)
class ClockShown:
    """A clock as it is drawn on a day."""

    clock: Clock
    standing: Standing
    passed: int
    left: int
    tone: str


@dataclass(frozen=True)
class Line:
    """One case on the board. `theme` is empty until the officer's key is unlocked."""

    file: CaseFile
    waits: Waits
    clocks: tuple[ClockShown, ...]
    theme: str = ""

    @property
    def reference(self) -> str:
        return reference(self.file.pk)

    @property
    def pressing(self) -> ClockShown | None:
        return next((shown for shown in self.clocks if shown.clock.done is None), None)


def reference(case: UUID) -> str:
    """What officers call a case by: the beginning of its random id."""
    return case.hex[:REFERENCE].upper()


def cases() -> QuerySet[Any]:
    """Every case the present person holds an envelope of, with what it waits for. The policies keep out all others."""
    shared = Entry.objects.filter(case=OuterRef("case"), shared=True)
    last, first_ours = shared.order_by("-place"), shared.filter(by_sender=False).order_by("place")
    return (
        CaseFile.objects.select_related("case", "assignee")
        .annotate(
            last_place=Subquery(last.values("place")[:1]),
            last_by_sender=Subquery(last.values("by_sender")[:1]),
            last_kind=Subquery(last.values("kind")[:1]),
            last_on=Subquery(last.values("day")[:1]),
            answered_on=Subquery(first_ours.values("day")[:1]),
        )
        .annotate(
            shut=Choose(
                When(closed_on__isnull=True, then=Value(False)),
                When(last_place__gt=F("closed_place"), then=Value(False)),
                default=Value(True),
                output_field=BooleanField(),
            )
        )
        .annotate(
            waits=Choose(
                When(shut=True, then=Value(Waits.CLOSED.value)),
                When(last_kind=Entry.Kind.WITHDRAWAL, then=Value(Waits.CLOSED.value)),
                When(triaged_on__isnull=True, answered_on__isnull=True, then=Value(Waits.NEW.value)),
                When(last_by_sender=True, then=Value(Waits.FOR_US.value)),
                default=Value(Waits.FOR_THEM.value),
            )
        )
    )


def board(actor: Actor, *, waits: str = "", mine: bool = False) -> QuerySet[Any]:
    """One part of the board: what is urgent first, then by the day it came, the newest last."""
    found = cases()
    if waits:
        found = found.filter(waits=waits)
    if mine:
        found = found.filter(assignee=actor.person_id)
    if waits == Waits.CLOSED:
        return found.order_by("-closed_on", "case_id")
    return found.order_by("shut", "-case__urgent", "case__received_on", "case_id")


def totals(actor: Actor) -> dict[str, int]:
    """How many cases each part of the board holds, and how many open ones are the actor's own (`mine`)."""
    counts: dict[str, Any] = {waits.value: Count("pk", filter=Q(waits=waits.value)) for waits in Waits}
    counts["mine"] = Count("pk", filter=Q(assignee=actor.person_id, shut=False))
    return cases().aggregate(**counts)


@dataclass(frozen=True)
class Waiting:
    """What waits for the office, for an officer's first page."""

    urgent: int = 0
    others: int = 0

    def __bool__(self) -> bool:
        return bool(self.urgent or self.others)


def waiting(actor: Actor) -> Waiting:
    """How many of an officer's cases wait for the office; nothing for anybody else. One statement."""
    if Appointment.Duty.OFFICIAL not in actor.duties:
        return Waiting()
    urgent = Q(case__urgent=True, waits=Waits.NEW)
    found = cases().filter(waits__in=(Waits.NEW, Waits.FOR_US))
    return Waiting(**found.aggregate(urgent=Count("pk", filter=urgent), others=Count("pk", filter=~urgent)))


def case(key: UUID) -> CaseFile:
    """One case. Raises Http404 where the present person has none of that id."""
    found: CaseFile | None = cases().filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def clocks_of(file: Any, on: date) -> tuple[ClockShown, ...]:
    """The clocks of a case from `cases`, as they are drawn on a day."""
    running = clocks(
        file.case.received_on, urgent=file.case.urgent, triaged=file.triaged_on, answered=file.answered_on,
        closed=file.closed_on if file.shut else None,
        withdrawn=file.case.withdrawn_on if file.last_kind == Entry.Kind.WITHDRAWAL else None,
    )  # fmt: skip
    first = pressing(running)
    ordered = sorted(running, key=lambda clock: (clock is not first, clock.due))
    return tuple(
        ClockShown(
            clock, standing := clock.standing(on), clock.passed(on), clock.working_days_left(on), TONES[standing]
        )
        for clock in ordered
    )


def line(file: Any, on: date, theme: str = "") -> Line:
    return Line(file, Waits(file.waits), clocks_of(file, on), theme)
