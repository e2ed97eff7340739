"""The newest fifty, a room, a count, through the ORM; beside guardian's `get_objects_for_user`. Draws how they grow."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from bench import curves, guardian, prepare
from bench.figures import median, median_ms, note
from clearance.access import Actor, count, newest
from clearance.context import acting
from documents.models import Document

SIZES = (10_000, 100_000, 1_000_000)
GUARDIANS_READERS = 8  # of the twenty, for the two questions that no goal is set for


def run(sizes: tuple[int, ...] = SIZES) -> None:
    print("access: building people and circles …", flush=True)
    cast = prepare.cast()
    guardian.groups()
    drawn = curves.Curves()
    for size in sizes:
        started = time.perf_counter()
        prepare.fill(size)
        guardian.fill()
        print(f"access: {size:,} documents ({time.perf_counter() - started:.0f} s)", flush=True)
        grown(drawn, cast, size)
    drawn.keep()
    theirs, official = drawn.theirs["newest"][sizes[-1]], guardian.newest(cast.official)
    mine = {"few": drawn.ours["newest"][sizes[-1]], "all": ours(cast.official, page)}
    against("", mine, {"few": theirs, "all": official}, {"few": 15, "all": 10})
    guardian.index()
    theirs, official = median(guardian.newest(reader) for reader in cast.readers), guardian.newest(cast.official)
    against("-indexed", mine, {"few": theirs, "all": official}, {"few": 1, "all": 1})
    first = drawn.ours["newest"][sizes[0]]
    growth = mine["few"] / first
    note("access-growth-1M-10k", ours=mine["few"], peer=first, ratio=growth, goal="<= 3 times", holds=growth <= 3)
    room = drawn.ours["room"][sizes[-1]]
    note("access-room", ours=room, goal="<= 8 ms", holds=room <= 8)
    counts = median(ours(reader, counting) for reader in [*cast.readers, cast.official])
    note("access-count", ours=counts, goal="<= 15 ms", holds=counts <= 15)
    whole = ours(cast.official, counting)
    note("access-count-official", ours=whole, goal="<= 15 ms", holds=whole <= 15)
    backstop(cast)


def grown(drawn: curves.Curves, cast: prepare.Cast, size: int) -> None:
    """Both sides' three questions at this size, asked by readers in 1–30 circles."""
    drawn.add("newest", size, median(ours(reader, page) for reader in cast.readers))
    drawn.add("room", size, median(ours(reader, room_page) for reader in cast.readers))
    drawn.add("count", size, median(ours(reader, counting) for reader in cast.readers))
    some = cast.readers[:GUARDIANS_READERS]
    drawn.add("newest", size, median(map(guardian.newest, cast.readers)), ours=False)
    drawn.add("room", size, median(guardian.room(reader, first_circle(reader)) for reader in some), ours=False)
    drawn.add("count", size, median(map(guardian.count, some)), ours=False)


def against(suffix: str, mine: dict[str, float], theirs: dict[str, float], goals: dict[str, int]) -> None:
    """Both readers beside guardian as its documentation sets it up, and `-indexed`: with our newest-first index too."""
    for who, goal in goals.items():
        ratio = theirs[who] / mine[who]
        note(
            f"access-newest-{who}{suffix}", ours=mine[who], peer=theirs[who], ratio=ratio,
            goal=f">= {goal} times as fast", holds=ratio >= goal,
        )  # fmt: skip


def ours(person: UUID, call: Callable[[Actor], Any]) -> float:
    with acting(person=person, assurance=prepare.assurance()) as actor:
        assert actor.signed_in
        return median_ms(lambda: call(actor))


def first_circle(person: UUID) -> int:
    with acting(person=person, assurance=prepare.assurance()) as actor:
        return min(actor.reach.circles)


def page(actor: Actor) -> None:
    newest(actor, Document.objects.all(), limit=50)


def room_page(actor: Actor) -> None:
    newest(actor, Document.objects.filter(circle_id=min(actor.reach.circles)), limit=50)


def counting(actor: Actor) -> None:
    count(actor, Document.objects.all())


def backstop(cast: prepare.Cast) -> None:
    """What row-level security costs a request: entering the context, and the policy on the page's query."""

    def nothing() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    def entering(person: UUID) -> Callable[[], None]:
        def call() -> None:
            with acting(person=person, assurance=prepare.assurance()):
                pass

        return call

    bare = median_ms(nothing, times=50)
    entered = median(median_ms(entering(reader), times=50) - bare for reader in cast.readers)
    official = median_ms(entering(cast.official), times=50) - bare
    note("access-backstop-few", ours=entered, goal="<= 2 ms", holds=entered <= 2)
    note("access-backstop-all", ours=official, goal="<= 2 ms", holds=official <= 2)
