"""The spool: what came in, sealed, on the intake's own disk until the courier carries it into the database.

One file for each thing that was sent, whole or not at all, on the disk before anybody is told that it arrived. Its name
is what the receipt derives, so that a sender finds their concern here too while the database is away. Files are dated
by the day.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from intake import clock, drawers, lasting

Bundle = dict[str, Any]
STUCK, FORGET = ".stuck", "forget"


class Full(Exception):
    """The disk takes no more. Nothing that was sent before is touched."""


class Room(Enum):
    """How much the disk still takes."""

    PLENTY = "plenty"
    SHORT = "short"  # what is begun may be sent; who only begins is asked to come back
    NONE = "none"


def folder() -> Path:
    return drawers.made(settings.INTAKE_FOLDER / "spool")


def drawer(lookup: bytes) -> Path:
    """Where the bundles of this conversation and of some others lie: a look at one need not go through all."""
    return folder() / lookup.hex()[:2]


def room() -> Room:
    free = shutil.disk_usage(folder()).free
    if free < settings.INTAKE_SPARE_BYTES:
        return Room.NONE
    return Room.SHORT if free < 4 * settings.INTAKE_SPARE_BYTES else Room.PLENTY


def part_of(turn: int, entry_id: UUID) -> str:
    """The name of one entry's bundle within its conversation: its turn, which is its order, and its id."""
    return f"{turn:06d}-{entry_id}"


def put(lookup: bytes, part: str, bundle: Bundle) -> bool:
    """Write a bundle to last; False when this part of this conversation lies there already. Raises `Full`."""
    if room() is Room.NONE:
        raise Full
    place = drawer(lookup) / f"{lookup.hex()}.{part}.json"
    try:
        written = lasting.add(place, json.dumps(bundle, separators=(",", ":")).encode())
    except OSError as error:
        raise Full from error
    return written


def of(lookup: bytes) -> list[Bundle]:
    """What lies here of one conversation, oldest first.

    Whoever asks for what is not there waits no longer than for what is: nothing is made, and no pattern compiled.
    """
    place, begins = drawer(lookup), f"{lookup.hex()}."
    found = []
    ours = [path for path in place.iterdir() if path.name.startswith(begins)]
    for path in sorted(ours, key=lambda path: _rank(path.name)):
        with suppress(FileNotFoundError):  # carried over while we looked
            found.append(read(path))
    return found


def waiting() -> list[Path]:
    """What the courier has to carry: cases, then what was said in them, then the ends of mailboxes; shuffled."""
    paths = list(folder().glob("*/*.json"))
    secrets.SystemRandom().shuffle(paths)
    return sorted(paths, key=lambda path: _rank(path.name))


def _rank(name: str) -> int:
    """The turn of what was said; whatever ends a mailbox comes after all of it."""
    part = name.split(".")[1]
    return sys.maxsize if part == FORGET else int(part.split("-")[0])


def ends_mailbox(path: Path) -> bool:
    return path.name.split(".")[1] == FORGET


def read(path: Path) -> Bundle:
    bundle: Bundle = json.loads(path.read_text(encoding="utf-8"))
    return bundle


def done(path: Path) -> None:
    path.unlink(missing_ok=True)
    drawers.date(path.parent)


def set_aside(path: Path) -> None:
    """What the database will not have stays for its sender to find, and no longer stands in the way of the others."""
    path.replace(path.with_name(path.name + STUCK))
    drawers.date(path.parent)


def stuck() -> int:
    return sum(1 for _ in folder().glob(f"*/*{STUCK}"))


def set_aside_of(path: Path) -> list[Path]:
    """What was set aside of the same conversation."""
    return list(path.parent.glob(f"{path.name.partition('.')[0]}.*{STUCK}"))


def blobs() -> Iterator[str]:
    """The names of the sealed files that what lies here speaks of."""
    for path in folder().glob("*/*.json*"):
        with suppress(FileNotFoundError):
            yield from read(path).get("blobs", ())


def forget_unfinished() -> None:
    """Remove what a killed process left half written: nobody was told that it had arrived."""
    for path in folder().glob("*/new-*"):
        if path.stat().st_mtime < clock.midnight(clock.today()):
            done(path)
