"""Noting that the registers and the circles were looked at: listing and opening are told apart."""

from __future__ import annotations

from audit.acts import Act
from audit.services import record

from ..actor import Actor
from ..models import Circle


def note_listing(*, actor: Actor, act: str, what: str, level: int = 0) -> None:
    """A list was shown. `level` is the statutory level a register is about, for the auditor's own limits."""
    record(actor=actor, act=act, target_type=what, level=level)


def note_opening(*, actor: Actor, act: str, what: str, key: object, level: int = 0) -> None:
    """One thing was opened."""
    record(actor=actor, act=act, target_type=what, target_id=key, level=level)


def note_circles(*, actor: Actor, shown: int) -> None:
    """The circles that one writes in were listed, by the names of what they belong to."""
    record(actor=actor, act=Act.CIRCLE_LIST, target_type="circle", detail={"shown": shown})


def note_readership(*, actor: Actor, circle: Circle) -> None:
    """It was shown how many people of a circle could read something marked so or so."""
    record(
        actor=actor, act=Act.CIRCLE_READERSHIP, target_type="circle", target_id=circle.pk,
        label=circle.ceiling.text, level=circle.ceiling.level,
    )  # fmt: skip
