"""By when a case is looked at, answered and settled; and how each of these terms stands on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from clearance.calendar import months_after, next_working_day, rolled, working_days_after, working_days_between

ANSWER_WORKING_DAYS = 7
RESULT_MONTHS = 3


class Term(models.TextChoices):
    """What has to have happened by the end of the term."""

    TRIAGE = "TRIAGE", _("急ぎの確認")
    ANSWER = "ANSWER", _("最初の返答")
    RESULT = "RESULT", _("結果の連絡")


class Standing(models.TextChoices):
    """How a term stands."""

    IN_TIME = "IN_TIME", _("期限内")
    DUE_SOON = "DUE_SOON", _("まもなく期限")
    OVERDUE = "OVERDUE", _("期限超過")
    KEPT = "KEPT", _("期限内に対応済み")
    KEPT_LATE = "KEPT_LATE", _("期限後に対応済み")


# From how many working days before its end a term is due soon. What is urgent is so from the start.
SOON = {Term.TRIAGE: 1, Term.ANSWER: 2, Term.RESULT: 10}


@dataclass(frozen=True)
class Clock:
    """One term of a case: from the day the case came until the end of `due`; `done` is the day it was kept, or None."""

    term: Term
    started: date
    due: date
    done: date | None

    def standing(self, on: date) -> Standing:
        if self.done is not None:
            return Standing.KEPT if self.done <= self.due else Standing.KEPT_LATE
        if on > self.due:
            return Standing.OVERDUE
        return Standing.DUE_SOON if working_days_between(on, self.due) <= SOON[self.term] else Standing.IN_TIME

    def working_days_left(self, on: date) -> int:
        """How many working days are left after `on`; 0 on the last one and after it."""
        return working_days_between(on, self.due)

    def passed(self, on: date) -> int:
        """How much of the term has passed, in per cent of its days: what is drawn."""
        whole = max(1, (self.due - self.started).days)
        return max(0, min(100, round(100 * ((self.done or on) - self.started).days / whole)))


def due(term: Term, received: date) -> date:
    """The last day of a term: the next working day for what is urgent, seven working days for a first answer, three
    months, until the next working day, for the result."""
    if term == Term.TRIAGE:
        return next_working_day(received)
    if term == Term.ANSWER:
        return working_days_after(received, ANSWER_WORKING_DAYS)
    return rolled(months_after(received, RESULT_MONTHS))


def clocks(
    received: date, *, urgent: bool, triaged: date | None = None, answered: date | None = None,
    closed: date | None = None, withdrawn: date | None = None,
) -> list[Clock]:  # fmt: skip
    """The terms that run for a case. Whoever answers has looked at it, and whoever closes it has kept what came before,
    too; nothing runs for a concern that its sender has withdrawn."""
    kept = {
        Term.TRIAGE: _first(triaged, answered, closed, withdrawn),
        Term.ANSWER: answered or _first(closed, withdrawn),
        Term.RESULT: _first(closed, withdrawn),
    }
    terms = [Term.TRIAGE, Term.ANSWER, Term.RESULT] if urgent else [Term.ANSWER, Term.RESULT]
    return [Clock(term, received, due(term, received), kept[term]) for term in terms]


def overdue(running: list[Clock], on: date) -> bool:
    """Whether one of them has run out unkept."""
    return any(clock.standing(on) == Standing.OVERDUE for clock in running)


def _first(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def pressing(running: list[Clock]) -> Clock | None:
    """The clock that runs out first of those still running; None where all are kept."""
    return min((clock for clock in running if clock.done is None), key=lambda clock: clock.due, default=None)
