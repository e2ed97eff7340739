"""What the operator's commands share: the owner's connection in place of the web role's, both languages, exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import translation
from django.utils.functional import Promise

OWNER = "owner"
LANGUAGES = ("ja", "en")
# Done, and something is not as it should be: apart from 1, not done, and from the 2 of a mistyped option.
EXIT_FAULTS = 3


def both(words: Promise | str, rest: str = "") -> str:
    """The words in Japanese and English, for whoever runs this may be of either; and what is the same in both."""
    said = []
    for language in LANGUAGES:
        with translation.override(language):
            said.append(str(words))
    return " ".join(part for part in (" / ".join(said), rest) if part)


@contextmanager
def as_owner() -> Iterator[None]:
    """Everything within, the log included, goes over the owner's connection. Raises CommandError without."""
    if OWNER not in connections.settings:
        raise CommandError(
            "所有者の接続が設定されていません（ENTAKU_DB_OWNER_PASSWORD）。 / The owner's connection is not configured."
        )
    web = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[OWNER]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = web
