"""Coarse dates: a month, a quarter or a year, never a day; each period that is named has enough sources in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

LENGTHS = (1, 3, 12)  # months; finest first


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """So many months of a year, from the month `first` on."""

    year: int
    first: int
    months: int

    @classmethod
    def of(cls, day: date, months: int) -> Period:
        return cls(day.year, (day.month - 1) // months * months + 1, months)

    @property
    def label(self) -> str:
        """As it is written: 2026年11月, 2026年10〜12月, 2026年; November 2026, October–December 2026, 2026."""
        if self.months == 12:
            return _("%(year)d年") % {"year": self.year}
        last = self.first + self.months - 1
        if get_language() == "ja":
            names = {"first": str(self.first), "last": str(last)}
        else:
            names = {
                name: date_format(date(self.year, n, 1), "F") for name, n in (("first", self.first), ("last", last))
            }
        told = {"year": self.year, **names}
        return _("%(year)d年%(first)s〜%(last)s月") % told if self.months > 1 else _("%(year)d年%(first)s月") % told


def coarse(days: Iterable[date], at_least: int) -> tuple[Period, ...]:
    """The finest periods that may be named: each has `at_least` of the days. Empty: no date may be said at all."""
    known = list(days)
    for months in LENGTHS:
        periods = Counter(Period.of(day, months) for day in known)
        if periods and min(periods.values()) >= at_least:
            return tuple(sorted(periods))
    return ()
