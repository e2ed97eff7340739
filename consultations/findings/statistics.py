"""How many cases came in a quarter, by class, month or theme: told under the rule, once and then always the same.

Each quarter is a table of its own over the cases of that quarter alone, once it is over: what changes later is judged
against what was told before. Themes are sealed: they are counted over what the asking officer's key opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Min
from django.utils.dates import MONTHS
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from clearance.calendar import months_after
from clearance.clock import today
from disclosure.asking import Row, Table
from intake.themes import THEMES

from .. import case_database
from ..custody import UnlockedKey
from ..models.cases import Classed
from ..models.custody import DeskOfficer
from ..queries import board
from ..services import opening
from . import rule

QUARTERS = 4
BY_CLASS, BY_THEME = "class", "theme"


@dataclass(frozen=True)
class Quarter:
    """Three months that are over."""

    first: date

    @property
    def months(self) -> list[date]:
        return [months_after(self.first, number) for number in range(3)]

    @property
    def end(self) -> date:
        """The day after its last."""
        return months_after(self.first, 3)

    @property
    def label(self) -> str:
        """As it is written: 2026年7月〜9月, July to September 2026."""
        first, *_others, last = (str(MONTHS[month.month]) for month in self.months)
        return _("%(year)d年%(first)s〜%(last)s") % {"year": self.first.year, "first": first, "last": last}

    @property
    def code(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True)
class Shown:
    """A quarter's table as it stands: `bars` where it was told, labels with figures or the mark of what is withheld."""

    quarter: Quarter
    by: str
    verdict: rule.Verdict
    bars: list[tuple[str | Promise, int]]
    withheld: list[str | Promise]

    @property
    def told(self) -> bool:
        return self.verdict.repeated


def quarters(on: date) -> list[Quarter]:
    """The last quarters that are over, the newest first."""
    first = date(on.year, (on.month - 1) // 3 * 3 + 1, 1)
    return [Quarter(months_after(first, -3 * number)) for number in range(1, QUARTERS + 1)]


def since_opened(known: list[Quarter]) -> list[Quarter]:
    """Without the quarters that were over before anybody served at a desk."""
    first = DeskOfficer.objects.aggregate(first=Min("since"))["first"]
    return [quarter for quarter in known if first and quarter.end > localdate(first)]


def labels(by: str) -> Mapping[str, str | Promise]:
    if by == BY_THEME:
        return {theme.code: theme.label for theme in THEMES}
    return dict(Classed.choices)


def shown(quarter: Quarter, by: str, *, unlocked: UnlockedKey | None) -> Shown:
    """What was told of a quarter; before that, whether anything would be. Draws nothing."""
    return _shown(quarter, by, rule.check(_table(quarter, by, unlocked)))


@transaction.atomic
def tell(*, actor: Actor, quarter: Quarter, by: str, unlocked: UnlockedKey | None) -> Shown:
    """Tell a quarter. Raises Withheld."""
    told = rule.release(_table(quarter, by, unlocked), day=today())
    record(
        actor=actor, act=Act.CONSULTATION_STATISTICS, target_type=opening.TARGET,
        detail={"quarter": quarter.code, "by": by, "release": str(told.release.pk)},
    )  # fmt: skip
    return _shown(quarter, by, told.verdict)


def _table(quarter: Quarter, by: str, unlocked: UnlockedKey | None) -> Table:
    rows = _by_theme(quarter, unlocked) if by == BY_THEME else _by_class(quarter)
    counted: dict[str, str] = {}
    for source, cell in rows:
        counted.setdefault(source, cell)
    return Table(
        dimensions={f"{by} {quarter.code}": list(labels(by))},
        rows=[Row((cell,), source) for source, cell in sorted(counted.items())],
        margins=True,
    )


def _by_class(quarter: Quarter) -> list[tuple[str, str]]:
    return [(source, classed) for first, source, classed in case_database.received() if first == quarter.first]


def _by_theme(quarter: Quarter, unlocked: UnlockedKey | None) -> list[tuple[str, str]]:
    files = board.cases().filter(case__received_on__gte=quarter.first, case__received_on__lt=quarter.end)
    found = list(files.order_by("case__received_on", "pk"))
    headers, sources = opening.headers(unlocked, found), rule.sources_of(found)
    known = labels(BY_THEME)
    themes = [(file.pk, headers[file.pk].theme) for file in found if file.pk in headers]
    return [(sources[case], theme if theme in known else "OTHER") for case, theme in themes]


def _shown(quarter: Quarter, by: str, verdict: rule.Verdict) -> Shown:
    names = labels(by)
    bars: list[tuple[str | Promise, int]] = []
    withheld: list[str | Promise] = []
    for cell in verdict.cells:
        code = cell.at[0]
        if code is None:
            continue
        if cell.figure is None:
            withheld.append(names[code])
        else:
            bars.append((names[code], int(cell.figure)))
    return Shown(quarter, by, verdict, bars, withheld)
