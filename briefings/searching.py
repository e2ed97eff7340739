"""The index of what is published: laid in the same transaction. The worker lays what it leaves out."""

from __future__ import annotations

from collections.abc import Sequence

from clearance.search import index

from .models import Briefing, Portion


def published(briefing: Briefing, portions: Sequence[Portion]) -> None:
    """Tokens of the head and of its new sections, as far as whoever publishes may read them."""
    for row in (briefing, *portions):
        index(row)
