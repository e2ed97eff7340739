"""The log: eight who write at once beside a plain table of the same shape; and a million rows checked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing import get_context
from threading import Event, Thread

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connections
from django.utils import timezone

from bench import writer
from bench.figures import median, note
from bench.prepare import owner

WRITERS = 8
# Short rounds by turns, two neighbours of either order held against each other: what else the machine does falls on
# both, and so does it to come second. Two seconds each: in that the sealer, once a second, is at work twice.
ROUNDS = 16
SECONDS = 2.0
EVENTS = 1_000_000
A_SEAL = 5_000  # events
AGO = timedelta(minutes=50)  # when the first of them happened
SETTLING = timedelta(minutes=5)
CHECKS = 3
KEY = Ed25519PrivateKey.generate()

EVENTS_OF_A_STRETCH = """
INSERT INTO audit_event (id, at, person_id, organisation_id, act, target_type, target_id, label, level, detail)
SELECT uuidv7(at - now()), at, lpad(to_hex(n %% 5000), 32, '0')::uuid, lpad(to_hex(n %% 400), 32, '0')::uuid,
       (ARRAY['document.open', 'document.page', 'document.list', 'room.view', 'session.sign_in'])[1 + n %% 5],
       'documents.document', gen_random_uuid()::text, (ARRAY['SENSITIVE', 'HI//SEMICON', 'HI'])[1 + n %% 3],
       1 + (n %% 3 > 0)::int, jsonb_build_object('version', 1, 'page', n %% 40)
  FROM (SELECT n, %s::timestamptz + (n - %s) * %s::interval AS at FROM generate_series(%s::int, %s::int) AS n) AS x
"""
# Filled with its indexes in place and in the same order: one built afterwards is fuller than one that grew.
PLAIN_TABLE = """
CREATE TABLE bench_plain (LIKE audit_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE bench_plain ADD PRIMARY KEY (id);
CREATE INDEX ON bench_plain (at, id);
CREATE INDEX ON bench_plain (person_id, at);
CREATE INDEX ON bench_plain (act, at);
CREATE INDEX ON bench_plain (target_id, at);
INSERT INTO bench_plain SELECT * FROM audit_event ORDER BY at, id;
GRANT INSERT ON bench_plain TO portal_app;
ANALYZE bench_plain, audit_event;
"""


def run(events: int = EVENTS, seconds: float = SECONDS, rounds: int = ROUNDS) -> None:
    print(f"audit: writing and sealing {events:,} events …", flush=True)
    write(events)
    taken = median(checked(events) for _ in range(CHECKS))
    note("audit-verify-1M", ours=taken, goal="<= 8 s", holds=taken <= 8, unit="s")
    with owner() as cursor:
        cursor.execute(PLAIN_TABLE)
        cursor.execute("VACUUM ANALYZE bench_plain")  # or it would be vacuumed while the one is measured, not the other
    writers("audit-insert", seconds, rounds, sealing=False)
    writers("audit-insert-sealing", seconds, rounds, sealing=True)


def write(events: int) -> None:
    """In order, as the sealer meets them: some thousand, then their seal."""
    first = timezone.now() - AGO
    step = (AGO - SETTLING) / events
    for start in range(0, events, A_SEAL):
        stop = min(start + A_SEAL, events)
        with owner() as cursor:
            cursor.execute(EVENTS_OF_A_STRETCH, [first, 0, step, start, stop - 1])
        sealed(first + step * stop, reach=timedelta(minutes=1))
    with owner() as cursor:
        cursor.execute("VACUUM ANALYZE audit_event")
        cursor.execute("VACUUM ANALYZE audit_leaf")


def sealed(at: datetime, *, reach: timedelta | None) -> int:
    """What the worker's task does each second, with a key of ours: the web role may not read the portal's."""
    from audit.sealing import seal

    return seal(sign=KEY.sign, at=at, public_key=KEY.public_key().public_bytes_raw, reach=reach, using="owner")


def authentic(data: bytes, signature: bytes) -> bool:
    try:
        KEY.public_key().verify(signature, data)
    except InvalidSignature:
        return False
    return True


def checked(events: int) -> float:
    """Seconds for what `manage.py audit_verify` does."""
    from audit.verification import check_log

    begun = time.perf_counter()
    report = check_log(verify=authentic, using="owner")
    taken = time.perf_counter() - begun
    assert report.size >= events, report.size
    assert not report.findings, report.findings[:3]
    return taken


def writers(name: str, seconds: float, rounds: int, *, sealing: bool) -> None:
    """By turns, so that both meet the same machine."""
    found: dict[str, list[float]] = {way: [] for way in writer.WAYS}
    with ProcessPoolExecutor(WRITERS, get_context("spawn"), writer.begin) as pool:
        list(pool.map(time.sleep, [0.5] * WRITERS))  # all are there
        for number in range(rounds):
            for way in writer.WAYS if number % 2 else reversed(writer.WAYS):
                with sealer(way == "product" and sealing):
                    begin = time.time() + 0.3
                    each = [pool.submit(writer.write, way, begin, seconds) for _ in range(WRITERS)]
                    found[way].append(sum(one.result() for one in each))
    ours, plain = median(found["product"]), median(found["plain"])
    ratio = median(mine / theirs for mine, theirs in zip(*map(_by_twos, found.values()), strict=True))
    note(name, ours=ours, peer=plain, ratio=ratio, goal=">= 0.95", holds=ratio >= 0.95, unit="a second")


def _by_twos(each: list[float]) -> list[float]:
    """The rounds in which a way came first and second, together."""
    return [first + second for first, second in zip(each[::2], each[1::2], strict=True)]


@contextmanager
def sealer(at_work: bool) -> Iterator[None]:
    """Meanwhile seals once a second, as the worker does."""
    done = Event()

    def work() -> None:
        while not done.wait(1):
            sealed(timezone.now(), reach=timedelta(minutes=1))
        connections.close_all()

    thread = Thread(target=work)
    if at_work:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if at_work:
            thread.join()
