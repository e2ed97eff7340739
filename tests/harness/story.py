"""Who may read what, told a second time and as simply as can be: sets and moments, nothing of the portal's own code.

`tests/harness/test_sequences.py` holds every page of everybody against it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Held:
    """An authorisation of a person or an agreement of a firm."""

    highest: int
    codes: frozenset[str] = frozenset()
    until: datetime | None = None
    suspended: bool = False
    revoked: bool = False

    def counts(self, now: datetime) -> bool:
        return not self.suspended and not self.revoked and (self.until is None or now < self.until)


@dataclass
class Who:
    firm: str
    country: str = "JP"
    ministry: bool = False
    held: dict[object, Held] = field(default_factory=dict)
    proved: int = 2


@dataclass
class Paper:
    """A document, a thread or a message: anything under a marking in a room."""

    room: str
    level: int
    codes: frozenset[str] = frozenset()
    countries: frozenset[str] | None = None
    until: datetime | None = None
    withdrawn: bool = False


@dataclass
class Story:
    people: dict[str, Who]
    agreements: dict[str, Held]
    now: datetime
    papers: dict[str, Paper] = field(default_factory=dict)
    rooms: dict[str, Paper] = field(default_factory=dict)
    members: set[tuple[str, str]] = field(default_factory=set)  # (room, person)
    firms: set[tuple[str, str]] = field(default_factory=set)  # (room, firm)
    handlers: set[tuple[str, str]] = field(default_factory=set)  # (room, person)
    grants: dict[tuple[str, str], datetime | None] = field(default_factory=dict)  # (paper, person) → end

    def takes_part(self, person: str, room: str) -> bool:
        named = (room, person) in self.handlers and (room, self.people[person].firm) in self.firms
        return (room, person) in self.members or named

    def reads(self, person: str, paper: Paper, name: str = "") -> bool:
        who = self.people[person]
        live = not paper.withdrawn and (paper.until is None or self.now < paper.until)
        there = paper.countries is None or who.country in paper.countries
        return live and there and self._cleared(who, paper) and self._need_to_know(person, paper, name)

    def readable(self, person: str, room: str | None = None) -> set[str]:
        """The names of the papers the person may read, of one room or of all."""
        return {
            name
            for name, paper in self.papers.items()
            if room in (None, paper.room) and self.reads(person, paper, name)
        }

    def rooms_of(self, person: str) -> set[str]:
        """The rooms the person takes part in and may know by name."""
        return {
            name
            for name, room in self.rooms.items()
            if self.takes_part(person, room.room) and self._cleared(self.people[person], room)
        }

    def _cleared(self, who: Who, paper: Paper) -> bool:
        if paper.level == 0:
            return True
        firm = self.agreements.get(who.firm)
        if not who.ministry and not (firm and firm.counts(self.now) and firm.highest >= paper.level):
            return False
        ours = [held for held in who.held.values() if held.counts(self.now) and held.highest >= paper.level]
        known = frozenset[str]().union(*(held.codes for held in ours))
        return bool(ours) and paper.codes <= known and who.proved >= paper.level

    def _need_to_know(self, person: str, paper: Paper, name: str) -> bool:
        if (name, person) in self.grants:
            end = self.grants[name, person]
            if end is None or self.now < end:
                return True
        firm_is_in = paper.level == 0 and (paper.room, self.people[person].firm) in self.firms
        return self.takes_part(person, paper.room) or firm_is_in
