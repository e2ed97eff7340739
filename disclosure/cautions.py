"""What outside knowledge could still reveal: found for the official to weigh, not for the rule to forbid."""

from __future__ import annotations

from collections.abc import Iterator

from disclosure.asking import NOTHING_KNOWN, Outside, Statement, Table
from disclosure.judging import Judgement
from disclosure.rule import Rule
from disclosure.tabling import Asked
from disclosure.verdicts import Caution


def of_statement(statement: Statement, rule: Rule) -> Iterator[Caution]:
    behind = len(set(statement.sources))
    yield Caution.WORDS
    if behind < rule.k:
        yield Caution.ALONE
    elif behind < rule.enough:
        yield Caution.FEW_BEHIND
    if statement.universe is None:
        yield Caution.UNIVERSE_UNKNOWN
    yield from _outside(statement.outside, behind, rule)


def of_table(table: Table, asked: Asked, judgement: Judgement, rule: Rule, *, newcomers: bool) -> Iterator[Caution]:
    if table.universe is None:
        yield Caution.UNIVERSE_UNKNOWN
    yield from _outside(table.outside.get((), NOTHING_KNOWN), len(asked.universe), rule)
    for at, members in judgement.new.items():
        if at in asked.outside:
            yield from _outside(asked.outside[at], len(members), rule)
    if newcomers:
        yield Caution.NEWEST


def _outside(known: Outside, behind: int, rule: Rule) -> Iterator[Caution]:
    if known.people is None and known.firms is None:
        yield Caution.OUTSIDE_UNKNOWN
    if known.people is not None:
        if known.people < 4 * rule.enough:
            yield Caution.FEW_PEOPLE
        if 2 * behind > known.people:
            yield Caution.MOST
    if known.firms is not None and known.firms < rule.k:
        yield Caution.FEW_FIRMS
