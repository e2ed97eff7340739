"""Working days of Japan, terms in them, and how a term stands: one row a case."""

from __future__ import annotations

from datetime import date

import pytest

from clearance.calendar import (
    is_working_day,
    months_after,
    next_working_day,
    rolled,
    working_days_after,
    working_days_between,
)
from consultations.clocks import Standing, Term, clocks, due, pressing


def day(text: str) -> date:
    return date.fromisoformat(text)


CLOSED = {
    "a Saturday": "2026-11-21",
    "a Sunday": "2026-11-22",
    "a national holiday (勤労感謝の日)": "2026-11-23",
    "a day between two holidays (国民の休日)": "2026-09-22",
    "a substitute holiday": "2026-05-06",
    "the offices' own closing days": "2026-12-29",
    "the last day of the year": "2026-12-31",
    "New Year": "2027-01-01",
    "the offices' last closing day": "2029-01-03",
}
OPEN = {"a Tuesday": "2026-11-24", "the last working day": "2026-12-28", "the first working day": "2027-01-04"}


@pytest.mark.parametrize("why", CLOSED)
def test_the_offices_are_closed_on(why: str) -> None:
    assert not is_working_day(day(CLOSED[why]))


@pytest.mark.parametrize("why", OPEN)
def test_the_offices_are_open_on(why: str) -> None:
    assert is_working_day(day(OPEN[why]))


@pytest.mark.parametrize(
    ("start", "then"),
    [
        ("2026-11-20", "2026-11-24"),  # Friday, then a long weekend
        ("2026-11-22", "2026-11-24"),
        ("2026-11-24", "2026-11-25"),
        ("2026-12-28", "2027-01-04"),
        ("2026-05-01", "2026-05-07"),  # the golden week
    ],
)
def test_the_next_working_day(start: str, then: str) -> None:
    assert next_working_day(day(start)) == day(then)


def test_a_working_day_is_not_rolled_and_a_closed_one_is() -> None:
    assert rolled(day("2026-11-24")) == day("2026-11-24")
    assert rolled(day("2026-11-21")) == day("2026-11-24")


@pytest.mark.parametrize(
    ("start", "number", "then"),
    [
        ("2026-11-20", 1, "2026-11-24"),
        ("2026-11-20", 7, "2026-12-02"),
        ("2026-12-24", 7, "2027-01-08"),
        ("2026-11-24", 0, "2026-11-24"),
    ],
)
def test_so_many_working_days_after(start: str, number: int, then: str) -> None:
    assert working_days_after(day(start), number) == day(then)
    assert working_days_between(day(start), day(then)) == number


@pytest.mark.parametrize(
    ("start", "number", "then"),
    [
        ("2026-11-22", 3, "2027-02-22"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2026-10-31", 12, "2027-10-31"),
        ("2026-12-31", 2, "2027-02-28"),
    ],
)
def test_so_many_months_after(start: str, number: int, then: str) -> None:
    assert months_after(day(start), number) == day(then)


@pytest.mark.parametrize(
    ("term", "received", "until"),
    [
        (Term.TRIAGE, "2026-11-20", "2026-11-24"),
        (Term.TRIAGE, "2026-12-28", "2027-01-04"),
        (Term.ANSWER, "2026-11-20", "2026-12-02"),
        (Term.RESULT, "2026-11-22", "2027-02-22"),
        (Term.RESULT, "2026-11-23", "2027-02-24"),  # the 23rd is the Emperor's birthday
        (Term.RESULT, "2026-09-29", "2027-01-04"),  # 29 December to 3 January
    ],
)
def test_the_last_day_of_a_term(term: Term, received: str, until: str) -> None:
    assert due(term, day(received)) == day(until)


STANDINGS = [
    # term, received, done, on, how it stands, working days left, per cent passed
    (Term.TRIAGE, "2026-11-20", None, "2026-11-20", Standing.DUE_SOON, 1, 0),
    (Term.TRIAGE, "2026-11-20", None, "2026-11-24", Standing.DUE_SOON, 0, 100),
    (Term.TRIAGE, "2026-11-20", None, "2026-11-25", Standing.OVERDUE, 0, 100),
    (Term.TRIAGE, "2026-11-20", "2026-11-24", "2026-12-25", Standing.KEPT, 0, 100),
    (Term.TRIAGE, "2026-11-20", "2026-11-25", "2026-12-25", Standing.KEPT_LATE, 0, 100),
    (Term.ANSWER, "2026-11-20", None, "2026-11-27", Standing.IN_TIME, 3, 58),
    (Term.ANSWER, "2026-11-20", None, "2026-11-30", Standing.DUE_SOON, 2, 83),
    (Term.ANSWER, "2026-11-20", None, "2026-12-02", Standing.DUE_SOON, 0, 100),
    (Term.ANSWER, "2026-11-20", None, "2026-12-03", Standing.OVERDUE, 0, 100),
    (Term.RESULT, "2026-11-20", None, "2027-01-20", Standing.IN_TIME, 22, 65),
    (Term.RESULT, "2026-11-20", None, "2027-02-15", Standing.DUE_SOON, 5, 93),
]


@pytest.mark.parametrize(("term", "received", "done", "on", "standing", "left", "passed"), STANDINGS)
def test_how_a_term_stands(
    term: Term, received: str, done: str | None, on: str, standing: Standing, left: int, passed: int
) -> None:
    kept = day(done) if done else None
    running = clocks(day(received), urgent=True, triaged=kept, answered=kept, closed=kept)
    clock = next(clock for clock in running if clock.term == term)
    assert (clock.standing(day(on)), clock.working_days_left(day(on)), clock.passed(day(on))) == (
        standing,
        left,
        passed,
    )


def test_only_what_is_urgent_is_looked_at_by_the_next_working_day() -> None:
    assert [clock.term for clock in clocks(day("2026-11-20"), urgent=False)] == [Term.ANSWER, Term.RESULT]
    assert [clock.term for clock in clocks(day("2026-11-20"), urgent=True)] == list(Term)


def test_what_presses_is_the_first_to_run_out_of_those_still_running() -> None:
    on = day("2026-11-24")
    running = clocks(day("2026-11-20"), urgent=True, triaged=on)
    assert (clock := pressing(running)) is not None
    assert clock.term == Term.ANSWER
    assert pressing(clocks(day("2026-11-20"), urgent=True, triaged=on, closed=on)) is None


def test_whoever_closes_a_case_has_answered_it() -> None:
    answer = clocks(day("2026-11-20"), urgent=False, closed=day("2026-11-24"))[0]
    assert answer.standing(day("2026-12-24")) == Standing.KEPT
