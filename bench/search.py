"""Search over sealed messages: what a question takes at 20,000 of them (or ENTAKU_BENCH_MESSAGES), and how large the
index is.

Messages of 100 characters of made-up Japanese (its pairs as unevenly frequent as in prose), under one marking, in 200
circles, of which the reader is in 30. Measured is `clearance.search.search` whole, a first page of 50: the database's
function, opening the candidates, holding them against their text.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from datetime import timedelta
from itertools import accumulate
from typing import Any

from django.db import connections
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import Organisation, Person
from bench import prepare
from bench.figures import note
from bench.sealed import Sealer
from clearance import masks
from clearance.context import acting
from clearance.markings import marking
from clearance.models import Circle, Marking
from clearance.search import search, tokens_of
from dialogues.models import Message, Room, Thread
from vault.keys import Label

SIZE = int(os.environ.get("ENTAKU_BENCH_MESSAGES", "20000"))
LENGTH = 100
CIRCLES, OWN = 200, 30
ASKED = 200
WORDS = 20_000  # of two kanji each, the n-th as frequent as 1/n
COLUMNS = (
    "id", "created", "wrapped_key", "key_version", "body", "marking_id", "level", "comp_mask", "release_mask",
    "withdrawn", "circle_id", "author_id", "thread_id", "tokens",
)  # fmt: skip


def run(size: int = SIZE) -> None:
    chance = random.Random(5)
    words = ["".join(chr(0x4E00 + chance.randrange(3000)) for _ in range(2)) for _ in range(WORDS)]
    weights = list(accumulate(1 / (number + 1) for number in range(WORDS)))
    said = marking(1)
    sealer, label = Sealer(Message, "body"), Label(said.text, said.level, said.comp_mask, said.release_mask)
    sealer.row(uuid7(), label, "")  # makes the marking's key, as somebody who acts
    circles, thread = _places(said)
    begun = time.perf_counter()
    texts = _fill(size, said, sealer, circles, thread, chance, words, weights)
    built = time.perf_counter() - begun
    with prepare.owner() as cursor:
        cursor.execute("VACUUM ANALYZE dialogues_message")
        cursor.execute("SELECT pg_relation_size('dialogues_message_tokens')")
        (bytes_,) = cursor.fetchone()
    for length in (2, 4):
        taken, examined, found = _ask(chance, texts, circles, length)
        median, late = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
        note(
            f"search of {length} kanji", ours=median, goal="<= 50 ms", holds=median <= 50,
            detail=f"p95 {late:.1f} ms; {size:,} messages of {LENGTH} characters, index {bytes_ / 2**20:.0f} MiB, "
            f"filled in {built:.0f} s; opens {statistics.mean(examined):.0f}, finds {statistics.mean(found):.0f}",
        )  # fmt: skip


def _places(said: Marking) -> tuple[list[int], Thread]:
    """Circles, and one thread that all messages hang on: the search never looks at it."""
    made = [Circle(ceiling_id=said.pk) for _ in range(CIRCLES)]
    Circle.objects.using("owner").bulk_create(made)
    ministry = Organisation.objects.using("owner").create(kind="MINISTRY", name="計測庁（架空）")
    person = Person(email=f"search{time.time_ns()}@example.test", name="計測 太郎", organisation=ministry)
    person.set_unusable_password()
    person.save(using="owner")
    place: dict[str, Any] = {"circle_id": made[0].pk, "marking": Marking.objects.using("owner").get(pk=said.pk)}
    room = Room(**place, name="計測の場", purpose="計測", opened_by_id=person.pk, kind=Room.Kind.SUPPLY_CHAIN)
    room.save(using="owner", force_insert=True)
    thread = Thread(**place, room_id=room.pk, title="計測", author_id=person.pk)
    thread.save(using="owner", force_insert=True)
    return [circle.pk for circle in made], thread


def _fill(
    size: int, said: Marking, sealer: Sealer, circles: list[int], thread: Thread, chance: random.Random,
    words: list[str], weights: list[float],
) -> list[str]:  # fmt: skip
    """Messages with their tokens; the texts of the reader's own circles."""
    label = Label(said.text, said.level, said.comp_mask, said.release_mask)
    now, own = timezone.now(), set(circles[:OWN])
    texts: list[str] = []
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE dialogues_message DISABLE TRIGGER USER")
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'dialogues_message_tokens'")
        (index,) = cursor.fetchone()
        cursor.execute("DROP INDEX dialogues_message_tokens")
        with cursor.copy(f"COPY dialogues_message ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for number in range(size):
                text = "".join(chance.choices(words, cum_weights=weights, k=LENGTH // 2))
                key, circle = uuid7(), circles[number % CIRCLES]
                wrapped, version, body = sealer.row(key, label, text)
                copy.write_row(
                    (
                        key, now - timedelta(seconds=number), wrapped, version, body, said.pk, said.level,
                        said.comp_mask, masks.UNRESTRICTED, False, circle, thread.author_id, thread.pk,
                        tokens_of(text, said, version=version),
                    )
                )  # fmt: skip
                if circle in own:
                    texts.append(text)
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute(index)
        cursor.execute("ALTER TABLE dialogues_message ENABLE TRIGGER USER")
    return texts


def _ask(
    chance: random.Random, texts: list[str], circles: list[int], length: int
) -> tuple[list[float], list[int], list[int]]:
    """Words that stand somewhere in what the reader may read, from anywhere in a text: most are rare, some are not."""
    taken, examined, found = [], [], []
    rows = Message.objects.select_related("marking")
    for _ in range(ASKED):
        text = chance.choice(texts)
        start = chance.randrange(LENGTH - length)
        with acting(circles=circles[:OWN]) as actor:
            begun = time.perf_counter()
            page: Any = search(actor, rows, text[start : start + length])
            taken.append((time.perf_counter() - begun) * 1000)
        examined.append(page.examined)
        found.append(len(page))
    return taken, examined, found
