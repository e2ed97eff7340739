"""Which row it is, where the root of a seal no longer comes out.

The seal keeps the hashes of the leaves it added. Where they lead to the signed root they are evidence of what stood at
each place, and the rows there now are compared with them one by one, across all stretches at fault at once: a row
taken from one and put into another is named as moved. Whoever bends the kept hashes as well hides which row of the
second it is, not that it is one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from audit import merkle, reading
from audit.findings import Fault, Finding
from audit.heads import Head
from audit.reading import Loose, Place

MOST_ROWS = 100_000  # compared one by one; beyond that a stretch is named as a whole


@dataclass(frozen=True, slots=True)
class Suspect:
    """A seal whose root does not come out, and the tree before it as far as it is known."""

    head: Head
    start: int
    frontier: merkle.Frontier


@dataclass(frozen=True, slots=True)
class Stray:
    """A place where something else stands than was sealed there (None: nothing was, the last seal ends before it)."""

    seq: int
    sealed: bytes | None
    there: Place | None


def diagnose(
    suspects: Sequence[Suspect],
    *,
    loose: Sequence[Loose],
    beyond: Sequence[Place],
    using: str,
    authentic: Callable[[Head], bool],
) -> Iterator[Finding]:
    """What happened to each row of the suspect stretches, of the events no place leads to (`loose`), and of the places
    `beyond` the last seal."""
    strays = [Stray(place[0], None, place) for place in beyond]
    looked_at = 0
    for suspect in suspects:
        looked_at += suspect.head.size - suspect.start
        evidence = _evidence(suspect, using, authentic) if looked_at <= MOST_ROWS else None
        if evidence is None:
            yield Finding(Fault.STRETCH, suspect.start, until=suspect.head.size - 1, sealed_at=suspect.head.at)
        else:
            strays += _compare(suspect, evidence, using)
    known = {stray.sealed: stray.seq for stray in strays if stray.sealed}
    yield from (Finding(Fault.UNSEALED, event_id=id_) for id_, hashed in loose if hashed not in known)
    yield from _explain(strays, known, {hashed: id_ for id_, hashed in loose})


def _evidence(suspect: Suspect, using: str, authentic: Callable[[Head], bool]) -> merkle.Frontier | None:
    """The leaf hashes as they were sealed, or None where that can no longer be known."""
    leaves = merkle.unpack(reading.leaves_of(using, suspect.head.size))
    if len(leaves) != suspect.head.size - suspect.start:
        return None
    root = merkle.root(merkle.extend(suspect.start, suspect.frontier, leaves)).hex()
    # A seal that is itself forged says nothing of its rows: its leaves are then the best there is.
    return leaves if root == suspect.head.root or not authentic(suspect.head) else None


def _compare(suspect: Suspect, evidence: merkle.Frontier, using: str) -> Iterator[Stray]:
    there = {place[0]: place for place in reading.places(using, suspect.start, suspect.head.size)}
    for seq, sealed in enumerate(evidence, suspect.start):
        place = there.get(seq)
        if place is None or place[3] != sealed:
            yield Stray(seq, sealed, place)


def _explain(strays: Sequence[Stray], known: dict[bytes, int], loose: dict[bytes, str]) -> Iterator[Finding]:
    """`known`: where each of the hashes that are not in their place was sealed."""
    present = {stray.there[3] for stray in strays if stray.there}
    for stray in strays:
        id_, hashed = (stray.there[1], stray.there[3]) if stray.there else ("", None)
        elsewhere = stray.sealed is None or stray.sealed in present or stray.sealed in loose
        if hashed is not None and hashed in known:
            yield Finding(Fault.REORDERED, stray.seq, id_, sealed_seq=known[hashed])
            if not elsewhere:
                yield Finding(Fault.REMOVED, stray.seq)
        elif stray.sealed is None:
            yield Finding(Fault.BEYOND, stray.seq, id_)
        elif hashed is not None:
            yield Finding(Fault.INSERTED if elsewhere else Fault.ALTERED, stray.seq, id_)
        elif not elsewhere:
            yield Finding(Fault.REMOVED, stray.seq, id_)
        if stray.sealed is not None and stray.sealed in loose:
            yield Finding(Fault.UNPLACED, stray.seq, loose[stray.sealed])
