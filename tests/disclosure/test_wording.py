"""How figures, reasons and cautions are written, in both languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from disclosure import wording
from disclosure.periods import Period
from disclosure.rule import Rule
from disclosure.verdicts import Caution, Cell, Reason, Verdict
from portal.embedded import translations

translations.compile_changed()

DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("cell", "ja", "en"),
    [
        (Cell(("A",), 12), "12", "12"),
        (Cell(("A",), 1234567), "1,234,567", "1,234,567"),
        (Cell(("A",), Decimal("1234.5")), "1,234.5", "1,234.5"),
        (Cell(("A",), None, Reason.FEW), "秘匿", "withheld"),
        (Cell(("A",), None, Reason.DERIVABLE), "秘匿", "withheld"),
    ],
)
def test_a_cell_is_a_figure_or_one_and_the_same_mark(cell: Cell, ja: str, en: str) -> None:
    for language, expected in (("ja", ja), ("en", en)):
        with translation.override(language):
            assert wording.written(cell) == expected


@pytest.mark.parametrize(
    ("language", "behind", "legend"), [("ja", "5者以上", "9者に満たない"), ("en", "5 or more", "fewer than 9")]
)
def test_what_stands_behind_a_statement_and_below_a_table(language: str, behind: str, legend: str) -> None:
    with translation.override(language):
        assert wording.behind(Verdict(at_least=5)) == behind
        assert wording.behind(Verdict()) == ""
        assert legend in wording.legend(Rule())


@pytest.mark.parametrize(
    ("months", "ja", "en"),
    [(1, "2026年11月", "November 2026"), (3, "2026年10〜12月", "October–December 2026"), (12, "2026年", "2026")],
)
def test_a_period_is_written_without_a_day(months: int, ja: str, en: str) -> None:
    for language, expected in (("ja", ja), ("en", en)):
        with translation.override(language):
            assert Period.of(DAY, months).label == expected


@pytest.mark.parametrize("each", [*Reason, *Caution])
def test_each_reason_and_caution_says_what_to_do(each: Reason | Caution) -> None:
    said = set()
    for language in ("ja", "en"):
        with translation.override(language):
            said |= {str(each.label), str(each.advice)}
    assert len(said) == 4


def test_a_verdict_gives_each_cell_by_its_place() -> None:
    verdict = Verdict(cells=(Cell(("A", None), 12),))
    assert verdict.cell("A", None).figure == 12
    with pytest.raises(KeyError):
        verdict.cell("B", None)
