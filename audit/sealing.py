"""The sealer: numbers every event that has no place yet and signs the Merkle tree over all of them.

An event may come to light late (its transaction was long, a clock was slow), so the sealer asks for what has no leaf
instead of trusting a watermark. How far back it looks is the caller's `reach`, counted from the last seal: a minute
each second, an hour each minute and everything once a day cost next to nothing together (portal.tasks).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import connections, transaction

from audit import merkle
from audit.encoding import COLUMNS, hash_of
from audit.heads import BEFORE_THE_FIRST, Head, head_at
from audit.models import Seal

BATCH = 5000  # events a seal: a proof hashes one batch, a transaction inserts one
LOCK = int.from_bytes(sha256(b"entaku audit sealer").digest()[:8], "big", signed=True)

# What was sealed lately is taken off first, set from set: to look for each event's place by itself takes three times as
# long, and it is done each second for all of the last minute. Whatever that leaves out, the last condition holds.
# OFFSET 0 keeps it a loop over the few that are left.
UNSEALED = f"""
WITH candidate AS MATERIALIZED (
    SELECT id FROM audit_event WHERE at >= %s EXCEPT SELECT event_id FROM audit_leaf WHERE seq >= %s)
SELECT e.id::text, {COLUMNS}
  FROM candidate c CROSS JOIN LATERAL (SELECT * FROM audit_event WHERE id = c.id OFFSET 0) e
 WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.event_id = c.id)
 ORDER BY e.at, e.id LIMIT %s
"""  # noqa: S608 - our own columns
# The first place of what was sealed since then. A seal is never older than the one before, and there is one a second.
SINCE = "SELECT tree_size FROM audit_seal WHERE at < %s ORDER BY tree_size DESC LIMIT 1"
NUMBER = """
INSERT INTO audit_leaf (seq, event_id)
SELECT %s + n - 1, id FROM unnest(%s::uuid[]) WITH ORDINALITY AS given (id, n)
"""


def seal(
    *,
    sign: Callable[[bytes], bytes],
    at: datetime | None = None,
    public_key: Callable[[], bytes] = bytes,
    reach: timedelta | None = None,
    using: str = "default",
) -> int:
    """Seal what has no place in the log yet; how many events that were.

    Looks `reach` back from the last seal, or at everything. Does nothing while another sealer is at work. Runs as
    `portal_worker` or the owner. `public_key` is asked for after `sign` and named in the seal.
    """
    sealed, since = 0, ""
    while True:
        with transaction.atomic(using=using):
            added, since = _seal_batch(sign, at, public_key, reach, since, using)
        sealed += added
        if added < BATCH:
            return sealed


def _seal_batch(
    sign: Callable[[bytes], bytes],
    at: datetime | None,
    public_key: Callable[[], bytes],
    reach: timedelta | None,
    since: str,
    using: str,
) -> tuple[int, str]:
    """How many events, and when the last of them happened: what was before this run has just been looked at."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0, since
        if at is None:  # by the clock that the events were dated by
            cursor.execute("SELECT clock_timestamp()")
            at = cursor.fetchone()[0]
        last = Seal.objects.using(using).defer("leaves").order_by("-tree_size").first()
        if last and reach is not None and not since:
            # A seal may say a later time than it is now, where a clock was set back since.
            since = str(min(last.at, at) - reach)
        cursor.execute(SINCE, [since or "-infinity"])
        ((first,),) = cursor.fetchall() or [(0,)]
        cursor.execute(UNSEALED, [since or "-infinity", first, BATCH])
        rows = cursor.fetchall()
        if not rows:
            return 0, since
        size = last.tree_size if last else 0
        cursor.execute(NUMBER, [size, [row[0] for row in rows]])
    leaves = [hash_of(row) for row in rows]
    frontier, subtrees = merkle.grow(size, merkle.unpack(bytes(last.frontier)) if last else (), leaves)
    when = max(at, last.at) if last else at
    made = Seal(
        tree_size=size + len(leaves),
        root_hash=merkle.root(frontier),
        frontier=merkle.pack(frontier),
        leaves=merkle.pack(leaves),
        subtrees=merkle.pack(subtrees),
        previous=Head.of(last).digest if last else BEFORE_THE_FIRST,
        at=when,
    )
    made.signature = sign(head_at(made, when))
    made.key_id = key_id(public_key())
    made.save(using=using, force_insert=True)
    return len(leaves), rows[-1][1]


def key_id(public: bytes) -> str:
    """The short name of a public key: the first 16 hexadecimal digits of its SHA-256."""
    return sha256(public).hexdigest()[:16]
