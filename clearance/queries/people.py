"""People and what they hold for levels 0–2. No query here reads a statutory assessment (目的外利用の禁止)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from accounts.assurance import NOTHING_PROVED
from accounts.models import Organisation, Person

from ..actor import Actor
from ..clock import last_day
from ..decision import Reason
from ..models import Authorisation, Compartment, Level
from ..questions import Question
from ..reach import Reach
from ..standing import Entitled, Span, Standing, standing_of
from .states import ICONS, SOON, TONES, Entry, State, entries, with_state


def ordinary() -> QuerySet[Authorisation]:
    """The authorisations for levels 1–2, and no others."""
    found: QuerySet[Authorisation] = Authorisation.objects.filter(basis__in=Authorisation.ORDINARY)
    return found


def people(*, at: datetime, text: str = "", state: str = "") -> QuerySet[Any]:
    """Everybody, by organisation and name, with the state of their authorisations, the level these reach and the first
    day one ends; for whom all have lapsed, the last."""
    own = ordinary().filter(person=OuterRef("pk"))
    in_force, lapsed = own.in_force(at), own.lapsed(at)  # type: ignore[attr-defined]
    found = with_state(Person.objects.select_related("organisation"), own, at=at).annotate(
        highest=Subquery(in_force.order_by("-highest").values("highest")[:1]),
        ends=Subquery(in_force.order_by().values("person").annotate(first=Min("until")).values("first")),
        lapsed=Subquery(lapsed.order_by("-until").values("until")[:1]),
    )
    if text:
        found = found.filter(
            Q(name__icontains=text)
            | Q(email__icontains=text)
            | Q(organisation__name__icontains=text)
            | Q(organisation__name_en__icontains=text)
        )
    if state in State.values:
        found = found.filter(state=state)
    ordered: QuerySet[Any] = found.order_by("organisation__name", "name", "id")
    return ordered


def counts(*, at: datetime) -> dict[str, int]:
    """How many active people there are in each state."""
    found = people(at=at).filter(is_active=True).order_by().values_list("state").annotate(number=Count("pk"))
    return dict(found)


def ending(*, at: datetime) -> QuerySet[Authorisation]:
    """The authorisations in force that end within 60 days, the first to end on top."""
    found: QuerySet[Authorisation] = (
        ordinary()
        .in_force(at)  # type: ignore[attr-defined]
        .filter(until__lte=at + SOON)
        .select_related("person__organisation")
        .order_by("until", "id")
    )
    return found


def ending_of(actor: Actor) -> datetime | None:
    """When the actor's own authorisation that ends within 60 days does; the first of several."""
    return _own_ending.first(actor)


@Question
def _own_ending(actor: Actor) -> QuerySet[Authorisation, datetime | None]:
    own = ending(at=cast(datetime, Now())).filter(person_id=cast(UUID, actor.person_id))
    return own.select_related(None).values_list("until", flat=True)[:1]


def relying_on(organisation: Organisation, *, at: datetime) -> int:
    """How many of an organisation's people hold an authorisation that counts only under its agreement."""
    in_force = ordinary().in_force(at).filter(person=OuterRef("pk"))  # type: ignore[attr-defined]
    return Person.objects.filter(Exists(in_force), organisation=organisation, is_active=True).count()


def held_by(person: Person, *, at: datetime) -> list[Entry]:
    """A person's authorisations for levels 1–2 with their suspensions."""
    return entries(
        ordinary().filter(person=person).select_related("recorded_by", "revoked_by").order_by("-since", "-id"), at=at
    )


@dataclass(frozen=True)
class Row:
    """One line of the list of people."""

    person: Person
    state: State
    highest: Level | None
    last_day: date | None

    @property
    def tone(self) -> str:
        return TONES[self.state]

    @property
    def icon(self) -> str:
        return ICONS[self.state]


def rows(page: Iterable[Any]) -> list[Row]:
    """The lines for a page of `people`."""
    return [
        Row(
            each,
            State(each.state),
            None if each.highest is None else Level(each.highest),
            last_day(each.lapsed if each.state == State.LAPSED else each.ends),
        )
        for each in page
    ]


@dataclass(frozen=True)
class Held:
    """One level a person reads now, and the compartments they hold at it."""

    level: Level
    compartments: tuple[str, ...]


@dataclass(frozen=True)
class Effect:
    """What a person can read now, what they will, and why a level they are authorised for is not counted."""

    now: tuple[Held, ...]
    then: tuple[Held, ...]
    uncovered: bool

    @property
    def changes(self) -> bool:
        return self.now != self.then


def effective(person: Person, *, at: datetime, statutory: bool = False) -> Effect:
    """現在の取扱資格: the authorisations in force ∩ what the organisation's agreement covers. `statutory` asks for
    levels 3 and 4 instead, from assessments and certifications alone."""
    standing = _standing(person, statutory=statutory)
    return _effect(standing, standing, at, statutory=statutory)


def without(authorisation: Authorisation, *, at: datetime) -> Effect:
    """What suspending or revoking it would change."""
    standing = _standing(authorisation.person, statutory=authorisation.statutory)
    rest = tuple(held for held in standing.authorisations if not _is(held, authorisation))
    return _effect(standing, replace(standing, authorisations=rest), at, statutory=authorisation.statutory)


def restored(authorisation: Authorisation, *, at: datetime) -> Effect:
    """What resuming it would change."""
    standing = _standing(authorisation.person, statutory=authorisation.statutory)
    again = tuple(
        replace(held, suspensions=()) if _is(held, authorisation) else held for held in standing.authorisations
    )
    return _effect(standing, replace(standing, authorisations=again), at, statutory=authorisation.statutory)


def granted(draft: Authorisation, *, at: datetime) -> Effect:
    """What granting it would change; `draft` is not saved yet."""
    standing = _standing(draft.person, statutory=draft.statutory)
    added = Entitled(draft.levels, draft.comp_mask, Span(draft.since, draft.until), None, ())
    more = replace(standing, authorisations=(*standing.authorisations, added))
    return _effect(standing, more, max(at, draft.since), statutory=draft.statutory)


def _standing(person: Person, *, statutory: bool) -> Standing:
    return standing_of(person, bases=Authorisation.STATUTORY if statutory else Authorisation.ORDINARY)


def _is(held: Entitled, row: Authorisation) -> bool:
    """Two equal entries are interchangeable: either may go."""
    same = (held.levels, held.comp_mask, held.span, held.revoked_at)
    return same == (row.levels, row.comp_mask, Span(row.since, row.until), row.revoked_at)


def _effect(standing: Standing, changed: Standing, at: datetime, *, statutory: bool) -> Effect:
    names = list(Compartment.objects.values_list("bit", "code"))
    wanted = (Level.CESI, Level.SDS) if statutory else (Level.SENSITIVE, Level.HI)
    reach = standing.reach(NOTHING_PROVED, at=at)
    uncovered = any(reach.gaps.get(level) == frozenset({Reason.ORGANISATION_NOT_COVERED.name}) for level in wanted)
    then = changed.reach(NOTHING_PROVED, at=at)
    return Effect(_held(reach, wanted, names), _held(then, wanted, names), uncovered)


def _held(reach: Reach, wanted: tuple[Level, ...], names: list[tuple[int, str]]) -> tuple[Held, ...]:
    return tuple(
        Held(level, tuple(code for bit, code in names if not reach.cleared[level] >> bit & 1))
        for level in wanted
        if reach.cleared_for(level)
    )
