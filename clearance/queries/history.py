"""What happened to entitlements and when, from the rows themselves: the register is its own history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Person

from .states import Entry


@dataclass(frozen=True)
class Happening:
    """One thing that happened: what to, by whom, and why."""

    at: datetime
    title: str | Promise
    tone: str
    what: str
    who: str = ""
    reason: str = ""


def history(entries: Iterable[Entry]) -> list[Happening]:
    """Newest first."""
    found = [happening for entry in entries for happening in _of(entry)]
    return sorted(found, key=lambda happening: happening.at, reverse=True)


def _of(entry: Entry) -> Iterator[Happening]:
    row, what = entry.row, str(entry.row)
    yield Happening(row.recorded_at, _("登録"), "success", what, _name(row.recorded_by))
    for span in entry.suspensions:
        yield Happening(span.since, _("効力の停止"), "warning", what, _name(span.by), span.reason)
        if span.until is not None and span.until <= entry.at:
            yield Happening(span.until, _("効力の再開"), "success", what, _name(span.ended_by))
    if row.revoked_at is not None:
        yield Happening(row.revoked_at, _("取消し"), "error", what, _name(row.revoked_by), row.revoked_reason)
    elif row.until is not None and row.until <= entry.at:
        yield Happening(row.until, _("期限切れ"), "neutral", what)


def _name(person: Person | None) -> str:
    return person.name if person else ""
