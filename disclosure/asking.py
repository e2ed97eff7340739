"""What may be asked about: a table of counts or sums, and a statement that several sources stand behind.

A source is named by any text that stays the same as long as it is the same source (a random id of a case, say). It is
never stored: `services` turns it into a pseudonym under the caller's key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import product

# One category for each dimension, in their order; None where the figure is over all of a dimension (a margin).
Coordinates = tuple[str | None, ...]
Amount = int | Decimal


class UnfitTable(ValueError):
    """The rows do not fit the frame: says what is wrong, with no source in it."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What anybody may know without us: how many could have spoken at all, in how many firms. None: nobody knows."""

    people: int | None = None
    firms: int | None = None


NOTHING_KNOWN = Outside()


@dataclass(frozen=True, slots=True)
class Row:
    """One source in one cell; `amount` is its part of the cell's sum (unit: the table's measure)."""

    cell: tuple[str, ...]
    source: str
    amount: Amount = 1


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of sources, or sums of their amounts, by cell.

    dimensions: every category there is, found or not: a missing cell would say that nobody is in it.
    measure: "" counts sources; else names the amount that is summed (each source then has one row, its amount ≥ 0). For
        amounts that have no ceiling anybody knows: yes or no, or one to five, are categories to be counted.
    margins: whether the sums over each dimension are asked for too.
    universe: all sources that could have been in a cell (who was asked). None: those in the rows, and nobody else.
    outside: what is known outside, by coordinates; () is the whole table.
    """

    dimensions: Mapping[str, Sequence[str]]
    rows: Sequence[Row]
    measure: str = ""
    margins: bool = True
    universe: Collection[str] | None = None
    outside: Mapping[Coordinates, Outside] = field(default_factory=dict)

    def check(self) -> None:
        """Raises UnfitTable."""
        frame = set(product(*self.dimensions.values()))
        sources = [row.source for row in self.rows]
        if len(frame) < 2:
            raise UnfitTable("a table needs two cells at least: all would be in one")
        if any(row.cell not in frame for row in self.rows):
            raise UnfitTable("a row lies outside the dimensions")
        if self.universe is not None and not set(sources) <= set(self.universe):
            raise UnfitTable("a source in the rows is not in the universe")
        if self.measure and len(set(sources)) < len(sources):
            raise UnfitTable("a source has more than one amount")
        if self.measure and any(isinstance(row.amount, float) or row.amount < 0 for row in self.rows):
            raise UnfitTable("an amount is a whole or decimal number, not below 0")
        if not self.measure and any(row.amount != 1 for row in self.rows):
            raise UnfitTable("amounts need a measure")


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim that each of its sources supports by itself, told without any number but "k or more".

    about: names the claim (an id of its text, not the text).
    days: the day each source spoke, for the coarse date that may go with it.
    universe: all sources that could stand behind it. None: nobody knows.
    consents: for a source that agreed to be used alone, the reference of its consent.
    """

    about: str
    sources: Collection[str]
    days: Mapping[str, date] = field(default_factory=dict)
    universe: Collection[str] | None = None
    outside: Outside = NOTHING_KNOWN
    consents: Mapping[str, str] = field(default_factory=dict)
