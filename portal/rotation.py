"""A new root key takes over, while people read and write. Each step may be stopped at any moment and run again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.resealing import reseal
from clearance.privileges import lay_context_keys
from vault import keys, rotation
from vault.providers import provider


@dataclass
class Passed:
    """What one pass over everything under the root did."""

    done: int = 0
    unreadable: int = 0


def take_over(*, using: str) -> None:
    """Have a new root key wrap from now on; the one before still opens.

    The database believes what is signed under either before the new one signs anything, so nobody's request fails.
    """
    held = provider().generations()
    if not held.ending:
        provider().add()
        lay_context_keys(using=using)
        provider().promote()
    lay_context_keys(using=using)


def bring_over(*, using: str) -> Iterator[bool]:
    """Everything in the database that is still under a root key that ends; yields for each whether it opened."""
    yield from rotation.rewrap_under_root(rotation.under_ending_roots(using=using), using=using)
    yield from reseal(using=using)


def passed(*, using: str) -> Passed:
    """One whole pass."""
    result = Passed()
    for opened in bring_over(using=using):
        result.done += opened
        result.unreadable += not opened
    return result


def finish(*, using: str) -> int:
    """Destroy the root keys that end; returns how many. Raises `rotation.StillNeeded` when a key is under one."""
    if rotation.under_ending_roots(using=using):
        raise rotation.StillNeeded
    ending = list(provider().generations().ending)
    for generation in ending:
        provider().drop(generation)
    keys.forget()
    lay_context_keys(using=using)
    return len(ending)
