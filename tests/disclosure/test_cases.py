"""One row a case: what of a table may be told the first time, and why the rest may not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from disclosure.asking import Outside, Row, Statement, Table, UnfitTable
from disclosure.dominance import dominated
from disclosure.judging import Judgement, judge_table
from disclosure.periods import coarse
from disclosure.preparing import asked_of, numbered, sources_of
from disclosure.pseudonyms import Pseudonyms
from disclosure.rule import Rule
from disclosure.services import check
from disclosure.verdicts import Caution, Reason, Verdict
from tests.disclosure.cases import KEY, counted, crossed, sources, summed

RULE = Rule()
FEW, ALL, FIELD, DERIVABLE, DOMINATED = Reason.FEW, Reason.ALL, Reason.FIELD, Reason.DERIVABLE, Reason.DOMINATED


def judged(table: Table, rule: Rule = RULE) -> Judgement:
    table.check()
    names = Pseudonyms(KEY, "cases")
    given = numbered(names.sources(sources_of(table)).values(), {})
    number_of = {source: given[name] for source, name in names.sources(sources_of(table)).items()}
    return judge_table(asked_of(table, number_of, names), [], rule)


def outcome(judgement: Judgement) -> dict[Any, Any]:
    """Each figure's number, or why it is withheld."""
    assert judgement.reason is None
    found: dict[Any, Any] = {at: len(members) for at, members in judgement.told.items()}
    found.update(judgement.withheld)
    return {at if len(at) > 1 else at[0]: each for at, each in found.items()}


@pytest.mark.parametrize(
    ("by_theme", "expected"),
    [
        pytest.param({"A": 9, "B": 9}, {"A": 9, "B": 9}, id="2k-1 are enough"),
        pytest.param({"A": 30, "B": 20, "C": 10}, {"A": 30, "B": 20, "C": 10}, id="all are large"),
        pytest.param({"A": 30, "B": 20, "C": 8}, {"A": 30, "B": DERIVABLE, "C": FEW}, id="the next goes too"),
        pytest.param({"A": 30, "B": 20, "C": 0}, {"A": 30, "B": DERIVABLE, "C": FEW}, id="nobody is few, and not told"),
        pytest.param({"A": 30, "B": 20, "C": 5, "D": 5}, {"A": 30, "B": 20, "C": FEW, "D": FEW}, id="two small hide"),
        pytest.param({"A": 30, "B": 20, "C": 4, "D": 4}, {"A": 30, "B": DERIVABLE, "C": FEW, "D": FEW}, id="or not"),
        pytest.param({"A": 30, "B": 8, "C": 1}, {"A": 30, "B": FEW, "C": FEW}, id="what is beside it is enough"),
    ],
)  # fmt: skip
def test_counts_of_one_dimension(by_theme: Mapping[str, int], expected: Mapping[str, Any]) -> None:
    found = outcome(judged(counted(by_theme)))
    assert found.pop(None) == sum(by_theme.values())
    assert found == expected


@pytest.mark.parametrize(
    ("by_theme", "reason"),
    [
        pytest.param({"A": 17, "B": 0}, FEW, id="fewer than twice enough in all"),
        pytest.param({"A": 30, "B": 0}, FEW, id="all say yes: each of them does"),
        pytest.param({"A": 30, "B": 8}, FEW, id="nearly all: the colluders are the others"),
        pytest.param({"A": 8, "B": 8, "C": 8}, FEW, id="none is large"),
    ],
)
def test_nothing_is_told(by_theme: Mapping[str, int], reason: Reason) -> None:
    judgement = judged(counted(by_theme))
    assert (judgement.told, judgement.reason) == ({}, reason)


def test_one_who_says_nearly_what_all_say_is_told_why() -> None:
    assert judged(counted({"A": 30, "B": 8})).withheld[("A",)] == ALL


@pytest.mark.parametrize(("k", "enough"), [(2, 3), (3, 5), (5, 9), (10, 19)])
def test_an_exact_figure_leaves_k_when_k_less_one_take_theirs_away(k: int, enough: int) -> None:
    rule = Rule(k=k)
    assert rule.enough == enough
    assert outcome(judged(counted({"A": enough, "B": enough}), rule))["A"] == enough
    assert judged(counted({"A": enough - 1, "B": enough + 1}), rule).withheld[("A",)] == FEW


def test_the_universe_counts_who_said_nothing() -> None:
    table = counted({"A": 12, "B": 12}, universe=sources(33))
    assert outcome(judged(table)) == {"A": 12, "B": 12, None: 24}
    table = counted({"A": 12, "B": 12}, universe=sources(27))  # three said nothing
    assert outcome(judged(table)) == {"A": 12, "B": DERIVABLE, None: ALL}
    table = counted({"A": 12, "B": 12}, universe=sources(24))  # nobody said nothing
    assert outcome(judged(table)) == {"A": 12, "B": DERIVABLE, None: ALL}


def test_no_cell_can_be_computed_from_margins() -> None:
    table = crossed({("A", "X"): 30, ("A", "Y"): 30, ("B", "X"): 30, ("B", "Y"): 4, ("C", "X"): 30, ("C", "Y"): 30})
    found = outcome(judged(table))
    assert found[("B", "Y")] == FEW
    assert found[(None, None)] == 154
    # Without one more cell in its row and its column, and one where these meet, it could be.
    assert sum(why in (DERIVABLE, ALL) for why in found.values()) >= 3
    assert found[("C", None)] == 60


def test_a_figure_is_held_against_those_with_the_same_coordinate() -> None:
    """Whoever knows who is of region Y would know that they all said A."""
    table = crossed({("A", "X"): 40, ("A", "Y"): 20, ("B", "X"): 40, ("B", "Y"): 0})
    found = outcome(judged(table))
    assert found[("A", "Y")] == ALL
    assert found[("B", "Y")] == FEW


def test_sources_in_several_cells_count_once_in_a_margin() -> None:
    rows = [Row((theme,), source) for theme, who in {"A": sources(20), "B": sources(20, 10)}.items() for source in who]
    found = outcome(judged(Table({"theme": ("A", "B")}, rows)))
    assert found == {"A": 20, "B": 20, None: 30}  # and 10 in both, which are enough


def test_of_what_is_known_outside_as_many_must_be_left() -> None:
    for people, expected in ((38, FIELD), (39, 30)):
        table = counted({"A": 30, "B": 30}, outside={("A",): Outside(people=people)})
        assert outcome(judged(table))["A"] == expected


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        pytest.param([10] * 20, False, id="all alike"),
        pytest.param([100, *[10] * 19], False, id="a third"),
        pytest.param([300, *[10] * 19], True, id="one makes up more than half"),
        pytest.param([450, 450, *[5] * 18], True, id="two make up nearly all"),
        pytest.param([30, 30, 30, 30, 30, 1, 1, 1, 1], True, id="four colluders leave too little"),
        pytest.param([30, 30, 30, 30, 30, 2, 1, 1, 1], False, id="and here just enough"),
        pytest.param([0] * 20, True, id="nothing but zeros tells each"),
    ],
)
def test_dominance(amounts: list[int], expected: bool) -> None:
    assert dominated(amounts, RULE) == expected


def test_sums_are_told_unless_dominated_or_derivable() -> None:
    table = summed({"A": [10] * 20, "B": [300, *[10] * 19], "C": [10] * 30})
    found = judged(table)
    assert found.withheld == {("A",): DOMINATED, ("B",): DOMINATED}  # with the total and C, A would tell B
    assert set(found.told) == {("C",), (None,)}


def test_a_zero_sum_of_nobody_is_not_told() -> None:
    assert judged(summed({"A": [10] * 20, "B": [10] * 20, "C": []})).withheld == {("B",): DERIVABLE, ("C",): FEW}


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(Table({"theme": ("A",)}, [Row(("A",), "s")]), id="one cell"),
        pytest.param(Table({"theme": ("A", "B")}, [Row(("C",), "s")]), id="outside the frame"),
        pytest.param(Table({"theme": ("A", "B")}, [Row(("A",), "s")], universe=["t"]), id="outside the universe"),
        pytest.param(Table({"theme": ("A", "B")}, [Row(("A",), "s", 2)]), id="an amount of nothing"),
        pytest.param(Table({"theme": ("A", "B")}, [Row(("A",), "s", -2)], measure="yen"), id="below zero"),
        pytest.param(Table({"theme": ("A", "B")}, [Row(("A",), "s"), Row(("B",), "s")], measure="yen"), id="twice"),
    ],
)
def test_unfit_tables_are_refused(table: Table) -> None:
    with pytest.raises(UnfitTable):
        table.check()


@pytest.mark.parametrize("unfit", [{"k": 1}, {"budget": 0}, {"one": 90, "two": 85}, {"two": 100}, {"margin": 0}])
def test_unfit_rules_are_refused(unfit: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        Rule(**unfit)


def said(statement: Statement) -> Verdict:
    return check(dataset="statements", asked=statement, key=KEY)


CROWD = sources(90)
CONSENTS = {source: f"consent of {source}" for source in sources(4)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(Statement("x", sources(5)), (5, ()), id="k stand behind it"),
        pytest.param(Statement("x", sources(4)), (None, (FEW,)), id="k less one"),
        pytest.param(Statement("x", []), (None, (FEW,)), id="nobody"),
        pytest.param(Statement("x", ["s0"] * 5), (None, (FEW,)), id="one, five times"),
        pytest.param(Statement("x", sources(5), universe=sources(10)), (5, ()), id="as many others"),
        pytest.param(Statement("x", sources(5), universe=sources(9)), (None, (ALL,)), id="too few others"),
        pytest.param(Statement("x", sources(5), outside=Outside(people=9)), (None, (FIELD,)), id="too few outside"),
        pytest.param(Statement("x", sources(1), consents=CONSENTS), (None, ()), id="one, who agreed"),
        pytest.param(Statement("x", sources(4), consents=CONSENTS), (None, ()), id="few, who all agreed"),
        pytest.param(Statement("x", sources(3, 2), consents=CONSENTS), (None, (FEW,)), id="few, one did not agree"),
        pytest.param(Statement("x", sources(1), consents={"s0": ""}), (None, (FEW,)), id="no reference is no consent"),
        pytest.param(Statement("x", sources(9)), (5, ()), id="never more than k or more"),
    ],
)  # fmt: skip
def test_statements(statement: Statement, expected: tuple[int | None, tuple[Reason, ...]]) -> None:
    verdict = said(statement)
    assert (verdict.at_least, verdict.reasons) == expected
    assert bool(verdict) == (not expected[1])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "cautions"),
    [
        pytest.param(
            Statement("x", sources(5)), {"few_behind", "universe_unknown", "outside_unknown"}, id="5 of nobody knows"
        ),
        pytest.param(Statement("x", sources(9), {}, CROWD, Outside(90, 40)), set(), id="9 of many"),
        pytest.param(Statement("x", sources(9), {}, CROWD, Outside(firms=1)), {"few_firms"}, id="one firm"),
        pytest.param(Statement("x", sources(20), {}, CROWD, Outside(35)), {"few_people", "most"}, id="most"),
        pytest.param(Statement("x", sources(1), {}, CROWD, Outside(90), CONSENTS), {"alone"}, id="alone"),
    ],
)
def test_what_outside_knowledge_could_reveal_is_said(statement: Statement, cautions: set[str]) -> None:
    assert {str(each.value) for each in said(statement).cautions} == cautions | {Caution.WORDS.value}


@pytest.mark.parametrize(
    ("days", "periods"),
    [
        pytest.param([(11, 5)], [(2026, 11, 1)], id="a month"),
        pytest.param([(10, 5), (11, 5)], [(2026, 10, 1), (2026, 11, 1)], id="each month has enough"),
        pytest.param([(10, 3), (11, 5)], [(2026, 10, 3)], id="together in a quarter"),
        pytest.param([(9, 3), (11, 5)], [(2026, 1, 12)], id="only in a year"),
        pytest.param([(9, 2), (11, 2)], [], id="no date at all"),
        pytest.param([], [], id="no days"),
    ],
)
def test_dates_are_as_coarse_as_k_needs(days: list[tuple[int, int]], periods: list[tuple[int, int, int]]) -> None:
    found = coarse([date(2026, month, 1 + each) for month, many in days for each in range(many)], 5)
    assert [(period.year, period.first, period.months) for period in found] == periods


@pytest.mark.django_db
def test_a_statement_is_dated_only_if_the_day_of_each_source_is_known() -> None:
    days = {source: date(2026, 11, 22) for source in sources(5)}
    assert said(Statement("x", sources(5), days=days)).periods
    assert not said(Statement("x", sources(6), days=days)).periods
