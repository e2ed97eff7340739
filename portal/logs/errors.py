"""An exception as the log may tell it: its kind and where it passed, never its message, which quotes what failed."""

from __future__ import annotations

import errno
import os
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

ROOT = Path(__file__).resolve().parent.parent.parent
MOST_FRAMES = 40
# Exactly these kinds say what they say: their text is about the program itself, and written by it.
FRANK = {
    "django.core.exceptions.ImproperlyConfigured",
    "django.template.exceptions.TemplateDoesNotExist",
    "builtins.ModuleNotFoundError",
    "portal.checks.UnconfinedRole",
    "portal.readiness.NotReady",
}


def told(error: BaseException | None) -> list[dict[str, Any]]:
    """The exception after what led to it, each as `kind`, `says` where there is something to say, and `frames`."""
    links: list[dict[str, Any]] = []
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        link: dict[str, Any] = {"kind": _kind(error)}
        if says := said(error):
            link["says"] = says
        link["frames"] = frames(error.__traceback__)
        links.insert(0, link)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return links


def said(error: BaseException) -> str:
    """What may be told of it besides its kind: an SQLSTATE and a constraint, the operating system's own error."""
    source = error if hasattr(error, "sqlstate") else error.__cause__
    if state := getattr(source, "sqlstate", None):
        constraint = getattr(getattr(source, "diag", None), "constraint_name", None)
        return " ".join(str(part) for part in (state, constraint) if part)
    if isinstance(error, OSError) and error.errno is not None and error.errno in errno.errorcode:
        return f"{errno.errorcode[error.errno]} {os.strerror(error.errno)}"  # without the file's name
    return str(error) if _kind(error) in FRANK or f"builtins.{_kind(error)}" in FRANK else ""


def frames(passed: TracebackType | None) -> list[str]:
    """Each frame as `documents/services.py:41 receive`, the innermost last; no source line, no value."""
    found = traceback.StackSummary.extract(traceback.walk_tb(passed), limit=-MOST_FRAMES, lookup_lines=False)
    return [f"{place(frame.filename)}:{frame.lineno} {frame.name}" for frame in found]


def place(filename: str) -> str:
    """A source file as it is called in the repository, or in its package."""
    path = Path(filename)
    if "site-packages" in path.parts:
        return str(Path(*path.parts[path.parts.index("site-packages") + 1 :]))
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def _kind(error: BaseException) -> str:
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
