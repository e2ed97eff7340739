"""Requests as callers make them, for the tests of cases."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from disclosure.asking import Row, Table

KEY = b"a secret of this test alone, kept"
THEMES = ("drawings", "prices", "moulds")


def sources(number: int, start: int = 0) -> list[str]:
    return [f"s{place}" for place in range(start, start + number)]


def counted(by_theme: Mapping[str, int], **more: Any) -> Table:
    """A table of so many sources to each theme; numbered in the order of the themes."""
    rows, place = [], 0
    for theme, number in by_theme.items():
        rows += [Row((theme,), source) for source in sources(number, place)]
        place += number
    return Table({"theme": tuple(by_theme)}, rows, **more)


def crossed(by_cell: Mapping[tuple[str, str], int], **more: Any) -> Table:
    """A table of two dimensions."""
    rows, place = [], 0
    for cell, number in by_cell.items():
        rows += [Row(cell, source) for source in sources(number, place)]
        place += number
    first, second = (tuple(dict.fromkeys(cell[axis] for cell in by_cell)) for axis in (0, 1))
    return Table({"theme": first, "region": second}, rows, **more)


def summed(amounts: Mapping[str, Sequence[int]], **more: Any) -> Table:
    """A table of sums of these amounts by theme."""
    rows = [
        Row((theme,), f"{theme}{place}", amount) for theme, each in amounts.items() for place, amount in enumerate(each)
    ]
    return Table({"theme": tuple(amounts)}, rows, measure="yen", **more)


def told(cells: Collection[Any]) -> dict[Any, Any]:
    """What is told, by coordinates; a single one is given by itself."""
    return {cell.at if len(cell.at) > 1 else cell.at[0]: cell.figure for cell in cells if cell.told}
