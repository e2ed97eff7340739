"""The fields a line may carry and what each may hold. What is not declared here is not written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from http.client import responses
from numbers import Number
from typing import Any
from uuid import UUID

WITHHELD = "…"
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)  # a head of the audit log
PLACEHOLDER = re.compile(r"%(?:\((?P<name>[^)]*)\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>[a-zA-Z%])")


def _like(pattern: str) -> Callable[[Any], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _number(value: Any) -> bool:
    return isinstance(value, int | float)


_code = _like(r"[A-Za-z_][\w.:-]{0,119}")  # a name that stands in the code: of a view, a task, a logger

FIELDS: dict[str, Callable[[Any], bool]] = {
    "request": _like(r"[0-9a-f]{16}"),
    "view": _code,
    "method": _like(r"[A-Z]{3,7}"),
    "status": _number,
    "ms": _number,
    "queries": _number,
    "task": _code,
    "task_id": _like(r"[0-9a-f-]{36}"),
    "parts": lambda value: isinstance(value, list) and all(map(_code, value)),
    "count": _number,
    "faults": _number,
    "port": _number,
    "pid": _number,
    "root": _like(r"[0-9a-f]{64}"),
    "where": _like(r"[\w./-]{1,200}:\d+"),
    "kind": _code,
}


def declared(given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields that may be written, and the names of those that were left out."""
    kept = {name: value for name, value in given.items() if name in FIELDS and FIELDS[name](value)}
    return kept, sorted(set(given) - set(kept))


def filled(template: str, arguments: Any) -> str:
    """A `logging` message with numbers, ids and words of the code put in, and a mark for every other value."""
    if isinstance(arguments, tuple) and len(arguments) == 1 and isinstance(arguments[0], Mapping):
        arguments = arguments[0]  # logging unwraps it only where it is not empty
    values = iter(arguments if isinstance(arguments, tuple) else ())

    def value(match: re.Match[str]) -> str:
        if match["kind"] == "%":
            return "%"
        named = match["name"] is not None
        given = arguments.get(match["name"]) if named and isinstance(arguments, Mapping) else next(values, None)
        return shown(given)

    return PLACEHOLDER.sub(value, template)


def shown(value: Any) -> str:
    """A value in the text of a line: a number, an id, a digest, or a word that stands in the code."""
    if isinstance(value, str) and DIGEST.fullmatch(value):
        return value
    if isinstance(value, Number | UUID) or value is None:
        return str(value)
    return value if isinstance(value, str) and value in (vocabulary() if ready() else ()) else WITHHELD


def ready() -> bool:
    """Whether the models are known."""
    from django.apps import apps

    return apps.models_ready


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """The names of our own models, and of HTTP's answers."""
    from django.apps import apps

    return frozenset(responses.values()) | {model._meta.label_lower for model in apps.get_models()}
