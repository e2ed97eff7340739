"""All that a briefing's page shows to one reader, gathered once for the screen, the paper, the PDF and the exports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from accounts.models import Organisation
from accounts.sectors import Sector
from clearance.access import Actor
from clearance.clock import last_day
from clearance.markings import overall, parse
from clearance.models import Marking, compared
from dialogues.prose import render as prose
from dialogues.queries import NOBODY, me
from documents.models import Document
from documents.queries import documents
from documents.queries.listing import title_of

from ..content import Concerns
from ..kinds import Confidence, Likelihood, Severity, Thing
from ..models import Briefing, Former, Notice, Portion, Reply
from .readable import every_state, formers
from .standing import Standing, standing

Words = str | Promise


@dataclass(frozen=True)
class Scale:
    """A weight, drawn as `step` filled boxes of `of`, and in words."""

    label: Words
    words: Words
    step: int
    of: int

    @property
    def boxes(self) -> list[tuple[int, bool]]:
        """Where each box begins in the picture, and whether it is filled."""
        return [(24 * number, number < self.step) for number in range(self.of)]

    @property
    def width(self) -> int:
        return 24 * self.of


@dataclass(frozen=True)
class Todo:
    """What to do, by whom, by when, and the marking of the section that says so."""

    what: str
    who: str
    by: date | None
    marking: Marking


@dataclass(frozen=True)
class Section:
    """One section as it is read."""

    portion: Portion
    html: SafeString
    named: list[tuple[Words, str, str]]
    sources: list[tuple[str, str]]
    documents: list[tuple[UUID, str]]
    new: bool


@dataclass(frozen=True)
class Sheet:
    """A briefing as one reader sees it; `overall` is the marking of all that is on it."""

    briefing: Briefing
    states: list[Portion]
    formers: list[Former]
    sections: list[Section]
    concerns: Concerns
    scales: list[Scale]
    todos: list[Todo]
    standing: Standing
    overall: str
    expires_on: date | None

    @property
    def portions(self) -> list[Portion]:
        return [each.portion for each in self.sections]

    @property
    def tlp(self) -> str:
        return str(parse(self.overall).tlp.value)

    @property
    def level(self) -> int:
        return int(parse(self.overall).level)

    @property
    def sectors(self) -> list[Words]:
        return [label_of(code) for code in self.concerns.sectors]

    @property
    def steps(self) -> list[Words]:
        known = dict(Organisation.Step.choices)
        return [known.get(code, code) for code in self.concerns.steps]

    @property
    def was_changed(self) -> bool:
        from .editions import moments

        return len(moments(self.states, self.formers)) > 1


def label_of(sector: str) -> Words:
    return Sector(sector).label if sector in Sector.values else sector


def sheet(actor: Actor, of: Briefing) -> Sheet:
    """The page of a briefing, in a number of questions that its sections do not change."""
    states = every_state(actor, of)
    current = [each for each in states if each.until is None]
    stands = standing(actor, [of])[of.pk]
    attached = _attached(actor, current)
    return Sheet(
        briefing=of,
        states=states,
        formers=formers(of),
        sections=[_section(each, attached, stands.last) for each in current],
        concerns=Concerns.read(of.concerns),
        scales=scales(of),
        todos=todos(current),
        standing=stands,
        overall=overall([of.marking.text, *(each.marking.text for each in current)]),
        expires_on=last_day(of.expires_at),
    )


def scales(of: Briefing) -> list[Scale]:
    sure = sorted(Confidence.values)
    return [
        Scale(of._meta.get_field("severity").verbose_name, Severity(of.severity).label, of.severity, len(Severity)),
        Scale(
            of._meta.get_field("likelihood").verbose_name, Likelihood(of.likelihood).label, of.likelihood,
            len(Likelihood),
        ),
        Scale(
            of._meta.get_field("confidence").verbose_name, Confidence(of.confidence).label,
            1 + sure.index(of.confidence), len(sure),
        ),
    ]  # fmt: skip


def todos(shown: Iterable[Portion]) -> list[Todo]:
    """What to do, the soonest first; what has no date last."""
    found = [
        Todo(each["what"], each["who"], date.fromisoformat(each["by"]) if each["by"] else None, portion.marking)
        for portion in shown
        for each in portion.more.get("actions", ())
    ]
    return sorted(found, key=lambda todo: (todo.by is None, todo.by or date.max))


def own_replies(actor: Actor, of: Briefing) -> list[Reply]:
    """What the reader's own firm has answered, newest first."""
    mine = Reply.objects.filter(briefing=of, organisation_id=actor.organisation_id or NOBODY).select_related("person")
    found = list(mine.order_by("-at", "-id"))
    for each in found:
        each.briefing = of  # under whose key its text is sealed
    return found


def stance(replies: Iterable[Reply]) -> Reply | None:
    """Of a firm's answers, newest first, the one that holds; a question is none."""
    return next((each for each in replies if each.kind != Reply.Kind.QUESTION), None)


def notices(actor: Actor) -> QuerySet[Notice]:
    """What one person was told, newest first: the database gives nobody another's."""
    return Notice.objects.filter(person_id=me(actor)).order_by("-at", "-id")


def unseen(actor: Actor) -> int:
    """How many notices the person has not looked at."""
    return Notice.objects.filter(person_id=me(actor), seen_at__isnull=True).count()


def _section(portion: Portion, attached: dict[str, str], last: datetime | None) -> Section:
    more = portion.more
    return Section(
        portion=portion,
        html=prose(portion.body),
        named=[(Thing(each["thing"]).label, each["name"], each["about"]) for each in more.get("named", ())],
        sources=[(each["what"], each["reliability"]) for each in more.get("sources", ())],
        documents=[(UUID(key), attached[key]) for key in more.get("documents", ()) if key in attached],
        new=last is not None and portion.created > last,
    )


def attachments(actor: Actor, shown: Iterable[Portion]) -> list[tuple[str, str]]:
    """The documents attached to these sections that the reader may read: key and title."""
    return list(_attached(actor, shown).items())


def _attached(actor: Actor, shown: Iterable[Portion]) -> dict[str, str]:
    """The titles of the attachments that the reader may read: of another there is no trace."""
    keys = {key for portion in shown for key in portion.more.get("documents", ())}
    if not keys:
        return {}
    found: QuerySet[Document] = compared(documents.readable(actor).filter(pk__in=keys))
    return {str(each.pk): title for each in found.order_by("created", "id") if (title := title_of(each))}
