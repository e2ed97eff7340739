"""What a document of the demo is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Later:
    """A version that followed: after so many hours, under which name, with what change."""

    hours: float
    name: str
    content: bytes
    change: str


@dataclass(frozen=True)
class Plan:
    """A document by its room's key; `days` ago; who has read it since. Record data where an official entered them.
    `handlers`: whom the official entered in its register, from level 3 up."""

    room: str
    by: str
    title: str
    marking: str
    name: str
    content: bytes
    days: float
    read_by: tuple[str, ...] = ()
    record: tuple[str, str, str] = ("", "", "")
    later: tuple[Later, ...] = ()
    handlers: tuple[str, ...] = ()
