"""The room page: how many queries, at ten threads and at a thousand."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.figures import median_ms, note
from bench.people import Host, host
from dialogues.models import Message, Thread

MOST = 15


def run() -> None:
    here = host()
    for size in (10, 1_000):
        fill(here, size)
        client, url = here.client(), reverse("dialogues:room", args=[here.room.pk])
        assert client.get(url).status_code == 200
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        note(f"room-queries-{size}", ours=len(queries), goal=f"<= {MOST}", holds=len(queries) <= MOST, unit="queries")
        taken = median_ms(lambda: client.get(url), times=9)  # noqa: B023 - called before the next size
        print(f"        room page with {size:,} threads: {taken:.1f} ms", flush=True)


def fill(here: Host, upto: int) -> None:
    """Threads of one message each, written by the owner."""
    missing = upto - Thread.objects.using("owner").filter(room=here.room).count()
    common = {"circle": here.room.circle, "marking": here.room.marking, "author": here.person}
    threads = [Thread(room=here.room, title=f"話題{n}", **common) for n in range(missing)]
    Thread.objects.using("owner").bulk_create(threads)
    Message.objects.using("owner").bulk_create(
        [Message(thread_id=thread.pk, body="発言", **common) for thread in threads]
    )
