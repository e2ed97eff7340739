"""The log as a stranger can check it: JSON lines for docs/verify_audit_export.py, which needs nothing of ours.

    {"type":"export","format":"entaku-audit-export-1","whole":…,"size":…,"made":…}
    {"type":"key","key_id":…,"public_key":…}
    {"type":"leaf","seq":…,"hash":…,"record":…|null,"subject":…|null}     whole: every place from 0, in order
    {"type":"leaf","seq":…,"size":…,"path":[…],"record":…,"subject":…}    extract: with its path to the head of `size`
    {"type":"head","size":…,"root":…,"previous":…,"at":…,"key_id":…,"signature":…}
    {"type":"link","first":…,"size":…,"path":[…]}
    {"type":"end","lines":…}

Record and subject are the canonical texts of audit/encoding.py, as text, so that their bytes are kept. A subject above
the reader's own levels stays away; the record holds its hash and is checked all the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from itertools import chain

from django.utils import timezone

from audit import merkle, queries, reading
from audit.encoding import Row, canonical, moment, row_of, subject
from audit.heads import Head
from audit.models import Event
from audit.proofs import Tree, Unprovable
from audit.queries import Cursor, Holds, Narrowing, visible

FORMAT = "entaku-audit-export-1"
CHUNK = 2000  # places a query, of the whole log
EXTRACT_CHUNK = 500  # events a query, of an extract: each has a path to prove

Line = dict[str, object]
Reading = Callable[[], AbstractContextManager[Holds | None]]


def whole(head: Head, keys: Mapping[str, bytes], reader: Reading, *, using: str = "default") -> Iterator[str]:
    """The whole log up to the head. `reader` gives each part its own transaction and the levels its reader holds then;
    None once they may not read the log any more."""
    return _written(chain(_opening(head, keys, whole=True), _places(head, reader, using), _links(head, reader, using)))


def extract(head: Head, keys: Mapping[str, bytes], asked: Narrowing, reader: Reading) -> Iterator[str]:
    """The sealed events asked for, each with its path to the head."""
    opening = _opening(head, keys, whole=False)
    return _written(chain(opening, [[_head(head)]], _asked(head, asked, reader), _links(head, reader, "default")))


def proof(event: Event, head: Head, keys: Mapping[str, bytes], holds: Holds) -> Iterator[str]:
    """One event with its path to the head."""
    leaves = _proved([event], head, holds)
    return _written(chain(_opening(head, keys, whole=False), [[_head(head), *leaves]]))


def growth(earlier: Head, head: Head, keys: Mapping[str, bytes]) -> Iterator[str]:
    """That the log of the earlier head is the beginning of the log of the later."""
    link = _link(Tree(), earlier.size, head.size)
    return _written(chain(_opening(head, keys, whole=False), [[_head(earlier), _head(head), link]]))


def _written(parts: Iterable[Sequence[Line]]) -> Iterator[str]:
    """The lines as text, by the part, and how many there were: a file that was cut off has no end."""
    number = 0
    for part in parts:
        number += len(part)
        yield "".join(_text(line) for line in part)
        if part and part[-1]["type"] == "broken":
            return
    yield _text({"type": "end", "lines": number})


def _text(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def _opening(head: Head, keys: Mapping[str, bytes], *, whole: bool) -> Iterator[list[Line]]:
    opening: Line = {
        "type": "export", "format": FORMAT, "whole": whole, "size": head.size, "made": moment(timezone.now()),
    }  # fmt: skip
    named: list[Line] = [{"type": "key", "key_id": name, "public_key": key.hex()} for name, key in keys.items()]
    yield [opening, *named]


def _head(head: Head) -> Line:
    return {"type": "head", **asdict(head)}


def _broken(why: str) -> list[Line]:
    return [{"type": "broken", "why": why}]


def _places(head: Head, reader: Reading, using: str) -> Iterator[list[Line]]:
    at = 0
    while at < head.size:
        with reader() as holds:
            if holds is None:
                yield _broken("the reader may not read the log any more")
                return
            seals = reading.stretch(using, at, head.size, CHUNK)
            if not seals:
                yield _broken("a seal has gone")
                return
            standing = reading.standing(using, at, seals[-1][0].size)
            lines = list[Line]()
            for seal, leaves in seals:
                lines += _sealed(at, seal, merkle.unpack(leaves), standing, holds)
                at = seal.size
        yield lines


def _sealed(
    start: int, seal: Head, hashes: Sequence[bytes], standing: Mapping[int, Row | None], holds: Holds
) -> Iterator[Line]:
    first = seal.size - len(hashes)  # not `start` where a seal is gone
    for seq in range(start, seal.size):
        row = standing.get(seq)
        yield {
            "type": "leaf",
            "seq": seq,
            "hash": hashes[seq - first].hex() if seq >= first else "",
            "record": canonical(row) if row else None,
            "subject": subject(row) if row and visible(int(row[8]), holds) else None,
        }
    yield _head(seal)


def _asked(head: Head, asked: Narrowing, reader: Reading) -> Iterator[list[Line]]:
    cursor: Cursor | None = None
    while True:
        with reader() as holds:
            if holds is None:
                yield _broken("the reader may not read the log any more")
                return
            found = queries.below(queries.events(asked, holds), cursor, EXTRACT_CHUNK)
            lines = _proved(found, head, holds)
        yield lines
        if len(found) < EXTRACT_CHUNK:
            return
        cursor = Cursor(found[-1].at, found[-1].pk)


def _proved(found: Sequence[Event], head: Head, holds: Holds) -> list[Line]:
    """The events among these that the head covers. One without a path stands in no seal that is whole."""
    places = queries.places_of(found, head.size)
    tree = Tree()
    tree.load(chain.from_iterable(merkle.inclusion_spans(seq, 0, head.size) for seq in places.values()))
    lines = list[Line]()
    for event in found:
        if event.pk not in places:
            continue
        seq, row = places[event.pk], row_of(event)
        try:
            path = tree.inclusion(seq, head.size)
        except Unprovable:
            path = []
        lines.append(
            {
                "type": "leaf",
                "seq": seq,
                "size": head.size,
                "path": [each.hex() for each in path],
                "record": canonical(row),
                "subject": subject(row) if visible(event.level, holds) else None,
            }
        )
    return lines


def _links(head: Head, reader: Reading, using: str) -> Iterator[list[Line]]:
    """That the last head of each day is the beginning of this one: what kept heads of those days are met by."""
    with reader() as holds:
        if holds is None:
            yield _broken("the reader may not read the log any more")
            return
        tree = Tree(using)
        lines = [_link(tree, size, head.size) for size in queries.day_ends(head.size, using=using)]
    yield lines


def _link(tree: Tree, first: int, size: int) -> Line:
    try:
        path = tree.consistency(first, size)
    except Unprovable:
        path = []
    return {"type": "link", "first": first, "size": size, "path": [each.hex() for each in path]}
