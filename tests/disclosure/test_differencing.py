"""Larger worlds with the rule's own k: everything told over time is subtracted from everything, with k − 1 colluders.

The attacker here is given more than any real one: who stands behind each figure that was told. What it does not know
are the contributions themselves. It takes away those of its colluders and solves for the rest in many orders, which
brings to light what few sources have a part in; the same on raw tables does find them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from disclosure.rule import Rule
from disclosure.tabling import Set, batches_of
from tests.disclosure.worlds import Lenient, Step, Teller, asked_of, random_steps
from tests.thorough import THOROUGH

PRIME = 1_000_003  # not the one of the rule
RULE = Rule()
ATTRIBUTES: Mapping[int, Sequence[str]] = {0: "ABCD", 1: "XYZ"}
SEEDS = range(300 if THOROUGH else 12)
ORDERS = 60 if THOROUGH else 4


def solved(figures: Iterable[Set], known: Set, dice: random.Random) -> list[dict[int, int]]:
    """The figures less what is known, in a reduced form with random pivots."""
    rows = [dict.fromkeys(sorted(members - known), 1) for members in dict.fromkeys(figures)]
    done: list[dict[int, int]] = []
    while rows:
        row = rows.pop()
        if not row:
            continue
        pivot = dice.choice(list(row))
        inverse = pow(row[pivot], -1, PRIME)
        row = {source: entry * inverse % PRIME for source, entry in row.items()}
        for other in (*rows, *done):
            if factor := other.get(pivot):
                for source, entry in row.items():
                    other[source] = (other.get(source, 0) - factor * entry) % PRIME
                    if not other[source]:
                        del other[source]
        done.append(row)
    return done


def bared(figures: Sequence[Set], public: Sequence[Set], dice: random.Random) -> set[Set]:
    """Groups of fewer than k honest sources of which something is derived; who was there is no secret."""
    found: set[Set] = set()
    for _order in range(ORDERS):
        # Colluders where figures overlap most: who stands together in one, or in what two differ by.
        some = dice.choice(figures) ^ dice.choice([*figures, Set()])
        colluders = Set(dice.sample(sorted(some or figures[0]), min(len(some or figures[0]), RULE.k - 1)))
        for row in solved([*public, *figures], colluders, dice):
            if len(row) < RULE.k and Set(row) not in public:
                found.add(Set(row))
    return found


def told_and_raw(seed: int, amounts: Mapping[int, int] | None = None, rule: Rule = RULE) -> tuple[list[Any], ...]:
    dice = random.Random(seed)
    crowd = range(dice.choice([60, 120, 240]))
    cells = {source: (dice.choice("AAABBCD"), dice.choice("XXYZ")) for source in crowd}
    steps = random_steps(dice, ATTRIBUTES, crowd, 6, least=40)
    if amounts:  # sums need everybody of before
        present: Set = Set()
        steps = [Step(present := present | step.present, step.attributes) for step in steps]
    teller, told, raw = Teller(rule), list[Set](), list[Set]()
    for step in steps:
        asked = asked_of(step, cells, amounts)
        told += teller.tell(asked).values()
        raw += [members for at in asked.places() if (members := asked.members(at))]
    return told, raw, [each.universe for each in teller.earlier], [step.present for step in steps]


def test_nothing_about_fewer_than_k_is_left_when_the_colluders_take_theirs_away() -> None:
    told_in_all = 0
    for seed in SEEDS:
        told, _raw, public, _present = told_and_raw(seed)
        told_in_all += len(told)
        assert not told or not bared(told, public, random.Random(seed))
    assert told_in_all > 4 * len(SEEDS)


def test_of_figures_behind_k_sources_it_would_leave_fewer() -> None:
    for seed in SEEDS:
        told, _raw, public, _present = told_and_raw(seed, rule=Lenient())
        if told and bared(told, public, random.Random(seed)):
            return
    pytest.fail("nothing was bared")


def test_the_same_attack_on_raw_tables_bares_small_groups_in_nearly_every_world() -> None:
    worlds, groups, alone = 0, 0, 0
    for seed in SEEDS:
        _told, raw, _public, present = told_and_raw(seed)
        came_together = batches_of(present)  # that so many came is known
        bare = bared(raw, present, random.Random(seed))
        found = [group for group in bare if not any(group >= batch for batch in came_together)]
        worlds += bool(found)
        groups += len(found)
        alone += sum(len(group) == 1 for group in found)
    assert worlds > 0.9 * len(SEEDS)
    assert groups > 10 * len(SEEDS)
    assert alone > 3 * len(SEEDS)


def amounts_of(seed: int) -> dict[int, int]:
    """As firms are: a few large, many small."""
    dice = random.Random(-seed)
    return {source: 10 + int(10 ** dice.uniform(0, 2.5)) for source in range(240)}


def guessed(figures: Sequence[Set], amounts: Mapping[int, int], dice: random.Random) -> int:
    """How many amounts the colluders learn to within the margin: by what a sum leaves when they take theirs away."""
    found: set[int] = set()
    for _order in range(ORDERS):
        for row in solved(figures, Set(), dice):
            if not set(row.values()) <= {1}:  # a sum: every part is at most what is left of it
                continue
            largest, *others = sorted(row, key=lambda source: -amounts[source])
            left = sum(amounts[source] for source in [largest, *others[RULE.k - 1 :]])
            if (left - amounts[largest]) * 100 < RULE.margin * amounts[largest]:
                found.add(largest)
    return len(found)


@pytest.mark.parametrize("told_by_rule", [True, False], ids=["by the rule", "raw"])
def test_no_amount_can_be_guessed_from_sums_told_by_the_rule_as_it_can_from_raw_ones(told_by_rule: bool) -> None:
    found, sums = 0, 0
    for seed in SEEDS:
        amounts = amounts_of(seed)
        told, raw, *_who = told_and_raw(seed, amounts)
        figures = told if told_by_rule else raw
        sums += len(figures)
        found += guessed(figures, amounts, random.Random(seed)) if figures else 0
    assert sums > 2 * len(SEEDS)
    assert found == 0 if told_by_rule else found > 10 * len(SEEDS)
