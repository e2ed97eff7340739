"""What the log holds, for tests of services: read as the owner."""

from __future__ import annotations

from typing import Any

from audit.models import Event
from tests import world


def recorded(act: str) -> list[dict[str, Any]]:
    """The events of this act, oldest first: target, level, detail."""
    with world.as_owner():
        found = Event.objects.filter(act=act).order_by("at", "id")
        return [
            {"target_id": event.target_id, "level": event.level, "detail": event.detail, "by": event.person_id}
            for event in found
        ]
