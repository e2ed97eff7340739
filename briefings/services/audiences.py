"""Bureaus, in which officials write together, and audiences, to which briefings go: both are uses of a circle."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Appointment, Organisation, Person
from accounts.sectors import Sector
from audit.acts import Act
from clearance import context
from clearance.access import Actor, visible_to
from clearance.choosing import codes_of
from clearance.clock import moment
from clearance.markings import from_text, marking, overall
from clearance.models import Circle, CircleMember, CircleOrganisation, Level, Marking, Role
from clearance.models.circles import new_circle_id
from clearance.noting import note
from clearance.services import circles
from dialogues.models import Room

from .. import database, rules
from ..models import Audience, Bureau


@transaction.atomic
def open_bureau(*, actor: Actor, name: str, ceiling: Marking) -> Bureau:
    """A circle of its own for drafts up to `ceiling`, whose first steward is the actor.

    Raises Denied for whoever is no official, ValidationError for a ceiling above their own authorisation.
    """
    rules.insist(rules.to_open(actor))
    circle, _steward = circles.open_circle(actor=actor, ceiling=ceiling)
    bureau = Bureau(circle=circle, marking=known_to_officials(ceiling), name=name, opened_by_id=rules.person(actor))
    bureau.save(force_insert=True)
    return bureau


@transaction.atomic
def add_official(*, actor: Actor, bureau: Bureau, person: Person) -> CircleMember:
    """Let another official write in the bureau. Raises Denied; ValidationError for whoever is none, or in already."""
    rules.insist(rules.to_open(actor))
    if not Appointment.objects.in_force(moment()).filter(person=person, duty=Appointment.Duty.OFFICIAL).exists():
        raise ValidationError(_("起案の班に加えられるのは、行政官だけです。"), code="not_an_official")
    return circles.add_member(actor=actor, circle=bureau.circle, person=person)


@transaction.atomic
def open_list(
    *, actor: Actor, name: str, ceiling: Marking, organisations: Iterable[Organisation], people: Iterable[Person]
) -> Audience:
    """An audience of these organisations and people. Whoever belongs to one of the organisations is named as its
    handler, anybody else is in by themselves; the officials of the actor's bureaus run it with them.

    Raises Denied, ValidationError as `open_bureau` does.
    """
    audience, steward = _open(actor, Audience.Kind.LIST, name, ceiling)
    firms = list({each.pk: each for each in organisations}.values())
    for firm in firms:
        circles.add_organisation(actor=steward, circle=audience.circle, organisation=firm)
    inside = {firm.pk for firm in firms}
    running = set(CircleMember.objects.filter(circle=audience.circle).values_list("person_id", flat=True))
    for one in {each.pk: each for each in people}.values():
        if one.organisation_id in inside:
            circles.name_handler(actor=steward, circle=audience.circle, person=one)
        elif one.pk not in running:
            circles.add_member(actor=steward, circle=audience.circle, person=one)
    return audience


@transaction.atomic
def open_sector(*, actor: Actor, sector: str, ceiling: Marking) -> Audience:
    """An audience of all active organisations of a sector (accounts.sectors). Its open parts reach all their people;
    from 関係者限り up those whom the organisation has named. Raises as `open_list` does."""
    if sector not in Sector.values:
        raise ValidationError(_("業種を選んでください。"), code="sector")
    audience, steward = _open(actor, Audience.Kind.SECTOR, str(Sector(sector).label), ceiling, sector=sector)
    _let_firms_in(steward, audience)
    return audience


@transaction.atomic
def refresh_sector(*, actor: Actor, audience: Audience) -> int:
    """Let in what has joined the sector since; how many organisations. Nobody is put out: whoever left the sector is
    taken out by hand. Raises Denied, ValidationError for an audience that is no sector."""
    rules.insist(rules.to_see_names(actor, audience.circle_id))
    if audience.kind != Audience.Kind.SECTOR:
        raise ValidationError(_("業種の宛先ではありません。"), code="not_a_sector")
    return _let_firms_in(actor, audience)


@transaction.atomic
def for_room(*, actor: Actor, room: Room) -> Audience:
    """The audience of a room's circle, made on first use. Raises Denied unless the actor is an official who writes
    there."""
    rules.insist(rules.to_send_to(actor, room.circle_id))
    if found := visible_to(actor, Audience.objects.filter(circle_id=room.circle_id)).first():
        return found
    audience = Audience(
        circle=room.circle, marking=known_to_officials(room.circle.ceiling, room.marking), kind=Audience.Kind.ROOM,
        name=room.name, opened_by_id=rules.person(actor),
    )  # fmt: skip
    try:
        with transaction.atomic():
            audience.save(force_insert=True)
    except IntegrityError:  # somebody made it meanwhile
        return Audience.objects.get(circle_id=room.circle_id)
    note(actor, Act.AUDIENCE_OPEN, audience, kind=audience.kind)
    return audience


@transaction.atomic
def open_everyone(*, actor: Actor) -> Audience:
    """The one audience of everybody who is signed in, for what is public alone: made on first use. The actor and the
    colleagues of their bureaus write there from then on; it is run by the ministry that made it. Raises Denied."""
    rules.insist(rules.to_open(actor))
    ceiling = marking(Level.PUBLIC)
    colleagues = [each.pk for each in _colleagues(actor)]
    circle = database.join_everyone(new_circle_id(), ceiling.pk, colleagues)
    member = context.refresh()
    found = visible_to(member, Audience.objects.filter(circle_id=circle)).first()
    if found is not None and circle in actor.reach.writers:
        return found
    audience = found or Audience(
        circle_id=circle, marking=ceiling, kind=Audience.Kind.EVERYONE, name=str(_("全利用者")),
        opened_by_id=rules.person(actor),
    )  # fmt: skip
    if found is None:
        try:
            with transaction.atomic():
                audience.save(force_insert=True)
        except IntegrityError:  # somebody made it meanwhile
            audience = Audience.objects.get(circle_id=circle)
    note(member, Act.AUDIENCE_OPEN, audience, kind=audience.kind)
    return audience


def known_to_officials(ceiling: Marking, named: Marking | None = None) -> Marking:
    """What the name of a bureau or an audience is marked: 関係者限り where the circle may hold it, and never below what
    the name is taken from."""
    level = min(Level.SENSITIVE, ceiling.level)
    _compartments, groups = codes_of(ceiling)
    usual = marking(level, releasability=[group.code for group in groups] if level else ())
    return from_text(overall([usual.text, named.text])) if named else usual


def _open(actor: Actor, kind: str, name: str, ceiling: Marking, sector: str = "") -> tuple[Audience, Actor]:
    rules.insist(rules.to_open(actor))
    circle, steward = circles.open_circle(actor=actor, ceiling=ceiling)
    audience = Audience(
        circle=circle, marking=known_to_officials(ceiling), kind=kind, name=name, sector=sector,
        opened_by_id=rules.person(actor),
    )  # fmt: skip
    audience.save(force_insert=True)
    note(actor, Act.AUDIENCE_OPEN, audience, kind=kind)
    for colleague in _colleagues(actor):
        circles.add_member(actor=steward, circle=circle, person=colleague, role=Role.STEWARD)
    return audience, context.refresh()


def _colleagues(actor: Actor) -> list[Person]:
    """The officials of the actor's bureaus: one of them approves, retracts, or sees whom it reached, in the other's
    absence."""
    inside = Bureau.objects.filter(circle_id__in=actor.reach.writers).values("circle_id")
    ties = CircleMember.objects.filter(circle_id__in=inside, until__isnull=True).exclude(role=Role.OBSERVER)
    officials = Appointment.objects.in_force(moment()).filter(duty=Appointment.Duty.OFFICIAL).values("person_id")
    people = Person.objects.filter(pk__in=ties.values("person_id"), is_active=True, organisation__active=True)
    return list(people.filter(pk__in=officials).exclude(pk=rules.person(actor)).order_by("pk"))


def _let_firms_in(steward: Actor, audience: Audience) -> int:
    there = CircleOrganisation.objects.filter(circle_id=audience.circle_id, until__isnull=True)
    firms = Organisation.objects.filter(active=True, sectors__contains=[audience.sector]).order_by("pk")
    new = list(firms.exclude(pk__in=there.values("organisation_id")))
    circle = Circle.objects.get(pk=audience.circle_id)
    for firm in new:
        circles.add_organisation(actor=steward, circle=circle, organisation=firm)
    return len(new)
