"""Asking what may be told, and telling it. What is told is kept, so that whatever is told later is checked against it.

The caller records the act in the audit log, in the same transaction, and shows the verdict only to whoever may see
the rows: its reasons say more than its figures. Nothing but `wording.written` of its cells may be published.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from django.db import IntegrityError, transaction

from disclosure import cautions, queries
from disclosure.asking import Statement, Table
from disclosure.judging import Judgement, judge_statement, judge_table
from disclosure.models import Dataset, Figure, Release, Source
from disclosure.packing import pack
from disclosure.periods import coarse
from disclosure.preparing import asked_of, digest_of, numbered, sources_of
from disclosure.pseudonyms import Pseudonyms
from disclosure.rule import Rule
from disclosure.tabling import Asked
from disclosure.verdicts import Caution, Cell, Reason, Verdict

TRIES = 5  # how often a release gives way to another of the same moment


class Withheld(Exception):
    """Nothing may be told, and that says nothing of the cells; `verdict` says why. Nothing was kept and nothing
    drawn.
    """

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(", ".join(verdict.reasons))
        self.verdict = verdict


class RuleDiffers(ValueError):
    """A dataset keeps the rule of its first release: a weaker one would undo what was promised, a stricter one came
    late.
    """


class Overtaken(Exception):
    """Other releases of the dataset went first, again and again. Ask once more."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was told: the verdict, and the release it is kept as (for the audit log and the link to what was
    published).
    """

    verdict: Verdict
    release: Release


def check(*, dataset: str, asked: Table | Statement, key: bytes, rule: Rule | None = None) -> Verdict:
    """What may be told of the dataset now. Changes nothing and draws nothing.

    dataset: label of the body of data (at most 100 characters), the same for everything about the same sources.
    key: at least 16 secret bytes, always the same for the dataset (`vault.keys.derive("disclosure")`, say).
    rule: for the first release of the dataset; later the dataset's own.

    Raises UnfitTable, RuleDiffers.
    """
    return _Look(dataset, asked, key, rule).verdict


@transaction.atomic
def release(*, dataset: str, asked: Table | Statement, key: bytes, day: date, rule: Rule | None = None) -> Told:
    """Check once more and keep what is told, on that day. The same as before gives the same answer and draws nothing.

    A table of which every figure is withheld is kept and draws as well (its verdict is falsy): that it was asked
    about and nothing was told may be noticed, and says something of the cells. Ask only for what will be published as
    it comes out.

    Two releases of the same moment cannot both pass unseen by each other: both take the same number, one waits for the
    other, and is judged anew after it.

    Raises Withheld, Overtaken; UnfitTable, RuleDiffers as `check` does.
    """
    for _try in range(TRIES):
        look = _Look(dataset, asked, key, rule)
        if look.refused:
            raise Withheld(look.verdict)
        if look.before:
            return Told(look.verdict, look.before)
        try:
            with transaction.atomic():
                return Told(look.verdict, look.keep(day))
        except IntegrityError:
            continue  # another took the number, or gave a source its own
    raise Overtaken


class _Look:
    """One look at a request against all that was told of its dataset."""

    def __init__(self, label: str, asked: Table | Statement, key: bytes, rule: Rule | None) -> None:
        if isinstance(asked, Table):
            asked.check()
        self.label, self.asked = label, asked
        self.names = Pseudonyms(key, label)
        self.dataset = queries.find(label)
        # Before the history is read: whatever is told after this moment takes the number that we would take.
        self.number = 1 + (queries.releases(self.dataset) if self.dataset else 0)
        self.rule = _rule_of(self.dataset, rule)
        self.digest = digest_of(asked, self.names)
        self.before = queries.same(self.dataset, self.digest) if self.dataset else None
        self.pseudonyms = self.names.sources(sources_of(asked))
        self.known = queries.numbers(self.dataset) if self.dataset else {}
        given = numbered(self.pseudonyms.values(), self.known)
        self.number_of = {source: given[pseudonym] for source, pseudonym in self.pseudonyms.items()}
        self.left = self.rule.budget - (queries.drawn(self.dataset) if self.dataset else 0)
        self.table: Asked | None = None
        self.judgement = Judgement()
        self.verdict = self._statement(asked) if isinstance(asked, Statement) else self._table(asked)

    def _table(self, table: Table) -> Verdict:
        self.table = asked = asked_of(table, self.number_of, self.names)
        if self.before:
            self.judgement = _again(asked, queries.marks(self.before))
            return self._answer(table, asked, newcomers=False)
        earlier = queries.tables_told(self.dataset) if self.dataset else []
        self.judgement = judge_table(asked, earlier, self.rule)
        newcomers = bool(earlier) and asked.universe not in {each.universe for each in earlier}
        return self._answer(table, asked, newcomers=newcomers)

    def _answer(self, table: Table, asked: Asked, *, newcomers: bool) -> Verdict:
        # Drawn is what is asked for, told or not: else the budget would run out by what is in the cells.
        cost = 0 if self.before else sum(not asked.whole(at) for at in asked.places())
        if cost > self.left:
            self.judgement = Judgement(reason=Reason.BUDGET, open=True)
        judgement = self.judgement
        reason = judgement.reason
        cells = [
            Cell(at, None if reason else _figure(asked, at, judgement), judgement.withheld.get(at, reason))
            for at in asked.places()
        ]
        care = cautions.of_table(table, asked, judgement, self.rule, newcomers=newcomers)
        return Verdict(
            cells=tuple(cells),
            reasons=(reason,) if reason else (),
            cautions=self._cautions([*care], cost),
            cost=0 if judgement.open else cost,
            left=self.left,
            repeated=self.before is not None,
        )

    def _statement(self, statement: Statement) -> Verdict:
        reason = judge_statement(
            statement.sources,
            rule=self.rule,
            universe=statement.universe,
            outside=statement.outside,
            consents=[source for source, reference in statement.consents.items() if reference],
        )
        cost = 0 if self.before else 1
        if not reason and cost > self.left:
            reason = Reason.BUDGET
        many = len(set(statement.sources)) >= self.rule.k
        days = [statement.days[source] for source in set(statement.sources) if source in statement.days]
        complete = len(days) == len(set(statement.sources))
        return Verdict(
            reasons=(reason,) if reason else (),
            cautions=self._cautions([*cautions.of_statement(statement, self.rule)], cost),
            at_least=self.rule.k if many and not reason else None,
            periods=coarse(days, self.rule.k) if complete and not reason else (),
            cost=0 if reason else cost,
            left=self.left,
            repeated=self.before is not None,
        )

    def _cautions(self, found: list[Caution], cost: int) -> tuple[Caution, ...]:
        low = [Caution.BUDGET_LOW] if (self.left - cost) * 5 < self.rule.budget else []
        return tuple(dict.fromkeys([*found, *low]))

    @property
    def refused(self) -> bool:
        """Whether there is nothing to keep."""
        return not self.verdict if self.table is None else self.judgement.open

    def keep(self, day: date) -> Release:
        """Add the rows. Raises IntegrityError where another was quicker."""
        dataset = self.dataset or Dataset.objects.create(label=self.label, **asdict(self.rule))
        table = self.table
        made = Release.objects.create(
            dataset=dataset,
            number=self.number,
            day=day,
            kind=Release.Kind.TABLE if table else Release.Kind.STATEMENT,
            digest=self.digest,
            cost=self.verdict.cost,
            measure=table.measure if table else "",
            universe=pack(table.universe if table else ()),
            stamped=pack(table.stamps.keys() if table else ()),
            stamps=b"".join(table.stamps[number] for number in sorted(table.stamps)) if table else b"",
        )
        Source.objects.bulk_create(
            Source(dataset=dataset, number=self.number_of[source], pseudonym=pseudonym)
            for source, pseudonym in self.pseudonyms.items()
            if pseudonym not in self.known
        )
        told = {table.marks[at]: members for at, members in self.judgement.new.items()} if table else {}
        if isinstance(self.asked, Statement):
            behind = {self.number_of[source] for source in self.asked.sources}
            told = {self.names.of("statement", self.asked.about): frozenset(behind)}
        Figure.objects.bulk_create(
            Figure(release=made, mark=mark, members=pack(members)) for mark, members in told.items()
        )
        return made


def _rule_of(dataset: Dataset | None, rule: Rule | None) -> Rule:
    if dataset is None:
        return rule or Rule()
    own = Rule(dataset.k, dataset.one, dataset.two, dataset.margin, dataset.budget)
    if rule not in (None, own):
        raise RuleDiffers
    return own


def _again(asked: Asked, told: set[bytes]) -> Judgement:
    """The answer of before."""
    new = {at: asked.members(at) for at in asked.places() if asked.marks[at] in told and not asked.whole(at)}
    whole = {at: asked.members(at) for at in asked.places() if asked.whole(at)}
    withheld = {at: Reason.EARLIER for at in asked.places() if at not in {*new, *whole}}
    return Judgement({**new, **whole}, withheld, new, None if new else Reason.EARLIER)


def _figure(asked: Asked, at: tuple[str | None, ...], judgement: Judgement) -> int | None:
    if at not in judgement.told:
        return None
    members = judgement.told[at]
    return sum(asked.amounts[source] for source in members) if asked.measure else len(members)  # type: ignore[return-value]
