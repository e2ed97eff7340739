"""Proofs over the one growing log: that an event stands under a head, that one head's log begins another's.

Every seal is a head of the same tree, so a proof leads from any event or head to any later head. What it needs are
roots of spans; they are put together from what the seals keep, never from the events. Nothing here is believed: a
proof either leads to a signed root or it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from audit import merkle, reading
from audit.merkle import KEPT_HEIGHT, Span


class Unprovable(LookupError):
    """What the seals keep is not whole: `manage.py audit_verify` says where."""


class Tree:
    """The log's tree as the connection's role may read it. Knows what was loaded; a proof loads what it needs."""

    def __init__(self, using: str = "default") -> None:
        self._using = using
        self._known: dict[Span, bytes] = {}

    def inclusion(self, place: int, size: int) -> list[bytes]:
        """The path from the leaf at `place`, counted from 0, to the root of the tree of `size`. Raises Unprovable."""
        self.load(merkle.inclusion_spans(place, 0, size))
        return merkle.inclusion_proof(place, size, self._root)

    def consistency(self, first: int, size: int) -> list[bytes]:
        """That the tree of `first` leaves is the beginning of the tree of `size`. Raises Unprovable."""
        if 0 < first < size:
            self.load(merkle.consistency_spans(first, 0, size, whole=True))
        return merkle.consistency_proof(first, size, self._root)

    def load(self, spans: Iterable[Span]) -> None:
        """Read all that these spans need and is not known yet, in two queries however many they are."""
        parts = {part for span in spans for part in _parts(*span)} - self._known.keys()
        kept = {part for part in parts if _is_kept(part)}
        if kept:
            for size, added, subtrees in reading.subtrees_at(self._using, (stop for _start, stop in kept)):
                # Damage shows by what is missing or by a proof that leads nowhere.
                roots = merkle.unpack(subtrees)
                self._known.update(zip(merkle.kept_spans(size - added, size), roots, strict=False))
        if parts - kept:
            self._load_leaves(parts - kept)

    def _load_leaves(self, parts: set[Span]) -> None:
        leaves: dict[int, bytes] = {}
        for size, data in reading.leaves_within(self._using, parts):
            hashes = merkle.unpack(data)
            leaves.update(enumerate(hashes, size - len(hashes)))
        for start, stop in parts:
            hashes = tuple(leaves[seq] for seq in range(start, stop) if seq in leaves)
            if len(hashes) == stop - start:
                self._known[start, stop] = merkle.root(merkle.extend(0, (), hashes))

    def _root(self, start: int, stop: int) -> bytes:
        frontier = []
        for part in _parts(start, stop):
            if part not in self._known:
                raise Unprovable(part)
            frontier.append(self._known[part])
        return merkle.root(tuple(frontier))


def _parts(start: int, stop: int) -> Iterator[Span]:
    """The perfect subtrees of a span, left to right, as far as they are kept, and what is left of it as leaves."""
    while stop - start > 2**KEPT_HEIGHT:
        length = stop - start
        whole = 1 << length.bit_length() - 1
        yield (start, start + whole)
        start += whole
    if start < stop:
        yield (start, stop)


def _is_kept(part: Span) -> bool:
    length = part[1] - part[0]
    return length >= 2**KEPT_HEIGHT and length & (length - 1) == 0
