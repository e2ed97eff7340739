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

from ..models.cases import CaseFile

__all__ = ["Outside", "Statement", "Told", "Verdict", "Withheld", "check", "release", "source_of", "statement"]

DATASET = "consultations"
MOST_STEPS = 20  # from a repeat to what it repeats


def statement(
    finding: UUID, revision: int, cases: Iterable[CaseFile], *, consents: Mapping[UUID, str], outside: Outside
) -> Statement:
    """The finding as a claim that each of these cases supports by itself."""
    files = list(cases)
    roots = {file.pk: source_of(file) for file in files}
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


def source_of(file: CaseFile) -> str:
    """The first case of a sender that is known to have come more than once."""
    seen = {file.pk}
    while (earlier := file.merged_into_id or file.repeat_of_id) and earlier not in seen and len(seen) < MOST_STEPS:
        found = CaseFile.objects.filter(pk=earlier).first()
        if found is None:
            break
        file = found
        seen.add(file.pk)
    return str(file.pk)


def check(asked: Statement | Table) -> Verdict:
    """What may be told now, and what to be careful of; draws nothing."""
    return services.check(dataset=DATASET, asked=asked, key=derive("disclosure"))


def release(asked: Statement | Table, *, day: date) -> Told:
    """Have it told. Raises Withheld, disclosure.services.Overtaken."""
    return services.release(dataset=DATASET, asked=asked, key=derive("disclosure"), day=day)
