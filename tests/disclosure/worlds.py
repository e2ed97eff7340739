"""Small worlds to attack: who is in which cell, tables asked of them one after the other, and what the rule tells.

Two ways of telling are compared: by the rule, and raw (every figure asked for). The attackers are given the
algorithm, who was there at each table, and what their k − 1 colluders said.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from disclosure.asking import Coordinates
from disclosure.judging import judge_table
from disclosure.rule import Rule
from disclosure.tabling import Asked, Earlier

Cells = Mapping[int, tuple[str, ...]]  # source → its category of each attribute
Answer = tuple[tuple[Coordinates, int], ...]


@dataclass(frozen=True)
class Step:
    """A table asked for: of whom, by which attributes (places in the source's categories, and their categories)."""

    present: frozenset[int]
    attributes: Mapping[int, Sequence[str]]


def asked_of(step: Step, cells: Cells, amounts: Mapping[int, int] | None = None) -> Asked:
    found: dict[Coordinates, set[int]] = {}
    for source in step.present:
        found.setdefault(tuple(cells[source][each] for each in step.attributes), set()).add(source)
    frame = {str(name): categories for name, categories in step.attributes.items()}
    asked = Asked(
        frame=frame,
        cells={at: frozenset(members) for at, members in found.items()},
        universe=step.present,
        complete=False,
        measure="yen" if amounts else "",
        amounts={source: amounts[source] for source in step.present} if amounts else {},
        stamps={source: b"%d" % amounts[source] for source in step.present} if amounts else {},
        marks={},
    )
    marks = {at: repr(sorted((n, c) for n, c in zip(frame, at, strict=True) if c)).encode() for at in asked.places()}
    return Asked(**{name: getattr(asked, name) for name in Asked.__slots__} | {"marks": marks})


class Lenient(Rule):
    """The usual threshold: k behind a figure, as though nobody colluded."""

    @property
    def enough(self) -> int:
        return self.k


@dataclass
class Teller:
    """Tells by the rule, and remembers."""

    rule: Rule
    earlier: list[Earlier] = field(default_factory=list)

    def tell(self, asked: Asked) -> Mapping[Coordinates, frozenset[int]]:
        judgement = judge_table(asked, self.earlier, self.rule)
        if judgement.open:
            return {}
        figures = {asked.marks[at]: members for at, members in judgement.new.items()}
        self.earlier.append(Earlier(asked.universe, figures, asked.measure, asked.stamps))
        return judgement.told


def by_rule(rule: Rule) -> Callable[[Sequence[Step], Cells], list[Answer]]:
    def told(steps: Sequence[Step], cells: Cells) -> list[Answer]:
        teller = Teller(rule)
        return [counts(teller.tell(asked_of(step, cells))) for step in steps]

    return told


def raw(steps: Sequence[Step], cells: Cells) -> list[Answer]:
    asked = (asked_of(step, cells) for step in steps)
    return [counts({at: each.members(at) for at in each.places()}) for each in asked]


def counts(told: Mapping[Coordinates, frozenset[int]]) -> Answer:
    return tuple(sorted(((at, len(members)) for at, members in told.items()), key=str))


def random_steps(
    dice: random.Random, attributes: Mapping[int, Sequence[str]], crowd: range, number: int, least: int
) -> list[Step]:
    """Tables over time: sources join and leave, a few or many at a time; by one attribute or several."""
    present = set(dice.sample(crowd, dice.randint(least, len(crowd))))
    steps = []
    for _step in range(number):
        absent = [each for each in crowd if each not in present]
        if absent and dice.random() < 0.6:
            present |= set(
                dice.sample(absent, dice.choice([1, 2, dice.randint(1, len(absent)), len(absent)]) % (len(absent) + 1))
            )
        if dice.random() < 0.3:
            present -= set(dice.sample(sorted(present), dice.randint(1, max(1, len(present) // 3))))
        chosen = dice.sample(sorted(attributes), dice.randint(1, min(2, len(attributes))))
        steps.append(Step(frozenset(present), {name: attributes[name] for name in sorted(chosen)}))
    return steps
