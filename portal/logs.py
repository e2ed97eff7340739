"""How the processes log: where something failed and what kind of failure it was, never the values that failed."""

import logging
import traceback
from types import TracebackType
from typing import TypeAlias

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

# Their messages quote what was stored or typed: "Key (email)=(…) already exists".
TELLING = {"django.db.utils.Error", "psycopg.Error", "django.core.exceptions.ValidationError", "builtins.UnicodeError"}


class DiscreetFormatter(logging.Formatter):
    """Tracebacks as usual, but errors that quote data say only their kind, the SQLSTATE and the constraint."""

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 -- logging's name
        parts: list[str] = []
        error, seen = ei[1], set[int]()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            frames = "".join(traceback.format_tb(error.__traceback__))
            parts.insert(0, f"Traceback (most recent call last):\n{frames}{said(error)}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n\nwhich led to\n\n".join(parts)


def said(error: BaseException) -> str:
    """The last line of a traceback."""
    names = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
    if not TELLING.intersection(names):
        return f"{names[0].removeprefix('builtins.')}: {error}"
    source = error if hasattr(error, "sqlstate") else error.__cause__
    state = getattr(source, "sqlstate", None)
    constraint = getattr(getattr(source, "diag", None), "constraint_name", None)
    return ": ".join(str(part) for part in (names[0], state, constraint) if part)
