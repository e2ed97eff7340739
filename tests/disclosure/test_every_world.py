"""Everything the rule tells is given to an attacker who goes through every world there could be.

The attacker knows the algorithm, who was there at each table, and what k − 1 colluders of any kind said; a world is
possible if in it the colluders said the same and the rule tells the same, withheld figures included. What an honest
source said is recovered when it is the same in every possible world. The same attacker is given raw tables: there
much is recovered.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, combinations_with_replacement, product
from math import comb, prod

import pytest

from disclosure.asking import NOTHING_KNOWN
from disclosure.judging import judge_statement
from disclosure.rule import Rule
from tests.disclosure.worlds import Answer, Cells, Lenient, Step, by_rule, random_steps, raw
from tests.thorough import THOROUGH

AB, ABC, XY = ("A", "B"), ("A", "B", "C"), ("X", "Y")
Tell = Callable[[Sequence[Step], Cells], list[Answer]]
World = tuple[Counter[tuple[str, ...]], ...]  # for each batch, how many are in each cell


def batches(steps: Sequence[Step]) -> list[list[int]]:
    """Sources by when they were there."""
    found: defaultdict[tuple[bool, ...], list[int]] = defaultdict(list)
    for source in sorted(frozenset().union(*(step.present for step in steps))):
        found[tuple(source in step.present for step in steps)].append(source)
    return list(found.values())


def attributes(steps: Sequence[Step]) -> list[Sequence[str]]:
    named = {name: categories for step in steps for name, categories in step.attributes.items()}
    return [named.get(name, ("-",)) for name in range(max(named) + 1)]


def worlds(steps: Sequence[Step]) -> Iterator[World]:
    """Every world, but for who of a batch is who: the rule does not ask (the next test holds it to that)."""
    cells = list(product(*attributes(steps)))
    yield from product(
        *([Counter(each) for each in combinations_with_replacement(cells, len(batch))] for batch in batches(steps))
    )


def cells_of(steps: Sequence[Step], world: World) -> Cells:
    return {
        source: cell
        for batch, counted in zip(batches(steps), world, strict=True)
        for source, cell in zip(batch, counted.elements(), strict=True)
    }


def coalitions(world: World, colluders: int) -> Iterator[World]:
    """Who may be together: so many of them, each of a batch and a cell of this world."""
    kinds = [(place, cell) for place, counted in enumerate(world) for cell in counted]
    for chosen in combinations_with_replacement(kinds, colluders):
        picked = tuple(Counter(cell for at, cell in chosen if at == place) for place in range(len(world)))
        if all(some <= counted for some, counted in zip(picked, world, strict=True)):
            yield picked


def key(world: World) -> tuple[frozenset[tuple[tuple[str, ...], int]], ...]:
    return tuple(frozenset(counted.items()) for counted in world)


@dataclass
class Loot:
    """How often (answers × coalitions × batches × attributes) the attacker knows what an honest source of a batch said;
    how often at least something that it did not say."""

    said: int = 0
    unsaid: int = 0
    cases: int = 0


def attack(steps: Sequence[Step], tell: Tell, colluders: int) -> Loot:
    alike: defaultdict[object, list[World]] = defaultdict(list)
    for world in worlds(steps):
        alike[tuple(tell(steps, cells_of(steps, world)))].append(world)
    loot, ranges = Loot(), attributes(steps)
    for possible in alike.values():
        for honest in honest_cells(possible, colluders):
            for name, categories in enumerate(ranges):
                if len(categories) > 1:
                    left = {cell[name] for cell in honest}
                    loot.cases += 1
                    loot.said += len(left) == 1
                    loot.unsaid += len(left) < len(categories)
    return loot


def honest_cells(possible: Sequence[World], colluders: int) -> Iterator[set[tuple[str, ...]]]:
    """For each coalition and each batch, all cells an honest source is in, in one of these worlds or another: sources
    of a batch may change places, so that each of them may be in all of these.
    """
    seen: defaultdict[object, list[set[tuple[str, ...]]]] = defaultdict(lambda: [set() for _batch in possible[0]])
    for world in possible:
        for coalition in coalitions(world, colluders):
            for batch, counted, some in zip(seen[key(coalition)], world, coalition, strict=True):
                batch.update(counted - some)
    for found in seen.values():
        yield from filter(None, found)


def step(present: int, *names: int, since: int = 0, of: Mapping[int, Sequence[str]] | None = None) -> Step:
    categories = of or {0: AB, 1: XY}
    return Step(frozenset(range(since, present)), {name: categories[name] for name in names})


STORIES = {
    "one table": (2, [step(8, 0)]),
    "three categories": (2, [step(9, 0, of={0: ABC})]),
    "k is three": (3, [step(12, 0)]),
    "k is three, three categories": (3, [step(12, 0, of={0: ABC})]),
    "one joins": (2, [step(8, 0), step(9, 0)]),
    "one joins, three categories": (2, [step(8, 0, of={0: ABC}), step(9, 0, of={0: ABC})]),
    "one leaves": (2, [step(8, 0), step(8, 0, since=1)]),
    "one joins, then many": (2, [step(7, 0), step(8, 0), step(14, 0)]),
    "many join": (2, [step(7, 0, of={0: ABC}), step(14, 0, of={0: ABC})]),
    "k is three, and many join": (3, [step(11, 0), step(22, 0)]),
    "one after the other joins": (2, [step(number, 0) for number in range(6, 12)]),
    "two tables of the same sources": (2, [step(8, 0), step(8, 1)]),
    "a table by both": (2, [step(8, 0, 1)]),
    "margins, then cells": (2, [step(8, 0), step(8, 1), step(8, 0, 1)]),
    "one joins and another is asked about": (2, [step(7, 0), step(8, 1), step(8, 0)]),
    "one joins a table by both": (2, [step(6, 0, 1), step(7, 0, 1)]),
}


@cache
def raw_loot(story: str) -> Loot:
    k, steps = STORIES[story]
    return attack(steps, raw, k - 1)


@pytest.mark.parametrize("story", STORIES)
def test_any_honest_source_may_have_said_anything(story: str) -> None:
    k, steps = STORIES[story]
    loot = attack(steps, by_rule(Rule(k=k)), k - 1)
    assert (loot.said, loot.unsaid, loot.cases > 0) == (0, 0, True)
    assert raw_loot(story).said > 0


def test_raw_tables_give_a_third_of_all_away_and_something_of_more_than_half() -> None:
    loot = [raw_loot(story) for story in STORIES]
    cases = sum(each.cases for each in loot)
    assert sum(each.said for each in loot) > cases / 3
    assert sum(each.unsaid for each in loot) > cases / 2


def test_k_behind_a_figure_would_not_be_enough() -> None:
    k, steps = STORIES["many join"]
    assert attack(steps, by_rule(Lenient(k=k)), k - 1).unsaid > 0


def test_something_is_told_in_these_worlds() -> None:
    """A rule that tells nothing would pass."""
    for name, (k, steps) in STORIES.items():
        if "joins" not in name:
            tell = by_rule(Rule(k=k))
            assert any(any(tell(steps, cells_of(steps, world))) for world in worlds(steps)), name


def random_story(dice: random.Random, most_worlds: int) -> list[Step]:
    while True:
        two = dice.random() < 0.4
        named: dict[int, Sequence[str]] = {0: AB, 1: XY} if two else {0: dice.choice([AB, ABC])}
        crowd = range(dice.randint(6, 7) if two else dice.randint(7, 13))
        steps = random_steps(dice, named, crowd, dice.randint(2, 4), least=6)
        cells = prod(map(len, attributes(steps)))
        if prod(comb(len(batch) + cells - 1, cells - 1) for batch in batches(steps)) <= most_worlds:
            return steps


@pytest.mark.parametrize("seed", range(900 if THOROUGH else 6))
def test_nothing_is_recovered_from_random_tables_over_time(seed: int) -> None:
    steps = random_story(random.Random(seed), 4_000 if THOROUGH else 500)
    loot = attack(steps, by_rule(Rule(k=2)), 1)
    assert (loot.said, loot.unsaid) == (0, 0)


def test_source_by_source_without_taking_any_two_for_the_same() -> None:
    """Every assignment of seven sources, an eighth that joins, and any one of them colluding."""
    steps = [step(7, 0), step(8, 0)]
    tell, alike = by_rule(Rule(k=2)), defaultdict[object, list[tuple[str, ...]]](list)
    for said in product(AB, repeat=8):
        alike[tuple(tell(steps, {source: (each,) for source, each in enumerate(said)}))].append(said)
    assert len(alike) > 1
    for possible in alike.values():
        for colluder, word in product(range(8), AB):
            left = [said for said in possible if said[colluder] == word]
            for honest in set(range(8)) - {colluder}:
                assert not left or len({said[honest] for said in left}) == 2


def test_the_rule_does_not_ask_who_is_who() -> None:
    """Two of a batch change places in every table: everything that is told stays the same."""
    dice = random.Random(0)
    for _case in range(60):
        steps = random_steps(dice, {0: ABC, 1: XY}, range(40), 4, least=20)
        cells = {source: (dice.choice(ABC), dice.choice(XY)) for source in range(40)}
        tell = by_rule(Rule(k=3))
        told = tell(steps, cells)
        for batch in batches(steps):
            for one, two in list(combinations(batch, 2))[:2]:
                assert tell(steps, {**cells, one: cells[two], two: cells[one]}) == told


@pytest.mark.parametrize("k", [2, 3])
def test_a_statement_leaves_open_of_every_other_source_whether_it_agrees(k: int) -> None:
    """Everybody who could agree is known; that a statement was made is all that is told."""
    for crowd in range(2 * k, 3 * k + 2):
        everybody = range(crowd)
        worlds = [{source for source in everybody if bits >> source & 1} for bits in range(2**crowd)]
        said = [
            behind for behind in worlds
            if judge_statement(
                [str(each) for each in behind], rule=Rule(k=k), universe=[str(each) for each in everybody],
                outside=NOTHING_KNOWN, consents=(),
            ) is None
        ]  # fmt: skip
        assert said
        colluders = set(range(k - 1))  # who of them agrees, in every way
        for agreeing in {frozenset(behind & colluders) for behind in said}:
            possible = [behind for behind in said if behind & colluders == agreeing]
            for honest in set(everybody) - colluders:
                assert {honest in behind for behind in possible} == {True, False}
