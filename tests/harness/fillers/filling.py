"""What every filler needs: its name in the table of budgets, and how many rows it adds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from tests.harness.scene import Scene

# Adds the rows of these numbers to the scene. Each is known to the table of budgets by its name.
Filler = Callable[[Scene, range], None]
FILLERS: dict[str, Filler] = {}

FEW, MANY = 10, 1000
A_HUNDRED = 100  # of what nobody has a thousand of, and no page therefore cuts into pages


def filler(most: int = MANY) -> Callable[[Filler], Filler]:
    def known(fill: Filler) -> Filler:
        FILLERS[fill.__name__] = lambda scene, numbers: fill(scene, range(numbers.start, min(numbers.stop, most)))
        return fill

    return known


def yesterday() -> datetime:
    return timezone.now() - timedelta(days=1)


def soon() -> datetime:
    return timezone.now() + timedelta(days=20)
