"""Noting that the registers were looked at: listing and opening are told apart."""

from __future__ import annotations

from django.db import transaction

from audit.services import record

from ..actor import Actor


@transaction.atomic
def note_listing(*, actor: Actor, act: str, what: str, level: int = 0) -> None:
    """A list was shown. `level` is the statutory level a register is about, for the auditor's own limits."""
    record(actor=actor, act=act, target_type=what, level=level)


@transaction.atomic
def note_opening(*, actor: Actor, act: str, what: str, key: object, level: int = 0) -> None:
    """One thing was opened."""
    record(actor=actor, act=act, target_type=what, target_id=key, level=level)
