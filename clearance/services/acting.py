"""Whose name a change goes down under."""

from __future__ import annotations

from uuid import UUID

from accounts.services import NotAllowed

from ..actor import Actor


def me(actor: Actor) -> UUID:
    """The acting person. Raises NotAllowed for whoever is not signed in, and for jobs: they keep no register."""
    if actor.person_id is None:
        raise NotAllowed
    return actor.person_id
