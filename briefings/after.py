"""What else follows when a briefing is published or retracted, in the same transaction: feeds, letters, the index.

Whoever follows registers in `apps.ready`; publishing knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from .models import Briefing, Portion

published: list[Callable[[Briefing, Sequence[Portion]], None]] = []
retracted: list[Callable[[UUID], None]] = []
