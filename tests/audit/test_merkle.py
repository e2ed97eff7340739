"""The Merkle functions agree with the recursive definition of RFC 6962 §2.1, whatever the sizes."""

from collections.abc import Sequence
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from audit import merkle

LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(300)]


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH as the RFC writes it down."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    return sha256(b"\x01" + naive_root(leaves[:cut]) + naive_root(leaves[cut:])).digest()


def grown(size: int) -> merkle.Frontier:
    return merkle.extend(0, (), LEAVES[:size])


def subtree(start: int, stop: int) -> bytes:
    return naive_root(LEAVES[start:stop])


sizes = st.integers(1, len(LEAVES))


@given(st.lists(st.integers(0, 60), max_size=6))
def test_root_is_the_same_however_the_leaves_arrive(batches: list[int]) -> None:
    size, frontier = 0, merkle.Frontier()
    for batch in batches:
        batch = min(batch, len(LEAVES) - size)
        frontier = merkle.extend(size, frontier, LEAVES[size : size + batch])
        size += batch
    assert merkle.root(frontier) == naive_root(LEAVES[:size])
    assert len(frontier) == size.bit_count()
    assert merkle.unpack(merkle.pack(frontier)) == frontier


def test_known_root_of_certificate_transparency() -> None:
    """The reference tree of RFC 6962 implementations: eight inputs, published root."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [merkle.leaf_hash(bytes.fromhex(each)) for each in inputs]
    expected = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert merkle.root(merkle.extend(0, (), leaves)).hex() == expected


@given(st.data())
def test_inclusion_is_proved_under_any_size(data: st.DataObject) -> None:
    size = data.draw(sizes)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, size, subtree)
    top = naive_root(LEAVES[:size])
    assert merkle.includes(LEAVES[index], index, size, proof, top)
    assert not merkle.includes(LEAVES[index][::-1], index, size, proof, top)
    assert not merkle.includes(LEAVES[index], index, size, [*proof, top], top)
    other = data.draw(st.integers(0, size - 1))
    assert merkle.includes(LEAVES[index], other, size, proof, top) == (other == index)
    for at in range(len(proof)):
        bent = [*proof[:at], proof[at][::-1], *proof[at + 1 :]]
        assert not merkle.includes(LEAVES[index], index, size, bent, top)


def test_a_leaf_outside_the_tree_is_not_included() -> None:
    assert not merkle.includes(LEAVES[0], 1, 1, [], LEAVES[0])
    assert not merkle.includes(LEAVES[0], -1, 1, [], LEAVES[0])


@given(st.data())
def test_consistency_is_proved_and_a_rewritten_beginning_is_not(data: st.DataObject) -> None:
    size = data.draw(sizes)
    first = data.draw(st.integers(1, size))
    proof = merkle.consistency_proof(first, size, subtree)
    old, new = naive_root(LEAVES[:first]), naive_root(LEAVES[:size])
    assert merkle.consistent(first, size, old, new, proof)
    assert not merkle.consistent(first, size, old[::-1], new, proof)
    assert not merkle.consistent(first, size, old, new[::-1], proof)
    assert not merkle.consistent(first, size, old, new, [*proof, new])
    changed = data.draw(st.integers(0, first - 1))
    rewritten = [*LEAVES[:changed], LEAVES[changed][::-1], *LEAVES[changed + 1 : size]]
    forged = merkle.consistency_proof(first, size, lambda start, stop: naive_root(rewritten[start:stop]))
    assert not merkle.consistent(first, size, old, naive_root(rewritten), forged)


def test_a_longer_tree_is_not_the_beginning_of_a_shorter() -> None:
    assert not merkle.consistent(3, 2, LEAVES[0], LEAVES[1], [])
    assert not merkle.consistent(0, 2, merkle.EMPTY_ROOT, LEAVES[1], [LEAVES[0]])
    assert not merkle.consistent(1, 2, LEAVES[0], LEAVES[1], [])


@given(st.lists(st.integers(0, 300), max_size=6))
def test_each_larger_subtree_is_kept_once_by_whatever_completes_it(batches: list[int]) -> None:
    leaves = [merkle.leaf_hash(bytes([number % 256, number // 256])) for number in range(sum(batches))]
    size, frontier, kept = 0, merkle.Frontier(), dict[merkle.Span, bytes]()
    for batch in batches:
        frontier, roots = merkle.grow(size, frontier, leaves[size : size + batch])
        spans = merkle.kept_spans(size, size + batch)
        assert not kept.keys() & set(spans)
        kept.update(zip(spans, roots, strict=True))
        size += batch
    assert kept == {span: naive_root(leaves[slice(*span)]) for span in merkle.kept_spans(0, size)}
    assert all(stop - start >= 256 and start % (stop - start) == 0 for start, stop in kept)
