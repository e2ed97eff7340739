"""Statements stay prepared from test to test: planning them anew was a tenth of the suite's work.

psycopg forgets all it has prepared at each ROLLBACK, also to a savepoint, as each test and each request of a walk
ends; PostgreSQL keeps them, and plans anew by itself what a changed table or policy concerns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg._preparing import PrepareManager

# After these a name may stand for something else.
REDEFINED = re.compile(rb"(DROP|ALTER|DISCARD ALL|DEALLOCATE ALL)\b")


def _discard(manager: PrepareManager, _prepared: object, results: Sequence[Any]) -> bool:
    if any(REDEFINED.match(result.command_status or b"") for result in results):
        return manager.clear()
    return False


@contextmanager
def kept() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PrepareManager, "_should_discard", _discard)
        patch.setattr(PrepareManager, "prepared_max", 5_000)
        yield
