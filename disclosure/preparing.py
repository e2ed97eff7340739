"""From what a caller asks to what the rule judges: sources by number, places, amounts and the request itself by
pseudonym.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from disclosure.asking import Coordinates, Statement, Table
from disclosure.pseudonyms import Pseudonyms
from disclosure.tabling import Asked, places


def sources_of(asked: Table | Statement) -> set[str]:
    """Everybody a request names."""
    named = {row.source for row in asked.rows} if isinstance(asked, Table) else set(asked.sources)
    return named | set(asked.universe or ()) if isinstance(asked, Table) else named


def numbered(pseudonyms: Iterable[bytes], known: Mapping[bytes, int]) -> dict[bytes, int]:
    """A number for each: its own, or the next ones in the order of the pseudonyms, which says nothing."""
    given = {pseudonym: known[pseudonym] for pseudonym in pseudonyms if pseudonym in known}
    fresh = sorted(set(pseudonyms) - given.keys())
    return given | dict(zip(fresh, range(len(known), len(known) + len(fresh)), strict=True))


def mark_of(table: Table, at: Coordinates, names: Pseudonyms) -> bytes:
    """The pseudonym of a figure's place: the same in every table that has these categories of these dimensions."""
    place = sorted((name, each) for name, each in zip(table.dimensions, at, strict=True) if each is not None)
    return names.of("place", table.measure, place)


def asked_of(table: Table, number_of: Mapping[str, int], names: Pseudonyms) -> Asked:
    """The table as the rule judges it."""
    cells: defaultdict[Coordinates, set[int]] = defaultdict(set)
    for row in table.rows:
        cells[row.cell].add(number_of[row.source])
    in_rows = {row.source for row in table.rows}
    sums = table.rows if table.measure else ()
    return Asked(
        frame=dict(table.dimensions),
        cells={at: frozenset(members) for at, members in cells.items()},
        universe=frozenset(number_of[source] for source in (in_rows if table.universe is None else table.universe)),
        complete=table.universe is not None,
        margins=table.margins,
        measure=names.of("measure", table.measure).hex() if table.measure else "",
        amounts={number_of[row.source]: row.amount for row in sums},
        stamps={number_of[row.source]: names.of("amount", table.measure, row.source, str(row.amount)) for row in sums},
        outside={at or tuple(None for _each in table.dimensions): known for at, known in table.outside.items()},
        marks={at: mark_of(table, at, names) for at in places(table.dimensions, margins=table.margins)},
    )


def digest_of(asked: Table | Statement, names: Pseudonyms) -> bytes:
    """What a request is known by when it comes again."""
    universe = None if asked.universe is None else sorted(asked.universe)
    if isinstance(asked, Statement):
        days = sorted((source, str(day)) for source, day in asked.days.items())
        consents = sorted(asked.consents.items())
        return names.digest("statement", asked.about, sorted(asked.sources), days, universe, asked.outside, consents)
    frame = [(name, list(categories)) for name, categories in asked.dimensions.items()]
    rows = sorted((*row.cell, row.source, str(row.amount)) for row in asked.rows)
    outside = sorted((str(at), str(known)) for at, known in asked.outside.items())
    return names.digest("table", frame, rows, asked.measure, asked.margins, universe, outside)
