"""What the demo's briefings are written down as. Days are counted from the day the demo world is made."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone

from accounts.assurance import Assurance
from accounts.models import Person
from clearance.actor import Actor
from clearance.context import acting

from ..content import Concerns, Section

NAMESPACE = UUID("0c6f3f0e-6a2e-5d5b-8f0b-9d6f1a2c7e41")  # of what is the same whenever the demo's world is made


def being(person: Person) -> AbstractContextManager[Actor]:
    """In a context of the person, having proved everything just now."""
    now = timezone.now()
    return acting(person=person.pk, assurance=Assurance(now, now, now))


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
