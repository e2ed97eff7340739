"""Noting that somebody looked at their organisation's page."""

from __future__ import annotations

from accounts.models import Person
from audit.acts import Act
from audit.services import record


def note_organisation(*, actor: Person) -> None:
    """A person has opened their own organisation's page, which lists its people."""
    record(
        actor=actor, act=Act.ORGANISATION_OPEN, target_type="organisation", target_id=actor.organisation_id,
        detail={"kind": "own"},
    )  # fmt: skip
