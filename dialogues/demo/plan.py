"""What the demo's rooms are written down as. Days are counted back from the day the demo world is made."""

from __future__ import annotations

from dataclasses import dataclass

from clearance.models import Role


@dataclass(frozen=True)
class Said:
    """One message: who, how many hours after the thread began, and what; its thread's marking unless told otherwise."""

    who: str
    hours: float
    text: str
    marking: str = ""


@dataclass(frozen=True)
class ThreadPlan:
    """One thread; the first message is its opening."""

    title: str
    marking: str
    began: float
    said: tuple[Said, ...]
    read_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class RoomPlan:
    """One room: each tuple of `firms` is one organisation by the people it has named."""

    key: str
    kind: str
    name: str
    purpose: str
    ceiling: str
    steward: str
    opened: int
    members: tuple[tuple[str, str], ...] = ()
    firms: tuple[tuple[str, ...], ...] = ()
    threads: tuple[ThreadPlan, ...] = ()
    known_to: str = "SENSITIVE"
    legal_basis: str = ""
    archived: int | None = None
    invited: tuple[tuple[str, bool], ...] = ()


def participants(*who: str) -> tuple[tuple[str, str], ...]:
    return tuple((each, Role.PARTICIPANT.value) for each in who)


def stewards(*who: str) -> tuple[tuple[str, str], ...]:
    return tuple((each, Role.STEWARD.value) for each in who)


def observers(*who: str) -> tuple[tuple[str, str], ...]:
    return tuple((each, Role.OBSERVER.value) for each in who)
