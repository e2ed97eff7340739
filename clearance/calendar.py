"""Working days of Japan, and terms in them. Dates alone: what a day is, is decided in Tokyo."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import cache

SATURDAY = 5
A_DAY = timedelta(days=1)


def is_working_day(day: date) -> bool:
    """Whether the offices are open: no Saturday, no Sunday, no national holiday, and not from 29 December to 3 January
    (行政機関の休日に関する法律 第1条第1項)."""
    year_end = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return not (year_end or day.weekday() >= SATURDAY or day in _holidays(day.year))


def rolled(day: date) -> date:
    """The day itself, or the next working day: a term that ends on a closed day ends on the day after
    (行政機関の休日に関する法律 第2条)."""
    while not is_working_day(day):
        day += A_DAY
    return day


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    return rolled(day + A_DAY)


def working_days_after(day: date, number: int) -> date:
    """The `number`th working day after `day`, which itself is not counted (民法 第140条)."""
    for _ in range(number):
        day = next_working_day(day)
    return day


def months_after(day: date, number: int) -> date:
    """The corresponding day `number` months on, or that month's last where it has none (民法 第143条第2項)."""
    years, month = divmod(day.month - 1 + number, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start` up to and with `end`; 0 where `end` is not after `start`."""
    return sum(is_working_day(start + A_DAY * number) for number in range(1, (end - start).days + 1))


@cache
def _holidays(year: int) -> frozenset[date]:
    """The national holidays of a year, substitute holidays among them (国民の祝日に関する法律)."""
    from holidays import country_holidays  # a third of a second, which only processes that ask for a day pay

    return frozenset(country_holidays("JP", years=year))
