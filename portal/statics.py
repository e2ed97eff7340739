"""Addresses of style sheets, scripts and pictures, worked out once a process: what is served does not change meanwhile.

A page names ten of them; joining and quoting them anew took a twentieth of the time of a page (measured).
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class Remembering:
    """Before a storage of static files: asks it for each address once."""

    @cached_property
    def _addresses(self) -> dict[tuple[Any, ...], str]:
        return {}

    def url(self, *asked: Any) -> str:
        if asked not in self._addresses:
            self._addresses[asked] = super().url(*asked)  # type: ignore[misc]
        return self._addresses[asked]


class Hashed(Remembering, CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """As the product serves them: under names that change with the content."""


class Plain(Remembering, StaticFilesStorage):
    """Under the names they have in the repository, for the test suite."""
