"""Who will read something so marked in a circle, who not, and roughly why: asked section by section before publishing.

By name for those who run the circle alone, and only as far as they hold the marking themselves: whoever a firm has not
named stands as such and nothing else is said of them, of statutory levels nobody learns anything. Whoever else writes
in the circle gets numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter

from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from clearance import context
from clearance.access import Actor
from clearance.markings import from_text
from clearance.models import Circle, Level, Marking

from .. import rules
from ..content import Section


class Why(Enum):
    """Why somebody of the circle will not read it, as coarsely as its stewards may know."""

    NOT_NAMED = _("所属組織がこの共有範囲の取扱者に指名していません。")
    NOT_AUTHORISED = _("この格付の、効力のある取扱資格がありません。")
    ORGANISATION_NOT_COVERED = _("所属組織の契約が切れているか、この格付に及んでいません。")
    COMPARTMENT = _("この取扱分野の資格がありません。")
    NOT_RELEASABLE = _("所属組織の国・地域には提供できません。")


@dataclass(frozen=True)
class Unread:
    """Somebody of the circle who will not read it."""

    person: Person
    why: Why


@dataclass(frozen=True)
class Readers:
    """Who will read one section. `named`: whether `will` and `will_not` say who; else there are numbers alone."""

    people: int
    organisations: int
    named: bool = False
    will: tuple[Person, ...] = ()
    will_not: tuple[Unread, ...] = ()


def reach(actor: Actor, circle: Circle, marking: Marking) -> Readers:
    """Raises Denied for whoever is no official that writes there."""
    rules.insist(rules.to_see_reach(actor, circle.pk))
    people, organisations = context.readership(
        circle=circle.pk, level=marking.level, comp_mask=marking.comp_mask, release_mask=marking.release_mask
    )
    if not _may_be_named(actor, circle, marking):
        return Readers(people, organisations)
    found = context.readers(
        circle=circle.pk, level=marking.level, comp_mask=marking.comp_mask, release_mask=marking.release_mask
    )
    rows = Person.objects.filter(pk__in=found).select_related("organisation")
    everybody = sorted(rows, key=attrgetter("organisation.name", "organisation_id", "name", "pk"))
    return Readers(
        people,
        organisations,
        named=True,
        will=tuple(each for each in everybody if not found[each.pk]),
        will_not=tuple(Unread(each, Why[found[each.pk]]) for each in everybody if found[each.pk]),
    )


def by_section(actor: Actor, circle: Circle, sections: Sequence[Section]) -> list[Readers]:
    """The same for each section of a draft; each marking is asked for once."""
    asked = {text: reach(actor, circle, from_text(text)) for text in {each.marking for each in sections}}
    return [asked[each.marking] for each in sections]


def _may_be_named(actor: Actor, circle: Circle, marking: Marking) -> bool:
    """As the database has it (clearance_readers); of a circle of everybody a list would say nothing."""
    cleared = actor.reach.cleared_for(marking.level) and not marking.comp_mask & actor.reach.cleared[marking.level]
    ours = bool(rules.to_see_names(actor, circle.pk)) and circle.ceiling.admits(marking)
    return ours and cleared and marking.level <= Level.HI and not circle.everyone
