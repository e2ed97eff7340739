"""What the pages of rooms ask for: each answer holds what the actor may see and nothing else."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from clearance.access import Actor

NOBODY = UUID(int=0)


def me(actor: Actor) -> UUID:
    """The acting person's id for a lookup; that of nobody, which finds nothing, where they are not signed in."""
    return actor.person_id or NOBODY


def near(actor: Actor, circles: Iterable[int]) -> Actor:
    """The actor as far as these circles go: the same answers about what lies there, from a shorter question.

    A reader in two thousand circles otherwise sends all of them with each part of each query.
    """
    there = frozenset(circles)
    reach = actor.reach
    return replace(
        actor,
        reach=replace(reach, circles=reach.circles & there, circles_open=reach.circles_open & there, broad=False),
    )


def ungranted(actor: Actor) -> Actor:
    """The actor by membership alone, without what they are granted by name."""
    return replace(actor, reach=replace(actor.reach, items=frozenset()))
