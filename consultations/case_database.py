"""The functions of the database by which cases are destroyed, and counted for the manager (sql/cases.sql)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from .database import rows


@dataclass(frozen=True)
class ToDestroy:
    """A case that lacks a consent, as its manager sees it: by id, class and dates."""

    case: UUID
    classed: str
    received_on: date
    destroy_on: date
    asked: bool


def to_destroy(within: int) -> list[ToDestroy]:
    """For the manager: what is due within so many days, or was asked to be. Nothing for anybody else."""
    return [ToDestroy(*row) for row in rows("SELECT * FROM consultations_to_destroy(%s)", within)]


def consent(case: UUID, reference: str) -> bool:
    """Record by which consent a case may be destroyed; False where the present person may not, or it is none such."""
    return bool(rows("SELECT consultations_consent(%s, %s)", case, reference)[0][0])


def roots(cases: Iterable[UUID]) -> dict[UUID, str]:
    """Whose each of these cases is, as far as the office knows: a pseudonym (findings/rule.py)."""
    return dict(rows("SELECT id, consultations_root(id) FROM unnest(%s::uuid[]) id", list(cases)))


def received() -> list[tuple[date, str, str]]:
    """Each sender of each quarter: its first day, their pseudonym, what their first case in it is classed as
    (findings/statistics.py). Nothing for whoever is at no desk."""
    return [(row[0], row[1], row[2]) for row in rows("SELECT * FROM consultations_received()")]


def destroy(case: UUID) -> list[str] | None:
    """Destroy a case as the worker; the names of its files, or None where it is not to be destroyed."""
    names: list[str] | None = rows("SELECT consultations_destroy(%s)", case)[0][0]
    return names
