"""Tables as the rule looks at them: sources are numbers, figures are the sets behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from disclosure.asking import Amount, Coordinates, Outside

Set = frozenset[int]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A table that was told: who was in it, and the sets behind its figures by the mark of their place; none where all
    were withheld, which may be known too.

    `stamps` are marks of the amounts summed: of each source one that changes with its amount.
    """

    universe: Set
    figures: Mapping[bytes, Set]
    measure: str = ""
    stamps: Mapping[int, bytes] = field(default_factory=dict)


def places(frame: Mapping[str, Sequence[str]], *, margins: bool) -> list[Coordinates]:
    """Every figure of a table, in the order of its dimensions, margins after their cells."""
    ranges = [(*categories, None) if margins else tuple(categories) for categories in frame.values()]
    return list(product(*ranges))


@dataclass(frozen=True, slots=True)
class Asked:
    """A table with its sources numbered. `marks` names each place as `Earlier.figures` does."""

    frame: Mapping[str, Sequence[str]]
    cells: Mapping[Coordinates, Set]
    universe: Set
    complete: bool  # whether the universe was given: else it is whoever is in a cell
    margins: bool = True
    measure: str = ""
    amounts: Mapping[int, Amount] = field(default_factory=dict)
    stamps: Mapping[int, bytes] = field(default_factory=dict)
    outside: Mapping[Coordinates, Outside] = field(default_factory=dict)
    marks: Mapping[Coordinates, bytes] = field(default_factory=dict)

    def places(self) -> list[Coordinates]:
        return places(self.frame, margins=self.margins)

    def under(self, at: Coordinates) -> Iterator[Coordinates]:
        """The inner cells that a figure is over."""
        ranges = [categories if at[i] is None else (at[i],) for i, categories in enumerate(self.frame.values())]
        yield from product(*ranges)

    def members(self, at: Coordinates) -> Set:
        return Set().union(*(self.cells.get(cell, Set()) for cell in self.under(at)))

    @property
    def total(self) -> Coordinates:
        return tuple(None for _each in self.frame)

    def whole(self, at: Coordinates) -> bool:
        """Whether the figure is the number of all there are, which is no secret by the model: who is there is known."""
        return not self.measure and not self.complete and at == self.total


def batches_of(universes: Sequence[Set]) -> list[Set]:
    """Everybody, parted by who was there when."""
    when: dict[int, list[int]] = {}
    for place, universe in enumerate(dict.fromkeys(universes)):
        for source in universe:
            when.setdefault(source, []).append(place)
    batches: dict[tuple[int, ...], list[int]] = {}
    for source, places in when.items():
        batches.setdefault(tuple(places), []).append(source)
    return [Set(batch) for batch in batches.values()]
