"""The Merkle tree of RFC 6962 §2.1 / RFC 9162 §2.1, as pure functions over SHA-256 hashes.

A tree of `size` leaves is carried as its *frontier*: the roots of the perfect subtrees it is made of, left to right,
one for each bit set in `size`. Adding N leaves costs N + log(size) hashes and no look at the leaves before.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH_BYTES = 32
# Roots of perfect subtrees from 2⁸ leaves up are kept: a hundred and twenty-eighth of the leaves, and a proof hashes at
# most 2⁸ leaves for each end of a span however long the log is.
KEPT_HEIGHT = 8
EMPTY_ROOT = sha256(b"").digest()

Frontier = tuple[bytes, ...]
Span = tuple[int, int]  # leaves from (inclusive) to (exclusive)
Subtree = Callable[[int, int], bytes]  # the root over the leaves of a span


def leaf_hash(data: bytes) -> bytes:
    """H(0x00 ‖ data): leaves and nodes can never be taken for each other."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """H(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def extend(size: int, frontier: Frontier, leaves: Sequence[bytes]) -> Frontier:
    """The frontier of the tree of `size` leaves after `leaves` (hashes) are added on the right."""
    return grow(size, frontier, leaves)[0]


def grow(size: int, frontier: Frontier, leaves: Sequence[bytes]) -> tuple[Frontier, list[bytes]]:
    """The same, and the roots of the subtrees that become complete and are kept: lowest first, left to right."""
    waiting = dict(zip(_heights(size), frontier, strict=True))
    row, height, kept = list(leaves), 0, list[bytes]()
    while row:
        if height >= KEPT_HEIGHT:
            kept += row
        if height in waiting:
            row.insert(0, waiting.pop(height))
        if len(row) % 2:
            waiting[height] = row.pop()
        row = [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=True)]
        height += 1
    return tuple(waiting[each] for each in _heights(size + len(leaves))), kept


def perfect_spans(size: int) -> list[Span]:
    """The perfect subtrees of a tree of `size` leaves, left to right: what a frontier holds the roots of."""
    spans, start = list[Span](), 0
    for height in _heights(size):
        spans.append((start, start + 2**height))
        start += 2**height
    return spans


def kept_spans(size: int, grown: int) -> list[Span]:
    """The spans whose roots `grow` returns, in its order, when a tree of `size` leaves becomes one of `grown`."""
    return [
        (index << height, (index + 1) << height)
        for height in range(KEPT_HEIGHT, grown.bit_length())
        for index in range(size >> height, grown >> height)
    ]


def root(frontier: Frontier) -> bytes:
    """The tree's root; the hash of nothing for the empty tree."""
    if not frontier:
        return EMPTY_ROOT
    *rest, result = frontier
    for left in reversed(rest):
        result = node_hash(left, result)
    return result


def pack(frontier: Sequence[bytes]) -> bytes:
    """Hashes as one string of bytes."""
    return b"".join(frontier)


def unpack(data: bytes) -> Frontier:
    """What `pack` made of them."""
    return tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """PATH(index, D[size]): the siblings from the leaf up to the root."""
    return [subtree(*span) for span in inclusion_spans(index, 0, size)]


def inclusion_spans(index: int, start: int, stop: int) -> list[Span]:
    """The spans whose roots prove the leaf at `index`, from the leaf upwards."""
    if stop - start == 1:
        return []
    middle = start + _split(stop - start)
    if index < middle:
        return [*inclusion_spans(index, start, middle), (middle, stop)]
    return [*inclusion_spans(index, middle, stop), (start, middle)]


def consistency_proof(first: int, size: int, subtree: Subtree) -> list[bytes]:
    """PROOF(first, D[size]): that the tree of `first` leaves is the beginning of the tree of `size` leaves."""
    return [subtree(*span) for span in consistency_spans(first, 0, size, whole=True)] if 0 < first < size else []


def consistency_spans(first: int, start: int, stop: int, *, whole: bool) -> list[Span]:
    """SUBPROOF of RFC 9162 §2.1.4.1, as spans; `whole` while the earlier root itself is known to whoever checks."""
    if first == stop:
        return [] if whole else [(start, stop)]
    middle = start + _split(stop - start)
    if first <= middle:
        return [*consistency_spans(first, start, middle, whole=whole), (middle, stop)]
    return [*consistency_spans(first, middle, stop, whole=False), (start, middle)]


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether the proof leads from the leaf at `index` to the root of the tree of `size` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            result = node_hash(sibling, result)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and result == expected


def consistent(first: int, size: int, first_root: bytes, size_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows the tree of `first` to be the beginning of the tree of `size` (RFC 9162 §2.1.4.2)."""
    if first == size:
        return not proof and first_root == size_root
    if not 0 < first < size or not proof:
        return False
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    at, last = first - 1, size - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == size_root


def _split(length: int) -> int:
    """The largest power of two smaller than `length` (> 1): where RFC 6962 cuts a tree."""
    return 1 << (length - 1).bit_length() - 1


def _heights(size: int) -> list[int]:
    """The heights of the perfect subtrees of a tree of `size` leaves, left to right."""
    return [height for height in range(size.bit_length() - 1, -1, -1) if size >> height & 1]
