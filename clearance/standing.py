"""A person's standing: the dated facts that entitle them, and the reach these give at any moment, worked out in
plain Python.

The database works the same out in SQL (clearance_cleared, clearance_compute) for each request; this one explains a
decision, with its reasons, for any date, and the property test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from accounts.assurance import NEEDS_SECOND_FACTOR, Assurance
from accounts.models import Appointment, Person

from .actor import ANONYMOUS, Actor
from .masks import NOT_HELD, RESERVED, inverse, union
from .models import (
    Authorisation,
    Circle,
    CircleMember,
    CircleOrganisation,
    NamedHandler,
    OrganisationCertification,
    ReleaseGroup,
    Role,
    Suspension,
)
from .reach import LEVELS, Reach


@dataclass(frozen=True)
class Span:
    """From `since` up to, not including, `until`; open where None."""

    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or self.until > at)


@dataclass(frozen=True)
class Entitled:
    """An authorisation or certification reduced to what the rule looks at."""

    levels: range
    comp_mask: int
    span: Span
    revoked_at: datetime | None
    suspensions: tuple[Span, ...]

    def gap(self, at: datetime) -> str:
        """Why it does not count at this moment (a Reason's name), or nothing."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return "REVOKED"
        if self.span.since > at:
            return "NOT_YET"
        if not self.span.holds(at):
            return "LAPSED"
        if any(span.holds(at) for span in self.suspensions):
            return "SUSPENDED"
        return ""


@dataclass(frozen=True)
class Tie:
    circle_id: int
    role: str
    span: Span


@dataclass(frozen=True)
class Standing:
    """Everything about one person that the access decision may look at."""

    person_id: UUID
    organisation_id: UUID
    active: bool
    machine: bool
    ministry: bool
    duties: tuple[tuple[str, Span], ...]
    authorisations: tuple[Entitled, ...]
    certifications: tuple[Entitled, ...]
    release: int
    members: tuple[Tie, ...]
    organisations: tuple[Tie, ...]
    handlers: tuple[Tie, ...]
    everyone: frozenset[int]
    closed: tuple[tuple[int, datetime | None], ...]
    grants: tuple[tuple[UUID, Span], ...]

    def actor(self, assurance: Assurance, *, at: datetime) -> Actor:
        """The actor this person is at that moment with that assurance."""
        if not self.active or assurance.password_at is None:
            return ANONYMOUS
        duties = frozenset(duty for duty, span in self.duties if span.holds(at))
        officer = "CLEARANCE_OFFICER" in duties and assurance.level_reached(at) >= NEEDS_SECOND_FACTOR
        reach = self.reach(assurance, at=at)
        return Actor(self.person_id, self.organisation_id, duties, assurance, reach, clearance_officer=officer)

    def reach(self, assurance: Assurance, *, at: datetime) -> Reach:
        """Effective levels with their compartments, and need-to-know, at that moment."""
        cleared = [inverse(0)] + [NOT_HELD] * (LEVELS - 1)
        gaps: dict[int, frozenset[str]] = {}
        for level in range(1, LEVELS):
            mask, missing = self._level(level, at)
            if mask is None:
                gaps[level] = missing
            else:
                cleared[level] = inverse(mask)
        named = {tie.circle_id for tie in self.handlers if tie.span.holds(at)}
        ties = [tie for tie in self.members if tie.span.holds(at)]
        firm = [tie for tie in self.organisations if tie.span.holds(at)]
        ties += [tie for tie in firm if tie.circle_id in named]
        assured = assurance.level_reached(at)
        closed = {circle for circle, moment in self.closed if moment and moment <= at}
        keepers = frozenset(tie.circle_id for tie in ties if tie.role == Role.STEWARD)
        return Reach(
            cleared=tuple(cleared),
            inverse=tuple(mask if level <= assured else NOT_HELD for level, mask in enumerate(cleared)),
            release=self.release,
            circles=frozenset(tie.circle_id for tie in ties),
            circles_open=frozenset(() if self.machine else (tie.circle_id for tie in firm)) | self.everyone,
            writers=frozenset(tie.circle_id for tie in ties if tie.role != Role.OBSERVER) - closed,
            stewards=keepers - closed,
            keepers=keepers,
            items=frozenset(item for item, span in self.grants if span.holds(at)),
            gaps=gaps,
        )

    def _level(self, level: int, at: datetime) -> tuple[int | None, frozenset[str]]:
        """The codes held at one level, or why it is not held."""
        if level > settings.CEILING:
            return None, frozenset({"ABOVE_CEILING"})
        mine = [entitled for entitled in self.authorisations if level in entitled.levels]
        counting = [entitled for entitled in mine if not entitled.gap(at)]
        missing = set()
        if not counting:
            missing |= {entitled.gap(at) for entitled in mine} or {"NOT_AUTHORISED"}
        if not self.ministry and not any(
            level in covered.levels and not covered.gap(at) for covered in self.certifications
        ):
            missing.add("ORGANISATION_NOT_COVERED")
        if missing:
            return None, frozenset(missing)
        mask = 0
        for entitled in counting:
            mask |= entitled.comp_mask
        return mask, frozenset()


def standing_of(
    person: Person,
    *,
    bases: Collection[str],
    grants: Iterable[tuple[UUID, datetime, datetime | None]] = (),
    using: str = "default",
) -> Standing:
    """Load a person's standing from authorisations on these bases.

    A question about levels 0–2 asks with `Authorisation.ORDINARY`: a statutory assessment's result may serve nothing
    but the protection of that information (目的外利用の禁止), so it is not even read. `grants` are given by the caller.
    """
    organisation = person.organisation
    authorisations = list(Authorisation.objects.using(using).filter(person=person, basis__in=bases))
    certifications = list(OrganisationCertification.objects.using(using).filter(organisation=organisation))
    suspensions = _suspensions([*authorisations, *certifications], using)
    groups = ReleaseGroup.objects.using(using).filter(countries__contains=[organisation.country])
    members = [
        Tie(m.circle_id, m.role, Span(m.since, m.until))
        for m in CircleMember.objects.using(using).filter(person=person)
    ]
    organisations = [
        Tie(c.circle_id, c.role, Span(c.since, c.until))
        for c in CircleOrganisation.objects.using(using).filter(organisation=organisation)
    ]
    tied = Circle.objects.using(using).filter(pk__among=[tie.circle_id for tie in (*members, *organisations)])
    return Standing(
        person_id=person.pk,
        organisation_id=organisation.pk,
        active=person.is_active and organisation.active,
        machine=person.is_machine,
        ministry=organisation.is_ministry,
        duties=tuple(
            (appointment.duty, Span(appointment.since, appointment.until))
            for appointment in Appointment.objects.using(using).filter(person=person)
        ),
        authorisations=tuple(_entitled(a, a.levels, a.comp_mask, suspensions) for a in authorisations),
        certifications=tuple(_entitled(c, c.levels, 0, suspensions) for c in certifications),
        release=RESERVED | union(groups.values_list("bit", flat=True)),
        members=tuple(members),
        organisations=tuple(organisations),
        handlers=tuple(
            Tie(h.circle_id, "", Span(h.since, h.until))
            for h in NamedHandler.objects.using(using).filter(person=person, organisation=organisation)
        ),
        everyone=frozenset(Circle.objects.using(using).filter(everyone=True).values_list("id", flat=True)),
        closed=tuple(tied.filter(closed_at__isnull=False).values_list("id", "closed_at")),
        grants=tuple((item, Span(since, until)) for item, since, until in grants),
    )


def _suspensions(
    entitlements: Iterable[Authorisation | OrganisationCertification], using: str
) -> dict[UUID, list[Span]]:
    spans: dict[UUID, list[Span]] = {}
    keys = [entitlement.pk for entitlement in entitlements]
    for suspension in Suspension.objects.using(using).filter(Q(entitlement_id__in=keys)):
        spans.setdefault(suspension.entitlement_id, []).append(Span(suspension.since, suspension.until))
    return spans


def _entitled(
    entitlement: Authorisation | OrganisationCertification,
    levels: range,
    mask: int,
    suspensions: dict[UUID, list[Span]],
) -> Entitled:
    return Entitled(
        levels,
        mask,
        Span(entitlement.since, entitlement.until),
        entitlement.revoked_at,
        tuple(suspensions.get(entitlement.pk, ())),
    )
