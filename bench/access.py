"""The newest fifty, a room, a count, through the ORM; beside guardian's `get_objects_for_user`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from guardian.shortcuts import get_objects_for_user

from bench import prepare
from bench.figures import median, median_ms, note
from bench.peer.models import PeerDocument, PeerReader
from clearance.access import Actor, count, newest
from clearance.context import acting
from documents.models import Document

SIZES = (10_000, 100_000, 1_000_000)


def run() -> None:
    print("access: building people and circles …", flush=True)
    cast = prepare.cast()
    few: dict[int, float] = {}
    for size in SIZES:
        started = time.perf_counter()
        prepare.fill(size)
        print(f"access: {size:,} documents ({time.perf_counter() - started:.0f} s)", flush=True)
        few[size] = median(ours(reader, page) for reader in cast.readers)
        print(f"        newest 50, reader in 1-30 circles: {few[size]:.2f} ms", flush=True)
    print("access: the same for guardian …", flush=True)
    prepare.fill_peer()
    mine = {"few": few[SIZES[-1]], "all": ours(cast.official, page)}
    guardian("", cast, mine, {"few": 15, "all": 10})
    prepare.index_peer()
    guardian("-indexed", cast, mine, {"few": 1, "all": 1})
    growth = few[SIZES[-1]] / few[SIZES[0]]
    note(
        "access-growth-1M-10k",
        ours=few[SIZES[-1]],
        peer=few[SIZES[0]],
        ratio=growth,
        goal="<= 3 times",
        holds=growth <= 3,
    )
    room = median(ours(reader, room_page) for reader in cast.readers)
    note("access-room", ours=room, goal="<= 8 ms", holds=room <= 8)
    everybody = [*cast.readers, cast.official]
    counts = median(ours(reader, counting) for reader in everybody)
    note("access-count", ours=counts, goal="<= 15 ms", holds=counts <= 15)
    official = ours(cast.official, counting)
    note("access-count-official", ours=official, goal="<= 15 ms", holds=official <= 15)
    backstop(cast)


def guardian(suffix: str, cast: prepare.Cast, mine: dict[str, float], goals: dict[str, int]) -> None:
    """Both readers beside guardian as its documentation sets it up, and `-indexed`: with our newest-first index too."""
    theirs = {"few": median(peer(reader) for reader in cast.readers), "all": peer(cast.official)}
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


def page(actor: Actor) -> None:
    newest(actor, Document.objects.all(), limit=50)


def room_page(actor: Actor) -> None:
    newest(actor, Document.objects.filter(circle_id=min(actor.reach.circles)), limit=50)


def counting(actor: Actor) -> None:
    count(actor, Document.objects.all())


def peer(person: UUID) -> float:
    user = PeerReader.objects.get(pk=person)

    def call() -> None:
        readable = get_objects_for_user(
            user, "peer.view_peerdocument", PeerDocument, with_superuser=False, accept_global_perms=False
        )
        list(readable.order_by("-created", "-id")[:50])

    return median_ms(call, times=7)


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
