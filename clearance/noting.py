"""Notes in the audit log what happens to a marked thing: its id, marking and level, never what it says."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from audit.acts import Act
from audit.services import Actor, Happening, Scalar, record_each

from .models import Marked, Marking


def note(actor: Actor, act: Act, marked: Marked, *, naming: Marking | None = None, **detail: Scalar) -> None:
    """One event about one thing, in the transaction at hand.

    `naming` is another marking that the detail names: the event lies as high as the higher of the two.
    """
    note_each(actor, act, [marked], naming=naming, **detail)


def note_each(
    actor: Actor, act: Act, things: Iterable[Marked], *, naming: Marking | None = None, **detail: Scalar
) -> None:
    """The same of many things, an event for each."""
    happenings = [
        Happening(
            act=act,
            target_type=marked._meta.label_lower,
            target_id=marked.pk,
            label=marked.seal_label.text,
            level=max(marked.level, naming.level) if naming else marked.level,
            detail=detail,
        )
        for marked in things
    ]
    record_each(actor=actor, happenings=happenings)


def level_noted(level: int | None, target: object) -> int:
    """How high an event lies that names `target` ("" for nothing).

    As high as that does; where it cannot be known, as high as anything in this deployment may.
    """
    if level is not None:
        return level
    return settings.CEILING if target != "" else 0
