"""What the demo's briefings are written down as. Days are counted from the day the demo world is made."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..content import Concerns, Section


@dataclass(frozen=True)
class Plan:
    """One briefing: by whom, approved by whom, so many days ago; `audience` is "sector", "list", or a room's key."""

    kind: str
    title: str
    audience: str
    days: float
    sections: tuple[Section, ...]
    concerns: Concerns = field(default_factory=Concerns)
    severity: int = 2
    likelihood: int = 2
    confidence: int = 50
    acknowledge_in: int | None = None
    expires_in: int | None = None
    author: str = "official"
    reviewer: str = "second_official"
    read_by: tuple[str, ...] = ()
    acknowledged_by: tuple[str, ...] = ()
    waiting: bool = False
