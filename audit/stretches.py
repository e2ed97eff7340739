"""The leaf hashes of long stretches of the log, by several processes at once where there are several processors.

Half of a check's work is hashing. What is read is dealt out to helpers, each of which has one chunk at a time: they are
given lines of COPY and give back hashes, and never touch the database's connection that they inherit.
"""

from __future__ import annotations

import gc
import os
import re
import signal
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from multiprocessing import current_process, get_context
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from audit import merkle
from audit.encoding import Row, hashes_of

CHUNK = 5_000  # events that are read and hashed at a time: whole seals of about as many
MOST_HELPERS = 2  # more would wait for the database
WORTH_HELPERS = 50_000  # events; fewer are checked before a helper has begun

ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class Chunk(NamedTuple):
    """The places from `start` on; where each of the seals over them ends; and the lines of COPY with what stands there:
    the place and the event as `audit.encoding.COPIED` has it, its id first."""

    start: int
    stops: list[int]
    lines: bytes


class Stretch(NamedTuple):
    """What one seal covers: the leaf hashes of the events that are there, and when the first and the last happened."""

    hashes: bytes
    earliest: str
    latest: str


def fields(line: str) -> list[Any]:
    """A line of COPY's text format: text, or None for NULL. Escapes are rare enough to look for first."""
    found = line.split("\t")
    return [_unescaped(field) for field in found] if "\\" in line else found


def stretches(chunk: Chunk) -> list[Stretch]:
    """What each seal covers, in order."""
    places, moments = list[str](), list[str]()

    def standing() -> Iterator[Row]:
        for line in str(chunk.lines, "utf-8").split("\n")[:-1]:
            place, _tab, event = line.partition("\t")
            row = fields(event)
            if row[1]:  # None: the event of this place is gone
                places.append(place)
                moments.append(row[1])
                yield row

    hashes = hashes_of(standing())
    bounds = [chunk.start, *chunk.stops]
    if len(hashes) == bounds[-1] - bounds[0]:
        cuts = [bound - bounds[0] for bound in bounds]
    else:
        known = [int(place) for place in places]
        cuts = [bisect_left(known, bound) for bound in bounds]
    return [
        Stretch(merkle.pack(hashes[a:b]), min(moments[a:b], default=""), max(moments[a:b], default=""))
        for a, b in pairwise(cuts)
    ]


def helpers_for(events: int) -> int:
    """How many helpers a check of so many events takes.

    None where there is one processor, and none for a worker's task, which may have no processes of its own.
    """
    if events < WORTH_HELPERS or current_process().daemon:
        return 0
    return min(len(os.sched_getaffinity(0)) - 1, MOST_HELPERS)


@contextmanager
def helped(number: int) -> Iterator[list[Connection]]:
    """That many helpers, ended with the block."""
    forking = get_context("fork")
    ours, helpers = list[Connection](), list[Any]()
    try:
        for _ in range(number):
            here, there = forking.Pipe()
            helper = forking.Process(target=_help, args=(there, here), daemon=True)
            helper.start()
            there.close()
            ours.append(here)
            helpers.append(helper)
        yield ours
    finally:
        for here in ours:
            here.close()
        for helper in helpers:
            helper.join()


def dealt(chunks: Iterable[Chunk], helpers: Iterable[Connection]) -> Iterator[list[Stretch]]:
    """The `stretches` of each chunk, in order; the helpers are at theirs while the next are read."""
    idle, busy = deque(helpers), deque[Connection]()
    if not idle:
        yield from map(stretches, chunks)
        return
    for chunk in chunks:
        done: list[Stretch] | None = None
        if not idle:
            done = busy[0].recv()
            idle.append(busy.popleft())
        idle[0].send(chunk[:2])
        idle[0].send_bytes(chunk.lines)
        busy.append(idle.popleft())
        if done is not None:
            yield done
    while busy:
        yield busy.popleft().recv()


def _help(there: Connection, here: Connection) -> None:
    """What a helper does until nobody is left to ask it."""
    here.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl+C goes to whoever asked; we end with them
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.disable()  # nothing here goes in circles, and what we inherited is not ours to look through
    try:
        while True:
            start, stops = there.recv()
            there.send(stretches(Chunk(start, stops, there.recv_bytes())))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _unescaped(field: str) -> str | None:
    if field == r"\N":
        return None
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), field, flags=re.DOTALL)
