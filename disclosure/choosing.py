"""Complementary suppression: which figures to withhold so that none of the others, nor earlier ones, give them away.

Figures are looked at in the order given, and each is kept that bares nobody together with all that is known by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from disclosure.asking import Amount, Coordinates
from disclosure.dominance import dominated
from disclosure.rule import Rule
from disclosure.span import Span
from disclosure.tabling import Asked, Earlier, Set
from disclosure.verdicts import Reason

Figures = Mapping[Coordinates, Set]
Choice = dict[Coordinates, Reason]


def withheld_counts(
    asked: Asked, figures: Figures, order: Sequence[Coordinates],
    earlier: Sequence[Earlier], batches: Sequence[Set], rule: Rule, most_work: int,
) -> Choice:  # fmt: skip
    """The counts to withhold. Raises TooIntricate.

    Each batch is looked at as though everything had been told of it by itself: that is more than the attacker has,
    and keeps what is known of how large a figure must be to be told (`enough` in each batch) from closing a gap
    between two figures.
    """
    spans = [_span_of(asked, figures, order, earlier, batch, rule, most_work // len(batches)) for batch in batches]
    if not any(span.bare_any(places) for span, places in spans):
        return {}
    choice: Choice = {}
    for number, at in enumerate(order):
        if any(span.bares(places[number]) for span, places in spans):
            choice[at] = Reason.DERIVABLE
        else:
            for span, places in spans:
                span.learn(places[number])
    return choice


def _span_of(
    asked: Asked, figures: Figures, order: Sequence[Coordinates],
    earlier: Sequence[Earlier], batch: Set, rule: Rule, most_work: int,
) -> tuple[Span, Sequence[int]]:  # fmt: skip
    """What is known of a batch, and where in it the figures stand that are looked at."""
    nobody = _nobody(asked, batch)
    place_of = {mark: at for at, mark in asked.marks.items()}
    known = {batch | Set(nobody)}
    for each in earlier:
        if not each.measure and batch <= each.universe:
            known |= {
                members & batch | _empties(asked, place_of.get(mark), nobody) for mark, members in each.figures.items()
            }
    # Small sets first, so that the rows stay short; the order of what is known changes nothing else.
    rows = sorted(known, key=lambda each: (len(each), sorted(each)))
    new = [figures[at] & batch | _empties(asked, at, nobody) for at in order]
    span = Span([*rows, *new], rule.enough, most_work)
    for place in range(len(rows)):
        span.learn(place)
    return span, range(len(rows), len(rows) + len(new))


def _nobody(asked: Asked, among: Set) -> dict[int, Coordinates]:
    """A member that weighs nothing for each cell where none of these are, and one if none are in no cell: were such a
    one alone in what can be derived, they would all be known not to be there.
    """
    empty = [at for at in product(*asked.frame.values()) if among.isdisjoint(asked.cells.get(at, ()))]
    if asked.complete and among <= asked.members(asked.total):
        empty.append(())
    return {-number: at for number, at in enumerate(empty, 1)}


def _empties(asked: Asked, at: Coordinates | None, nobody: Mapping[int, Coordinates]) -> Set:
    """Those of `nobody` that a figure is over."""
    if at is None or not nobody:
        return Set()
    inner = set(asked.under(at))
    return Set(number for number, cell in nobody.items() if cell in inner)


def withheld_sums(
    asked: Asked, figures: Figures, order: Sequence[Coordinates],
    earlier: Sequence[Earlier], rule: Rule,
) -> Choice:  # fmt: skip
    """The sums to withhold so that every part that figures share, with earlier ones too, is itself a safe sum.

    Stricter than for counts: whatever is derived by adding and subtracting then holds at least one such part whole,
    and what hides an amount in its part hides it in all that is derived.
    """
    nobody = _nobody(asked, asked.universe)
    place_of = {mark: at for at, mark in asked.marks.items()}
    told = {
        members | _empties(asked, place_of.get(mark), nobody)
        for each in earlier if each.measure == asked.measure
        for mark, members in each.figures.items()
    }  # fmt: skip
    parts: list[Set] = []
    for members in sorted(told, key=sorted):
        parts = _parted(parts, members)
    withheld: Choice = {}
    for at in order:
        refined = _parted(parts, figures[at] | _empties(asked, at, nobody))
        if reason := _unsafe(set(refined) - set(parts), asked.amounts, rule):
            withheld[at] = reason
        else:
            parts = refined
    return withheld


def _parted(parts: Iterable[Set], members: Set) -> list[Set]:
    """The parts, each cut in two where the set cuts it, and what of the set was in none."""
    cut, rest = [], members
    for part in parts:
        cut += [piece for piece in (part & members, part - members) if piece]
        rest -= part
    return [*cut, rest] if rest else cut


def _unsafe(parts: Iterable[Set], amounts: Mapping[int, Amount], rule: Rule) -> Reason | None:
    for part in parts:
        sources = [source for source in part if source >= 0]
        if len(sources) < rule.enough:
            return Reason.DERIVABLE
        if dominated((amounts[source] for source in sources), rule):
            return Reason.DOMINATED
    return None
