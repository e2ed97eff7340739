"""What a draft says, as data: the form fills it, the draft keeps it sealed, publishing turns it into rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Self
from uuid import UUID, uuid4

from .kinds import Confidence, Kind, Likelihood, Severity, Thing

# The section that every reader sees: what happened, in a few sentences. It bears the marking of the head.
HEAD = 0


@dataclass(frozen=True)
class Action:
    """What to do, by whom, by when."""

    what: str
    who: str = ""
    by: str = ""  # a date in ISO 8601, or nothing


@dataclass(frozen=True)
class Named:
    """Something a section names: an actor, a campaign, infrastructure, a place (kinds.Thing)."""

    thing: str
    name: str
    about: str = ""

    def __post_init__(self) -> None:
        Thing(self.thing)


@dataclass(frozen=True)
class Source:
    """Where it is known from, and how far it is to be relied on, in the writer's words."""

    what: str
    reliability: str = ""


@dataclass(frozen=True)
class Section:
    """One section. `slot` stays the same across corrections; `marking` is the canonical text of its marking."""

    heading: str = ""
    body: str = ""
    marking: str = ""
    slot: str = field(default_factory=lambda: str(uuid4()))
    actions: tuple[Action, ...] = ()
    named: tuple[Named, ...] = ()
    sources: tuple[Source, ...] = ()
    documents: tuple[str, ...] = ()
    ask_again: bool = False

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        lists = {
            "actions": tuple(Action(**each) for each in given.get("actions", ())),
            "named": tuple(Named(**each) for each in given.get("named", ())),
            "sources": tuple(Source(**each) for each in given.get("sources", ())),
            "documents": tuple(given.get("documents", ())),
        }
        return cls(**{**given, **lists})

    @property
    def more(self) -> dict[str, Any]:
        """What `Portion.more` holds."""
        kept = asdict(self)
        return {name: list(kept[name]) for name in ("actions", "named", "sources", "documents")}

    @property
    def key(self) -> UUID:
        return UUID(self.slot)


@dataclass(frozen=True)
class Concerns:
    """What it is about, for the feed and the search: sectors and steps by code, the rest in the writer's words."""

    sectors: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    commodities: tuple[str, ...] = ()
    technologies: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        return cls(**{name: tuple(values) for name, values in given.items()})


@dataclass(frozen=True)
class Content:
    """A whole briefing. `sections[HEAD]` is what every reader sees; its marking is the head's."""

    title: str = ""
    kind: str = Kind.SUPPLY
    severity: int = Severity.MODERATE
    likelihood: int = Likelihood.POSSIBLE
    confidence: int = Confidence.MEDIUM
    concerns: Concerns = field(default_factory=Concerns)
    sections: tuple[Section, ...] = ()
    acknowledge_by: str = ""  # a date in ISO 8601, or nothing
    expires_on: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """From what `asdict` gave. Raises TypeError, ValueError for what is none."""
        parts = {
            "concerns": Concerns.read(given.get("concerns", {})),
            "sections": tuple(Section.read(each) for each in given.get("sections", ())),
        }
        return cls(**{**given, **parts})

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def head(self) -> Section:
        return self.sections[HEAD]

    @property
    def due(self) -> date | None:
        return date.fromisoformat(self.acknowledge_by) if self.acknowledge_by else None

    @property
    def expiry(self) -> date | None:
        return date.fromisoformat(self.expires_on) if self.expires_on else None
