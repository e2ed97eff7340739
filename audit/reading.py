"""The log as it stands in the database, streamed in sealed order with flat memory.

COPY and not a cursor: the server goes on reading while we hash, so that both processors are at work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db import DatabaseError, connections
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

from audit.encoding import COLUMNS, COPIED, Row, hash_of
from audit.heads import Head
from audit.models import Seal
from audit.stretches import CHUNK, Chunk, fields

SEALS_A_PAGE = 1000

# OFFSET 0 keeps it a nested loop: a hash join sorts a million rows on disk before it gives the first.
PLACED = f"""
SELECT l.seq, l.event_id, {COPIED}
  FROM audit_leaf l LEFT JOIN LATERAL (SELECT * FROM audit_event WHERE id = l.event_id OFFSET 0) e ON true
"""  # noqa: S608 - our own columns
PLACES = PLACED + "WHERE l.seq >= {start:d} AND l.seq < {stop:d} ORDER BY l.seq"
BEYOND = PLACED + "WHERE l.seq >= (SELECT coalesce(max(tree_size), 0) FROM audit_seal) ORDER BY l.seq LIMIT {limit:d}"  # noqa: S608
SEALS = """
SELECT tree_size, encode(root_hash, 'hex'), encode(previous, 'hex'),
       to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), key_id, encode(signature, 'hex'),
       frontier, octet_length(leaves) / 32, sha256(leaves || subtrees)
  FROM audit_seal WHERE tree_size > %s ORDER BY tree_size LIMIT %s
"""
LOOSE = f"""
SELECT e.id::text, {COLUMNS} FROM audit_event e
 WHERE e.at < %s AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.event_id = e.id) ORDER BY e.at, e.id LIMIT %s
"""  # noqa: S608 - our own columns
# The seal that completed the subtree that ends at `stop` is the first that reaches it.
COMPLETED = """
SELECT DISTINCT s.tree_size, octet_length(s.leaves) / 32, s.subtrees
  FROM unnest(%s::bigint[]) AS wanted (stop) CROSS JOIN LATERAL
       (SELECT * FROM audit_seal WHERE tree_size >= wanted.stop ORDER BY tree_size LIMIT 1) s
"""
KEPT_LEAVES = """
SELECT tree_size, leaves FROM audit_seal WHERE tree_size IN (
    SELECT s.tree_size FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (start, stop) JOIN audit_seal s
        ON s.tree_size > wanted.start
       AND s.tree_size <= (SELECT min(tree_size) FROM audit_seal WHERE tree_size >= wanted.stop))
"""
# As many whole seals as make up the next stretch of about that many events: one at least.
STRETCH = """
SELECT tree_size, encode(root_hash, 'hex'), encode(previous, 'hex'),
       to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), key_id, encode(signature, 'hex'), leaves
  FROM audit_seal WHERE tree_size > %(after)s AND tree_size <= %(size)s AND tree_size <= greatest(
       %(after)s + %(events)s, (SELECT min(tree_size) FROM audit_seal WHERE tree_size > %(after)s))
 ORDER BY tree_size
"""
SEES_ALL = """
SELECT NOT row_security_active('audit_event') OR pg_has_role(current_user, 'portal_worker', 'USAGE')
"""


# One place of the sealed order and what is there now: seq, event id, its time, its leaf hash (None: the event is gone).
# A bare tuple: a million of them are made, and a named one costs five times as much.
Place = tuple[int, str, str, bytes | None]


Loose = tuple[str, bytes]  # an event without a place: its id and leaf hash


class SealRow(NamedTuple):
    """A seal as the verifier reads it: how many leaves it says it added, and the hash of all it keeps of them."""

    head: Head
    frontier: bytes
    added: int
    kept_hash: bytes


def sees_all(using: str) -> bool:
    """Whether this connection's role sees the whole log. The web role would see nothing, and find nothing wrong."""
    return bool(_one(using, SEES_ALL))


def size(using: str) -> int:
    """How many events are sealed."""
    return int(_one(using, "SELECT coalesce(max(tree_size), 0) FROM audit_seal"))


def places(using: str, start: int, stop: int) -> Iterator[Place]:
    """What stands at the places from `start` to before `stop`, in order; a place without a leaf is left out."""
    return _streamed(using, PLACES.format(start=start, stop=stop))


def chunks(using: str, start: int, stops: Sequence[int]) -> Iterator[Chunk]:
    """The same up to where the last of some seals ends, by the chunk of whole seals. A query for each: a row is not
    looked at until it is hashed."""
    taken = list[int]()
    for stop in stops:
        taken.append(stop)
        if stop - start >= CHUNK or stop == stops[-1]:
            yield Chunk(start, taken, b"".join(_lines(using, start, stop)))
            start, taken = stop, []


def beyond(using: str, limit: int) -> list[Place]:
    """What stands after the last seal. One statement: a sealer may be at work."""
    return list(_streamed(using, BEYOND.format(limit=limit)))


def seals(using: str) -> Iterator[list[SealRow]]:
    """All seals in order, by the page."""
    after = 0
    while page := [SealRow(Head(*row[:6]), *row[6:]) for row in _all(using, SEALS, (after, SEALS_A_PAGE))]:
        yield page
        after = page[-1].head.size


def loose(using: str, before: str, limit: int) -> list[Loose]:
    """Events from before the moment that no place leads to, oldest first."""
    return [(row[0], hash_of(row)) for row in _all(using, LOOSE, (before, limit))]


def leaves_of(using: str, size: int) -> bytes:
    """The leaf hashes kept by the seal of the tree of `size`."""
    return bytes(Seal.objects.using(using).values_list("leaves", flat=True).get(tree_size=size))


def subtrees_at(using: str, stops: Iterable[int]) -> list[tuple[int, int, bytes]]:
    """Of each seal that completed a subtree ending at one of `stops`: size, number of leaves added, subtrees."""
    rows = _all(using, COMPLETED, (sorted(set(stops)),))
    return [(size, added, bytes(subtrees)) for size, added, subtrees in rows]


def leaves_within(using: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, bytes]]:
    """The size and kept leaf hashes of each seal that covers any part of the spans."""
    starts, stops = zip(*sorted(spans), strict=True)
    return [(size, bytes(leaves)) for size, leaves in _all(using, KEPT_LEAVES, (list(starts), list(stops)))]


def stretch(using: str, after: int, size: int, events: int) -> list[tuple[Head, bytes]]:
    """The next whole seals after `after`, up to `size`, of about `events` events; with their kept leaf hashes."""
    rows = _named(using, STRETCH, {"after": after, "size": size, "events": events})
    return [(Head(*row[:6]), bytes(row[6])) for row in rows]


def standing(using: str, start: int, stop: int) -> dict[int, Row | None]:
    """The events at the places from `start` to before `stop`; None where an event is gone."""
    lines = _copied(using, PLACES.format(start=start, stop=stop))
    rows = (fields(str(line, "utf-8")[:-1]) for line in lines)
    return {int(seq): row if row[1] else None for seq, *row in rows}


def _streamed(using: str, query: str) -> Iterator[Place]:
    for line in _copied(using, query):
        seq, *row = fields(str(line, "utf-8")[:-1])
        yield int(seq), row[0], row[1], hash_of(row) if row[1] else None


def _lines(using: str, start: int, stop: int) -> Iterator[bytes]:
    """Bytes, which the garbage collector leaves alone; it would look through thousands of views again and again."""
    return map(bytes, _copied(using, PLACES.format(start=start, stop=stop)))


def _copied(using: str, query: str) -> Iterator[memoryview]:
    """The lines of COPY by libpq itself: psycopg's own loop waits anew for each, a tenth of the whole check."""
    connections[using].ensure_connection()
    libpq: PGconn = connections[using].connection.pgconn
    begun = libpq.exec_(f"COPY ({query}) TO STDOUT".encode())
    if begun.status != ExecStatus.COPY_OUT:
        raise DatabaseError(begun.get_error_message())
    ended = False
    try:
        while line := libpq.get_copy_data(0)[1]:
            yield line
        while libpq.get_result():
            pass
        ended = True
    finally:
        if not ended:
            connections[using].close()  # left in the middle of a COPY it is of no further use


def _all(using: str, sql: str, params: tuple[int | str | list[int], ...]) -> list[Any]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, params or None)
        return list(cursor.fetchall())


def _named(using: str, sql: str, params: dict[str, int]) -> list[Any]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _one(using: str, sql: str) -> Any:
    return _all(using, sql, ())[0][0]
