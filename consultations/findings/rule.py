"""The disclosure rule, as findings and statistics ask it (disclosure/, docs/adr/0024): one place that knows its calls.

A source is a sender, as far as the office knows: a case that repeats another, or was merged into it, counts with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from disclosure import services
from disclosure.asking import Outside, Statement, Table
from disclosure.services import Told, Withheld
from disclosure.verdicts import Verdict
from vault.keys import derive

from .. import case_database
from ..models.cases import CaseFile

__all__ = ["Outside", "Statement", "Told", "Verdict", "Withheld", "check", "release", "sources_of", "statement"]

DATASET = "consultations"


def statement(
    finding: UUID, revision: int, cases: Iterable[CaseFile], *, consents: Mapping[UUID, str], outside: Outside
) -> Statement:
    """The finding as a claim that each of these cases supports by itself."""
    files = list(cases)
    roots = sources_of(files)
    days: dict[str, date] = {}
    for file in files:
        days[roots[file.pk]] = min(file.case.received_on, days.get(roots[file.pk], date.max))
    agreed = {
        source for source in roots.values() if all(consents.get(file.pk) for file in files if roots[file.pk] == source)
    }
    return Statement(
        about=f"{finding} {revision}",
        sources=sorted(set(roots.values())),
        days=days,
        outside=outside,
        consents={
            roots[case]: reference for case, reference in consents.items() if reference and roots[case] in agreed
        },
    )


def sources_of(files: Iterable[CaseFile]) -> dict[UUID, str]:
    """Who each case comes from, by a pseudonym of the first case of a sender known to have come more than once.

    The database follows them back (sql/cases.sql): the earlier ones need not be cases the present person reads.
    """
    return case_database.roots(file.pk for file in files)


def check(asked: Statement | Table) -> Verdict:
    """What may be told now, and what to be careful of; draws nothing."""
    return services.check(dataset=DATASET, asked=asked, key=derive("disclosure"))


def release(asked: Statement | Table, *, day: date) -> Told:
    """Have it told. Raises Withheld, disclosure.services.Overtaken."""
    return services.release(dataset=DATASET, asked=asked, key=derive("disclosure"), day=day)
