"""Notes in the audit log what happens to a marked thing: its id, marking and level, never what it says."""

from __future__ import annotations

from audit.acts import Act
from audit.services import Actor, Scalar, record

from .models import Marked


def note(actor: Actor, act: Act, marked: Marked, **detail: Scalar) -> None:
    """One event about one thing, in the transaction at hand."""
    record(
        actor=actor,
        act=act,
        target_type=marked._meta.label_lower,
        target_id=marked.pk,
        label=marked.seal_label.text,
        level=marked.level,
        detail=detail,
    )
