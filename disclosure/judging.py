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

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from disclosure.asking import NOTHING_KNOWN, Coordinates, Outside
from disclosure.choosing import withheld_counts, withheld_sums
from disclosure.lightness import TooIntricate
from disclosure.rule import Rule
from disclosure.span import MOST_WORK
from disclosure.tabling import Asked, Earlier, Set, batches_of
from disclosure.verdicts import Reason


@dataclass(frozen=True, slots=True)
class Judgement:
    """What may be told, by place; why the rest may not; why nothing may.

    `new` are the sets of `told` that a later table has to be checked against: all but the number of all there are.
    `open`: the reason follows from who was there alone. Any other refusal says something of the cells, so that it is
    kept like a table of which nothing was told.
    """

    told: Mapping[Coordinates, Set] = field(default_factory=dict)
    withheld: Mapping[Coordinates, Reason] = field(default_factory=dict)
    new: Mapping[Coordinates, Set] = field(default_factory=dict)
    reason: Reason | None = None
    open: bool = False


def judge_table(asked: Asked, earlier: Sequence[Earlier], rule: Rule, most_work: int = MOST_WORK) -> Judgement:
    """What of the table may be told after all that was told earlier."""
    batches = batches_of([*(each.universe for each in earlier), asked.universe])
    if any(len(batch) < 2 * rule.enough for batch in batches):
        return Judgement(reason=Reason.BATCH if earlier else Reason.FEW, open=True)
    if reason := _against(asked, earlier, batches, rule):
        return Judgement(reason=reason)
    figures = {at: asked.members(at) for at in asked.places()}
    withheld = {at: why for at, members in figures.items() if (why := _withheld(asked, at, members, batches, rule))}
    # The widest first: what is told of many is worth more, and what it would bare is then found among the narrow ones.
    order = sorted(figures.keys() - withheld.keys(), key=lambda at: (-at.count(None), -len(figures[at]), str(at)))
    present = [batch for batch in batches if batch <= asked.universe]
    try:
        if asked.measure:
            bared = withheld_sums(asked, figures, order, earlier, rule)
        else:
            bared = withheld_counts(asked, figures, order, earlier, present, rule, most_work)
    except TooIntricate:
        return Judgement(reason=Reason.INTRICATE)
    withheld |= bared
    told = {at: members for at, members in figures.items() if at not in withheld}
    new = {at: members for at, members in told.items() if not asked.whole(at)}
    if not new:
        return Judgement(withheld=withheld, reason=Reason.FEW)
    return Judgement(told, withheld, new)


def _against(asked: Asked, earlier: Sequence[Earlier], batches: Sequence[Set], rule: Rule) -> Reason | None:
    """Why nothing of the table may be told, because of what was told before."""
    if asked.measure:
        for each in earlier:
            if each.measure == asked.measure and any(
                asked.stamps.get(source) != stamp for source, stamp in each.stamps.items()
            ):
                return Reason.CHANGED
    # Whoever came or went parts a batch of before: what was told of the whole must bear to be told of the parts.
    before = set(batches_of([each.universe for each in earlier if each.figures]))
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
