"""The thresholds: how many sources must stand behind what is said. A dataset keeps the rule of its first release.

Sources: Hundepool et al., Statistical Disclosure Control (Wiley 2012), chapters 4 (magnitude tables: dominance and p%
rule) and 5 (frequency tables); why each figure is what it is here: docs/adr/0024.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """How much is enough. Percentages are whole numbers.

    k: sources that must stand behind what is said; so k − 1 of them may collude.
    one, two: percent of a sum that one source, and any two together, may make up at most ((n,k) dominance rule).
    margin: percent of the largest amount within which k − 1 colluders must not be able to guess it (p% rule).
    budget: figures that may be asked for of one dataset in all, told or not.
    """

    k: int = 5
    one: int = 50
    two: int = 85
    margin: int = 15
    budget: int = 500

    def __post_init__(self) -> None:
        if self.k < 2 or self.budget < 1 or self.margin < 1 or not 0 < self.one <= self.two < 100:
            raise ValueError(self)

    @property
    def enough(self) -> int:
        """Sources behind an exact figure: k are left when k − 1 take their own contributions away."""
        return 2 * self.k - 1
