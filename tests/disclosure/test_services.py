"""What is kept of a release, and that everything told later is held against it, whoever is quicker."""

from __future__ import annotations

import threading
import time
from datetime import date
from typing import Any

import pytest
from django.db import ProgrammingError, connection, connections, transaction
from django.db.models import Model

from disclosure import queries, services
from disclosure.asking import Row, Statement, Table
from disclosure.models import Dataset, Figure, Release, Source
from disclosure.packing import pack
from disclosure.preparing import asked_of, numbered
from disclosure.pseudonyms import Pseudonyms
from disclosure.rule import Rule
from disclosure.services import RuleDiffers, Withheld, check, release
from disclosure.verdicts import Caution, Reason
from tests.disclosure.cases import KEY, counted, crossed, sources, summed, told
from tests.thorough import THOROUGH
from tests.world import as_role

pytestmark = pytest.mark.django_db
KEPT: tuple[type[Model], ...] = (Dataset, Source, Release, Figure)
TODAY = date(2026, 11, 22)
FIRST = counted({"A": 40, "B": 20})


def tell(asked: Table | Statement, dataset: str = "cases", **more: Any) -> services.Told:
    return release(dataset=dataset, asked=asked, key=KEY, day=TODAY, **more)


def look(asked: Table | Statement, dataset: str = "cases", **more: Any) -> Any:
    return check(dataset=dataset, asked=asked, key=KEY, **more)


def moved(*, joining: dict[str, int] | None = None, leaving: int = 0) -> Table:
    """The first table after so many joined each theme and so many left A."""
    rows = list(FIRST.rows)[leaving:]
    for theme, number in (joining or {}).items():
        rows += [Row((theme,), f"{theme}-new{place}") for place in range(number)]
    return Table(FIRST.dimensions, rows)


def test_what_is_told_is_what_was_checked_and_is_drawn_from_the_budget() -> None:
    verdict = look(FIRST)
    assert (told(verdict.cells), verdict.cost, verdict.left) == ({"A": 40, "B": 20, None: 60}, 2, 500)
    assert not Dataset.objects.exists()
    assert tell(FIRST).verdict == verdict
    assert look(moved(joining={"A": 10, "B": 10})).left == 498


def test_the_same_again_gets_the_same_answer_and_draws_nothing() -> None:
    table = crossed({("A", "X"): 30, ("A", "Y"): 30, ("B", "X"): 30, ("B", "Y"): 4, ("C", "X"): 30, ("C", "Y"): 30})
    first = tell(table)
    shuffled = Table(table.dimensions, list(reversed(table.rows)))
    again = tell(shuffled)
    assert again.release == first.release
    assert told(again.verdict.cells) == told(first.verdict.cells)
    assert [cell.at for cell in again.verdict.cells] == [cell.at for cell in first.verdict.cells]
    assert (again.verdict.repeated, again.verdict.cost) == (True, 0)
    assert Release.objects.count() == 1


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        pytest.param(moved(joining={"A": 1}), Reason.BATCH, id="one joins"),
        pytest.param(moved(joining={"A": 17}), Reason.BATCH, id="too few join"),
        pytest.param(moved(leaving=1), Reason.BATCH, id="one leaves"),
        pytest.param(moved(leaving=1, joining={"A": 1}), Reason.BATCH, id="one comes for another"),
        pytest.param(moved(leaving=18), Reason.BATCH, id="only of one theme leave"),
        pytest.param(counted({"A": 40, "B": 19}), Reason.BATCH, id="a subset"),
        pytest.param(moved(joining={"A": 18}), Reason.FEW, id="all who join say the same"),
    ],
)
def test_what_few_came_for_or_went_with_is_not_told(then: Table, reason: Reason) -> None:
    tell(FIRST)
    assert look(then).reasons == (reason,)
    assert look(then, dataset="another").reasons == ()


def test_who_joins_waits_until_enough_do_in_each_category() -> None:
    tell(FIRST)
    verdict = look(moved(joining={"A": 9, "B": 9}))
    assert told(verdict.cells) == {"A": 49, "B": 29, None: 78}
    assert Caution.NEWEST in verdict.cautions


def test_one_who_changes_sides_is_not_told_of() -> None:
    tell(FIRST)
    changed = Table(FIRST.dimensions, [Row(("B",), "s0"), *list(FIRST.rows)[1:]])
    assert {cell.reason for cell in look(changed).cells if cell.at != (None,)} == {Reason.DERIVABLE}


def test_overlapping_categories_are_held_against_earlier_ones() -> None:
    tell(FIRST)
    rows = [Row(("A or C",) if place < 42 else ("B",), f"s{place}") for place in range(60)]
    wider = Table({"theme": ("A or C", "B")}, rows)
    assert told(look(wider).cells) == {}  # the difference would be two
    assert told(look(wider, dataset="another").cells) == {"A or C": 42, "B": 18, None: 60}


def test_a_table_of_which_nothing_is_told_is_remembered() -> None:
    """Or else what one joins would be seen by what then is told."""
    assert not tell(counted({"A": 15, "B": 8})).verdict
    assert look(counted({"A": 15, "B": 9})).reasons == (Reason.BATCH,)
    assert look(counted({"A": 15, "B": 9}), dataset="another").reasons == ()


def test_what_follows_from_who_is_there_is_refused_and_not_kept() -> None:
    with pytest.raises(Withheld) as refusal:
        tell(counted({"A": 9, "B": 8}))
    assert refusal.value.verdict.reasons == (Reason.FEW,)
    with pytest.raises(Withheld):
        tell(Statement("x", sources(4)))
    assert not Release.objects.exists()


def test_amounts_that_changed_are_noticed() -> None:
    amounts = {"A": [10] * 20, "B": [11] * 20}
    tell(summed(amounts))
    assert look(summed({**amounts, "B": [12, *[11] * 19]})).reasons == (Reason.CHANGED,)
    assert look(summed({"A": [10] * 20, "B": [11] * 19})).reasons != ()
    assert told(look(summed({**amounts, "C": [9] * 20})).cells)[None] == 600


def test_the_budget_is_drawn_by_every_distinct_request_and_then_ends() -> None:
    rule = Rule(budget=5)
    tell(FIRST, rule=rule)
    tell(Statement("x", sources(5)))
    other = Table({"region": ("X", "Y")}, [Row(("XY"[place % 2],), f"s{place}") for place in range(40)])
    assert Caution.BUDGET_LOW in look(other).cautions
    tell(other)
    with pytest.raises(Withheld) as refusal:
        tell(Statement("y", sources(5)))
    assert refusal.value.verdict.reasons == (Reason.BUDGET,)
    assert tell(FIRST).verdict.repeated
    third = Table({"size": ("L", "S")}, [Row(("LS"[place // 2 % 2],), f"s{place}") for place in range(40)])
    assert look(third).reasons == (Reason.BUDGET,)
    assert told(look(third).cells) == {}


def test_a_dataset_keeps_its_rule() -> None:
    tell(FIRST, rule=Rule(k=6))
    with pytest.raises(RuleDiffers):
        look(FIRST, rule=Rule(k=5))
    assert look(Statement("x", sources(5))).reasons == (Reason.FEW,)
    assert look(Statement("x", sources(6)), rule=Rule(k=6)).at_least == 6


def test_the_history_says_what_was_told_and_of_nobody() -> None:
    tell(FIRST)
    tell(Statement("x", sources(5)))
    found = [(each.number, each.kind, each.cost, each.told, each.day) for each in queries.history("cases")]
    assert found == [(2, "statement", 1, 1, TODAY), (1, "table", 2, 2, TODAY)]


def test_nothing_that_is_kept_leads_back_to_a_source_or_a_category() -> None:
    table = summed({"drawings": [123457] * 20, "moulds": [123457] * 20})
    tell(table)
    tell(Statement("finding-0001", [f"drawings{place}" for place in range(5)], consents={"drawings0": "consent-0001"}))
    values = [value for model in KEPT for row in model._default_manager.values_list() for value in row]
    kept = b"\n".join(bytes(value) if isinstance(value, memoryview) else str(value).encode() for value in values)
    for word in ("drawings", "moulds", "yen", "123457", "finding", "consent"):
        assert word.encode() not in kept, word
    mine = {bytes(each) for each in Source.objects.values_list("pseudonym", flat=True)}
    release(dataset="cases 2", asked=table, key=KEY, day=TODAY)
    release(dataset="cases 3", asked=table, key=KEY[::-1], day=TODAY)
    others = Source.objects.exclude(dataset__label="cases").values_list("pseudonym", flat=True)
    assert mine.isdisjoint(map(bytes, others))  # nor to itself in another dataset, or under another key


def test_a_key_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        check(dataset="cases", asked=FIRST, key=b"short")


@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", ["dataset", "source", "release", "figure"])
def test_no_role_changes_what_was_told(table: str, change: str) -> None:
    tell(FIRST)
    for role in ("portal_app", "portal_worker", "portal_intake"):
        with pytest.raises(ProgrammingError, match="permission denied"), as_role(role), connection.cursor() as cursor:
            cursor.execute(change.format(f"disclosure_{table}"))


def test_a_failed_transaction_leaves_nothing_told() -> None:
    @transaction.atomic
    def tell_and_fail() -> None:
        tell(FIRST)
        raise ZeroDivisionError  # recording it, say

    with pytest.raises(ZeroDivisionError):
        tell_and_fail()
    assert not Release.objects.exists()
    assert not Source.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", [False, True], ids=["a known dataset", "a new one"])
@pytest.mark.parametrize("at_once", [False, True], ids=["told in between", "at the same moment"])
def test_a_release_sees_the_one_that_was_quicker(monkeypatch: pytest.MonkeyPatch, first: bool, at_once: bool) -> None:
    """Each by itself may be told; together they differ by one. Both have looked before either writes."""
    if not first:
        tell(Statement("x", sources(5)))
    outcomes: list[str] = []

    def telling(table: Table) -> None:
        try:
            tell(table)
            outcomes.append("told")
        except Withheld as refusal:
            outcomes.append(refusal.verdict.reasons[0])
        finally:
            connections.close_all()

    other = threading.Thread(target=telling, args=[moved(joining={"A": 1})])
    keep, together, waited = services._Look.keep, threading.Barrier(2, timeout=20), set[threading.Thread]()

    def keep_late(self: services._Look, day: date) -> Release:
        me = threading.current_thread()
        if me not in waited:
            waited.add(me)
            if at_once:
                together.wait()
            elif me is not other:
                other.start()
                other.join()
        return keep(self, day)

    monkeypatch.setattr(services._Look, "keep", keep_late)
    mine = threading.Thread(target=telling, args=[FIRST])
    mine.start()
    if at_once:
        other.start()
    mine.join()
    other.join()
    assert sorted(outcomes) == [Reason.BATCH, "told"]
    assert list(Release.objects.order_by("number").values_list("number", flat=True)) == [*range(1, 2 + (not first))]


MOMENTS = 20 if THOROUGH else 4


def growing(moment: int, merged: int) -> Table:
    """300 more sources each moment, ten to each theme; two neighbouring themes are merged, or none."""
    names = [f"theme {place}" for place in range(30)]
    if merged:
        names[merged] = names[merged - 1]
    rows = [Row((names[place % 30],), f"s{place}") for place in range(300 * moment)]
    return Table({"theme": tuple(dict.fromkeys(names))}, rows)


def test_many_earlier_tables_of_thirty_cells_are_looked_through_in_about_a_second() -> None:
    """Ten tables at each moment; in the long form two hundred in all."""
    rule = Rule(budget=10_000)
    dataset = tell(growing(1, 0), rule=rule).release.dataset
    earlier = [(moment, merged) for moment in range(1, MOMENTS + 1) for merged in range(10)][1:]
    known = queries.numbers(dataset)
    names = Pseudonyms(KEY, "cases")
    given = numbered(names.sources(row.source for row in growing(MOMENTS, 0).rows).values(), known)
    number_of = {
        source: given[name] for source, name in names.sources(f"s{place}" for place in range(300 * MOMENTS)).items()
    }
    Source.objects.bulk_create(
        Source(dataset=dataset, number=number, pseudonym=name) for name, number in given.items() if name not in known
    )
    for number, (moment, merged) in enumerate(earlier, 2):  # written as told, which takes its time
        asked = asked_of(growing(moment, merged), number_of, names)
        row = Release.objects.create(
            dataset=dataset, number=number, day=TODAY, kind=Release.Kind.TABLE, cost=30, measure="",
            digest=names.digest("test", number), universe=pack(asked.universe), stamped=b"", stamps=b"",
        )  # fmt: skip
        places = [at for at in asked.places() if not asked.whole(at)]
        Figure.objects.bulk_create(
            Figure(release=row, mark=asked.marks[at], members=pack(asked.members(at))) for at in places
        )
    begun = time.process_time()
    verdict = look(growing(MOMENTS + 1, 0))
    spent = time.process_time() - begun
    assert len(told(verdict.cells)) == 31
    assert spent < 3  # 0.8 s with all two hundred
