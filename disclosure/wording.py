"""How a figure is written. One mark for every withheld cell, whatever the reason: two marks would tell which are
few.
"""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from disclosure.rule import Rule
from disclosure.verdicts import Cell, Verdict


def written(cell: Cell) -> str:
    """The figure with separators, or 秘匿 / withheld."""
    return _("秘匿") if cell.figure is None else str(number_format(cell.figure, force_grouping=True))


def behind(verdict: Verdict) -> str:
    """How many stand behind a statement: 5者以上 / 5 or more; empty where it rests on a consent."""
    return "" if verdict.at_least is None else _("%(number)d者以上") % {"number": verdict.at_least}


def legend(rule: Rule) -> str:
    """What stands below a table that has withheld cells."""
    return _(
        "「秘匿」は、もとになった情報源が%(enough)d者に満たない欄と、ほかの欄や以前の公表値から"
        "それらが計算できてしまう欄です。0者の場合を含みます。"
    ) % {"enough": rule.enough}
