"""The daily limit of what one person opens: how much the portal deciphers for a stolen session or an insider.

A machine's first fetch is all it may read, so it has a figure of its own (docs/adr/0022).

Counted is each item key that is opened while a request of theirs is answered (a document, a message, a title: each has
one) for them to see. The count lies in the database, one for all web processes; a request adds its own when it is over,
so that it waits for nobody. What several requests open at the same moment may pass the limit by as much as they open.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings

from accounts.models import Person

from .actor import Actor


class LimitReached(Exception):
    """The person has opened as much as they may today. Not `Unreadable`: nothing is wrong with what they asked for."""


def daily(person: Person) -> int:
    """How many keys the deployment lets this person, or this machine, have opened in a day."""
    return int(settings.MACHINE_KEY_LIMIT if person.is_machine else settings.KEY_LIMIT)


@dataclass(slots=True)
class Tally:
    """What one request opened, of what it may; `limit` is the whole day's, with what two officers lifted it by."""

    left: int
    opened: int = 0
    refused: bool = False
    limit: int = 0


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def tallied(actor: Actor, *, machine: bool = False) -> Iterator[Tally]:
    """Count what is opened in this block for `actor`; past the limit nothing opens. Jobs have none."""
    limit = int(settings.MACHINE_KEY_LIMIT if machine else settings.KEY_LIMIT) + actor.lifted
    tally = Tally(left=max(limit - actor.opened, 0), limit=limit)
    token = _tally.set(tally if actor.signed_in else None)
    try:
        yield tally
    finally:
        _tally.reset(token)


def count_key(layer: str) -> None:
    """A watcher of the vault. Raises LimitReached: then the key is given to nobody."""
    tally = _tally.get()
    if tally is None or layer != "item":
        return
    if tally.opened >= tally.left:
        tally.refused = True
        raise LimitReached
    tally.opened += 1


@contextmanager
def uncounted() -> Iterator[None]:
    """What is opened in this block is shown to nobody by it: a search looks for a word, a key is wrapped anew."""
    token = _tally.set(None)
    try:
        yield
    finally:
        _tally.reset(token)


def count_shown(number: int) -> None:
    """So many of what was opened uncounted are shown after all. Raises LimitReached."""
    for _each in range(number):
        count_key("item")
