"""The decision, pure: what of a table or a statement may be told, given all that was told of the dataset before.

Sources are numbers here. Those who came between the same releases (and went between the same) are one *batch*;
outsiders may know who belongs to it. A figure of a count or a sum is told only if

1. in each batch, `enough` of its sources stand behind it, and of those with the same coordinate of any dimension as
   many do
   not: then whatever is told stays the same when two of a batch change places, whoever k − 1 of them are
   (docs/adr/0024);
2. together with everything told before and in the same table nothing about fewer than `enough` can be worked out
   (`span`); for sums, every part that any figures share is itself a sum of `enough`, dominated by none (`dominance`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from disclosure.asking import NOTHING_KNOWN, Amount, Coordinates, Outside
from disclosure.dominance import dominated
from disclosure.rule import Rule
from disclosure.span import MOST_WORK, Span, TooIntricate
from disclosure.verdicts import Reason

Set = frozenset[int]
Place = frozenset[tuple[str, str]]  # (dimension, category) of a figure; empty for the whole table


@dataclass(frozen=True, slots=True)
class Earlier:
    """A table that was told: who was in it, and the sets behind its figures by the mark of their place.

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


@dataclass(frozen=True, slots=True)
class Judgement:
    """What may be told, by place; why the rest may not; why nothing may.

    `new` are the sets of `told` that a later table has to be checked against: all but the number of all there are.
    """

    told: Mapping[Coordinates, Set] = field(default_factory=dict)
    withheld: Mapping[Coordinates, Reason] = field(default_factory=dict)
    new: Mapping[Coordinates, Set] = field(default_factory=dict)
    reason: Reason | None = None
    cost: int = 0


def judge_table(asked: Asked, earlier: Sequence[Earlier], rule: Rule, most_work: int = MOST_WORK) -> Judgement:
    """What of the table may be told after all that was told earlier."""
    batches = batches_of([*(each.universe for each in earlier), asked.universe])
    if reason := _against(asked, earlier, batches, rule):
        return Judgement(reason=reason)
    figures = {at: asked.members(at) for at in asked.places()}
    withheld = {at: why for at, members in figures.items() if (why := _withheld(asked, at, members, batches, rule))}
    # The widest first: what is told of many is worth more, and what it would bare is then found among the narrow ones.
    order = sorted(figures.keys() - withheld.keys(), key=lambda at: (-at.count(None), -len(figures[at]), str(at)))
    try:
        choose = _choose_sums if asked.measure else _choose_counts
        bared = choose(asked, figures, order, earlier, rule, most_work)
    except TooIntricate:
        return Judgement(reason=Reason.INTRICATE)
    withheld |= bared
    told = {at: members for at, members in figures.items() if at not in withheld}
    new = {at: members for at, members in told.items() if not asked.whole(at)}
    if not new:
        return Judgement(withheld=withheld, reason=Reason.FEW)
    before = {(each.universe, each.measure, members) for each in earlier for members in each.figures.values()}
    cost = sum((asked.universe, asked.measure, members) not in before for members in set(new.values()))
    return Judgement(told, withheld, new, cost=max(cost, 1))


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


def _against(asked: Asked, earlier: Sequence[Earlier], batches: Sequence[Set], rule: Rule) -> Reason | None:
    """Why nothing of the table may be told, whatever is in its cells."""
    if asked.measure:
        for each in earlier:
            if each.measure == asked.measure and any(
                asked.stamps.get(source) != stamp for source, stamp in each.stamps.items()
            ):
                return Reason.CHANGED
    if any(len(batch) < 2 * rule.enough for batch in batches):
        return Reason.BATCH if earlier else Reason.FEW
    # Whoever came or went parts a batch of before: what was told of the whole must bear to be told of the parts.
    before = set(batches_of([each.universe for each in earlier]))
    parts = [batch for batch in batches if batch not in before]
    for each in earlier:
        for part in (part for part in parts if part <= each.universe):
            for told in each.figures.values():
                within = len(told & part)
                if within < rule.enough or (told != each.universe and len(part) - within < rule.enough):
                    return Reason.BATCH
    return None


def _withheld(asked: Asked, at: Coordinates, members: Set, batches: Sequence[Set], rule: Rule) -> Reason | None:
    """Why a figure may not be told, looked at alone."""
    if asked.whole(at):
        return None
    if len(members) < rule.enough:
        return Reason.FEW
    people = asked.outside.get(at, NOTHING_KNOWN).people
    if people is not None and people - len(members) < rule.enough:
        return Reason.FIELD
    present = [batch for batch in batches if batch <= asked.universe]
    if any(len(members & batch) < rule.enough for batch in present):
        return Reason.BATCH
    whole = not asked.complete and at == asked.total  # the sum of all there are: who they are is known
    for wider in [] if whole else [asked.universe, *map(asked.members, _above(at))]:
        beside = wider - members
        if any(len(beside & batch) < rule.enough for batch in present):
            return Reason.ALL
    return None


def _above(at: Coordinates) -> Iterator[Coordinates]:
    """The wider figures that a figure is a part of, but for the whole table."""
    fixed = [i for i, each in enumerate(at) if each is not None]
    for many in range(1, len(fixed)):
        for kept in combinations(fixed, many):
            yield tuple(each if i in kept else None for i, each in enumerate(at))


Choice = dict[Coordinates, Reason]


def _choose_counts(
    asked: Asked, figures: Mapping[Coordinates, Set], order: Sequence[Coordinates],
    earlier: Sequence[Earlier], rule: Rule, most_work: int,
) -> Choice:  # fmt: skip
    """The counts to withhold so that no few can be derived from the rest, from earlier ones and from who was there."""
    nobody = _nobody(asked)
    public = {asked.universe | nobody.keys()} | {each.universe for each in earlier if each.universe != asked.universe}
    told = {
        members | _standing_for(asked, each, mark, nobody)
        for each in earlier if not each.measure
        for mark, members in each.figures.items()
    }  # fmt: skip
    new = [figures[at] | _empties(asked, at, nobody) for at in order]
    # Small sets first, so that the rows stay short; the order of what is known changes nothing else.
    known = sorted(public | told, key=lambda each: (len(each), sorted(each)[:1]))
    span = Span([*known, *new], rule.enough, most_work)
    for place in range(len(known)):
        span.learn(place)
    return {at: Reason.DERIVABLE for place, at in enumerate(order, len(known)) if span.bares(place)}


def _nobody(asked: Asked) -> dict[int, Coordinates]:
    """A member that weighs nothing for each empty cell (and, where all is empty beside the cells, for that): were it
    alone in what can be derived, everybody would be known not to be there.
    """
    empty = [at for at in product(*asked.frame.values()) if not asked.cells.get(at)]
    if asked.complete and asked.universe == asked.members(asked.total):
        empty.append(())
    return {-number: at for number, at in enumerate(empty, 1)}


def _empties(asked: Asked, at: Coordinates, nobody: Mapping[int, Coordinates]) -> Set:
    inner = set(asked.under(at))
    return Set(number for number, cell in nobody.items() if cell in inner)


def _standing_for(asked: Asked, each: Earlier, mark: bytes, nobody: Mapping[int, Coordinates]) -> Set:
    """The empty cells of an earlier figure of the same place over the same sources."""
    if each.universe != asked.universe:
        return Set()
    return Set().union(*(_empties(asked, at, nobody) for at, named in asked.marks.items() if named == mark))


def _choose_sums(
    asked: Asked, figures: Mapping[Coordinates, Set], order: Sequence[Coordinates],
    earlier: Sequence[Earlier], rule: Rule, most_work: int,
) -> Choice:  # fmt: skip
    """The sums to withhold so that every part that figures share, with earlier ones too, is itself a safe sum.

    Stricter than for counts: whatever is derived by adding and subtracting then holds at least one such part whole,
    and what hides an amount in its part hides it in all that is derived.
    """
    nobody = _nobody(asked)
    told = {
        members | _standing_for(asked, each, mark, nobody)
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


def judge_statement(
    sources: Collection[str],
    *,
    rule: Rule,
    universe: Collection[str] | None,
    outside: Outside,
    consents: Collection[str],
) -> Reason | None:
    """Why a statement may not be made; None if it may. Few may stand behind it only if each of them agreed to that."""
    behind = set(sources)
    if behind and behind <= set(consents):
        return None
    if len(behind) < rule.k:
        return Reason.FEW
    if universe is not None and len(set(universe) - behind) < rule.k:
        return Reason.ALL
    if outside.people is not None and outside.people - len(behind) < rule.k:
        return Reason.FIELD
    return None
