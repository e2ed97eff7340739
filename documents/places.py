"""What people call a circle. Documents know no rooms; whoever opens rooms on circles says here how they are named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from clearance.access import Actor
from clearance.limits import uncounted
from clearance.models import Marking


@dataclass(frozen=True)
class Place:
    """A circle as the actor meets it."""

    circle_id: int
    name: str
    url: str
    ceiling: Marking | None = None


Source = Callable[[Actor, Collection[int]], Iterable[Place]]

_sources: list[Source] = []


def name_circles_by(source: Source) -> None:
    """Register, when the app starts, who names circles. It names those the actor may know by name, and no others."""
    if source not in _sources:
        _sources.append(source)


def places(actor: Actor, circles: Collection[int]) -> dict[int, Place]:
    """The named ones among these circles, by id, in the order of their names."""
    with uncounted():  # what a reader's own rooms are called they are told on each page anew
        found = [place for source in _sources for place in source(actor, circles)] if circles else []
    return {place.circle_id: place for place in sorted(found, key=lambda place: place.name)}


def circle_of(text: str) -> int | None:
    """The circle's number in an address; None for what is none."""
    return number if text.isascii() and text.isdigit() and (number := int(text[:20])) < 2**63 else None
