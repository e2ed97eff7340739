"""What an actor reaches at one moment: per-level masks, countries, circles, items. The common form of the
rule's three implementations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from .masks import NOT_HELD

LEVELS = 5
NOTHING = (NOT_HELD,) * LEVELS


@dataclass(frozen=True, slots=True)
class Reach:
    """`inverse[level]`: bits of the codes not held at that level, `NOT_HELD` where the level is not; `cleared` the same
    before the session's assurance is counted. `release` has a bit for each group the reader's country is in.
    `writers` and `stewards` are open circles; `keepers` those one runs, closed ones too."""

    cleared: tuple[int, ...] = NOTHING
    inverse: tuple[int, ...] = NOTHING
    release: int = 0
    circles: frozenset[int] = frozenset()
    circles_open: frozenset[int] = frozenset()
    writers: frozenset[int] = frozenset()
    stewards: frozenset[int] = frozenset()
    keepers: frozenset[int] = frozenset()
    items: frozenset[UUID] = frozenset()
    broad: bool = False
    gaps: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def holds(self, level: int) -> bool:
        """Whether the level may be read in this session."""
        return 0 <= level < LEVELS and self.inverse[level] != NOT_HELD

    def cleared_for(self, level: int) -> bool:
        """Whether the level is held, whatever the session's assurance."""
        return 0 <= level < LEVELS and self.cleared[level] != NOT_HELD

    def has(self, bit: int, level: int) -> bool:
        """Whether the compartment of that bit is held at that level, whatever the session's assurance."""
        return self.cleared_for(level) and not self.cleared[level] >> bit & 1

    def waiting(self, levels: Iterable[int]) -> int:
        """The highest of the levels that a stronger sign-in would open, whatever there is; 0 for none."""
        return max((level for level in levels if self.cleared_for(level) and not self.holds(level)), default=0)

    @property
    def highest(self) -> int:
        """The highest level readable in this session; −1 for none."""
        return max((level for level in range(LEVELS) if self.holds(level)), default=-1)


NOWHERE = Reach()
