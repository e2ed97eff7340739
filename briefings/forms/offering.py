"""Which markings a writer is offered: those that the recipients may hold, and the plain ones of the drafting group.

A group's ceiling has every compartment that it ever writes about: as a marking it would be read by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from clearance.access import Actor
from clearance.choosing import Choice, choices_for, may_write, plain
from clearance.models import Circle, Level

from ..models import Audience
from ..models.briefings import HIGHEST_WRITTEN


def offered(actor: Actor, circle: Circle, audience: Audience | None, *, compartments: bool = True) -> list[Choice]:
    """For a draft of the circle, each of them once: what the writer may use there. Until it is said for whom it is,
    each compartment by itself is offered too, where `compartments` are wanted."""
    found: dict[str, Choice] = {}
    for each in (*_of(actor, audience), *_plain(actor, alone=audience is not None or not compartments)):
        if each.level <= HIGHEST_WRITTEN and each.text not in found:
            found[each.text] = each
    return [
        each for each in found.values() if may_write(actor=actor, circle=circle, marking=each.marking, stepping_up=True)
    ] or choices_for(actor, circle)


def _of(actor: Actor, audience: Audience | None) -> Iterator[Choice]:
    if audience is None:
        return
    ceiling = audience.circle.ceiling
    for each in choices_for(actor, audience.circle):
        yield Choice(each.marking, _("宛先の上限")) if each.text == ceiling.text else each


def _plain(actor: Actor, *, alone: bool) -> Iterator[Choice]:
    for each in plain(actor.reach):
        if not alone or "//" not in each.text:
            yield Choice(each, str(Level(each.level).label))
