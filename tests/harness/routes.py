"""Every URL of the product, found by walking the resolver, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True)
class Route:
    """`name` as `reverse` takes it; `parameters` are what its path asks for."""

    name: str
    parameters: tuple[str, ...]

    def url(self, keys: Mapping[str, Any]) -> str:
        return reverse(self.name, kwargs={parameter: keys[parameter] for parameter in self.parameters})


def routes() -> list[Route]:
    """All of them, by name. Raises for one without a name: it could not be reviewed in the table."""
    return sorted(set(_walk(get_resolver(), (), ())), key=lambda route: route.name)


def _walk(resolver: URLResolver, spaces: tuple[str, ...], parameters: tuple[str, ...]) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        found = (*parameters, *entry.pattern.regex.groupindex, *getattr(entry.pattern, "converters", {}))
        found = tuple(dict.fromkeys(found))
        if isinstance(entry, URLResolver):
            yield from _walk(entry, (*spaces, entry.namespace) if entry.namespace else spaces, found)
        elif isinstance(entry, URLPattern):
            if not entry.name:
                raise LookupError(f"a URL has no name: {entry.pattern}")
            yield Route(":".join((*spaces, entry.name)), found)
