"""Sealed files: any size, any range, and nothing of them that was touched."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vault import Unreadable
from vault.streams import CHUNK, HEADER_SIZE, TAG, chunk_count, open_range, plain_size, seal_stream, sealed_size

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
BINDING = b"blob 1"
PATTERN = hashlib.shake_256(b"pattern").digest(4 * CHUNK)


def seal(plain: bytes, *, key: bytes = KEY, binding: bytes = BINDING, step: int | None = None) -> bytes:
    sink = io.BytesIO()
    pieces = [plain[at : at + step] for at in range(0, len(plain), step)] if step else [plain]
    told = seal_stream(pieces, sink, key=key, binding=binding)
    assert (told.size, told.sha256) == (len(plain), hashlib.sha256(plain).hexdigest())
    assert told.chunks == chunk_count(len(plain))
    assert sink.getvalue()[1:HEADER_SIZE] == told.prefix
    return sink.getvalue()


def unseal(sealed: bytes | IO[bytes], size: int, **how: Any) -> bytes:
    blob = io.BytesIO(sealed) if isinstance(sealed, bytes) else sealed
    return b"".join(open_range(blob, **{"key": KEY, "binding": BINDING, "size": size, **how}))


around = [n * CHUNK + d for n in (0, 1, 2) for d in (-1, 0, 1) if n * CHUNK + d >= 0]
sizes = st.one_of(st.sampled_from(around), st.integers(0, 3 * CHUNK))


@given(sizes, st.one_of(st.none(), st.integers(7_000, 2 * CHUNK)))
def test_what_is_sealed_comes_back(size: int, step: int | None) -> None:
    sealed = seal(PATTERN[:size], step=step)
    assert len(sealed) == sealed_size(size)
    assert unseal(sealed, size) == PATTERN[:size]


@given(sizes, st.data())
@example(0, None)
def test_any_range_comes_back(size: int, data: Any) -> None:
    sealed = seal(PATTERN[:size])
    if data is None:
        start = stop = 0
    else:
        places = st.one_of(st.sampled_from([place for place in around if place <= size]), st.integers(0, size))
        start, stop = sorted((data.draw(places), data.draw(places)))
    assert unseal(sealed, size, start=start, stop=stop) == PATTERN[start:stop]
    assert unseal(sealed, size, start=start) == PATTERN[start:size]


@pytest.mark.parametrize(("start", "stop"), [(-1, 1), (0, 11), (6, 5), (11, None)])
def test_a_range_outside_the_file_is_an_error(start: int, stop: int | None) -> None:
    with pytest.raises(ValueError, match="no range"):
        unseal(seal(PATTERN[:10]), 10, start=start, stop=stop)


def test_no_piece_is_longer_than_a_chunk() -> None:
    pieces = list(open_range(io.BytesIO(seal(PATTERN)), key=KEY, binding=BINDING, size=len(PATTERN), start=10))
    assert [len(piece) for piece in pieces] == [CHUNK - 10, CHUNK, CHUNK, CHUNK]


def test_the_same_file_never_looks_the_same_twice() -> None:
    assert seal(b"same") != seal(b"same")


# --- tampering ------------------------------------------------------------------------------------------------

SIZE = 2 * CHUNK + 100
WHOLE = PATTERN[:SIZE]
SEALED_CHUNK = CHUNK + TAG


def chunks_of(sealed: bytes) -> list[bytes]:
    body = sealed[HEADER_SIZE:]
    return [body[at : at + SEALED_CHUNK] for at in range(0, len(body), SEALED_CHUNK)]


def flipped(sealed: bytes, place: int) -> bytes:
    altered = bytearray(sealed)
    altered[place] ^= 1
    return bytes(altered)


def released(sealed: bytes, **how: Any) -> bytes:
    """Every byte that goes out before the tampering is noticed."""
    out = io.BytesIO()
    with pytest.raises(Unreadable):
        out.writelines(open_range(io.BytesIO(sealed), **{"key": KEY, "binding": BINDING, "size": SIZE, **how}))
    return out.getvalue()


@given(st.integers(0, sealed_size(SIZE) - 1))
@example(0)
@example(HEADER_SIZE - 1)
@example(HEADER_SIZE)
@example(HEADER_SIZE + CHUNK)
@example(sealed_size(SIZE) - 1)
def test_a_flipped_bit_is_noticed_before_any_byte_of_its_chunk_goes_out(place: int) -> None:
    touched = max(0, place - HEADER_SIZE) // SEALED_CHUNK
    out = released(flipped(seal(WHOLE), place))
    assert out == (b"" if place < HEADER_SIZE or touched == 2 else WHOLE[: touched * CHUNK])


TAMPERED: dict[str, Callable[[bytes], bytes]] = {
    "cut by a byte": lambda sealed: sealed[:-1],
    "cut by the last chunk": lambda sealed: sealed[: HEADER_SIZE + 2 * SEALED_CHUNK],
    "cut to the header": lambda sealed: sealed[:HEADER_SIZE],
    "emptied": lambda sealed: b"",
    "longer by a byte": lambda sealed: sealed + b"\0",
    "longer by a chunk": lambda sealed: sealed + chunks_of(sealed)[0],
    "another file of the same size": lambda _: seal(WHOLE, key=OTHER),
    "the same key, another binding": lambda _: seal(WHOLE, binding=b"blob 2"),
    "another version": lambda sealed: b"\x02" + sealed[1:],
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED)
def test_nothing_of_a_tampered_file_goes_out(tamper: Callable[[bytes], bytes]) -> None:
    assert released(tamper(seal(WHOLE))) == b""
    assert released(tamper(seal(WHOLE)), start=SIZE - 5) == b""
    assert released(tamper(seal(WHOLE)), start=5, stop=5) == b""


def test_swapped_and_repeated_chunks_are_noticed() -> None:
    sealed = seal(WHOLE)
    head, (first, second, last) = sealed[:HEADER_SIZE], chunks_of(sealed)
    assert released(head + second + first + last) == b""
    assert released(head + first + first + last) == WHOLE[:CHUNK]
    other = seal(WHOLE)
    assert released(head + first + chunks_of(other)[1] + last) == WHOLE[:CHUNK]


@pytest.mark.parametrize("size", [SIZE - 1, SIZE + 1, SIZE - 100, CHUNK, 0])
def test_a_size_that_was_edited_in_the_row_is_noticed(size: int) -> None:
    with pytest.raises(Unreadable):
        unseal(seal(WHOLE), size)


def test_a_file_cut_at_a_chunk_with_its_size_edited_to_match_is_noticed() -> None:
    cut = seal(WHOLE)[: HEADER_SIZE + SEALED_CHUNK]
    with pytest.raises(Unreadable):
        unseal(cut, CHUNK)


def test_faults_are_raised_before_the_first_piece_is_asked_for() -> None:
    for how in ({"key": OTHER}, {"binding": b"blob 2"}, {"start": SIZE - 1}):
        sealed = flipped(seal(WHOLE), -1) if "start" in how else seal(WHOLE)
        with pytest.raises(Unreadable):
            open_range(io.BytesIO(sealed), **{"key": KEY, "binding": BINDING, "size": SIZE, **how})  # type: ignore[arg-type]


# --- where the bytes lie --------------------------------------------------------------------------------------


class Trickle(io.BytesIO):
    """A file that gives less than it is asked for, as a network may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 1000) if size and size > 0 else size)


def test_a_file_on_disk_is_read_by_position(tmp_path: Path) -> None:
    path = tmp_path / "blob"
    path.write_bytes(seal(WHOLE))
    with path.open("rb") as first, path.open("rb") as second:
        one, two = (
            open_range(file, key=KEY, binding=BINDING, size=SIZE, start=start)
            for file, start in ((first, 0), (second, 5))
        )
        assert next(one) + b"".join(one) == WHOLE
        assert b"".join(two) == WHOLE[5:]
        assert first.closed


def test_a_file_cut_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "blob"
    path.write_bytes(seal(WHOLE))
    pieces = open_range(path.open("rb"), key=KEY, binding=BINDING, size=SIZE)
    assert next(pieces) == WHOLE[:CHUNK]
    path.write_bytes(b"")
    with pytest.raises(Unreadable):
        next(pieces)
    pieces.close()


def test_a_file_that_can_only_seek_is_read_too() -> None:
    assert unseal(Trickle(seal(WHOLE)), SIZE, start=3) == WHOLE[3:]


def test_the_file_is_closed_at_the_end_when_left_and_on_failure() -> None:
    ended, left, broken, wrong = (io.BytesIO(seal(WHOLE)) for _ in range(4))
    unseal(ended, SIZE)
    open_range(left, key=KEY, binding=BINDING, size=SIZE).close()
    with pytest.raises(Unreadable):
        open_range(broken, key=OTHER, binding=BINDING, size=SIZE)
    with pytest.raises(ValueError, match="no range"):
        open_range(wrong, key=KEY, binding=BINDING, size=SIZE, start=-1)
    assert [blob.closed for blob in (ended, left, broken, wrong)] == [True] * 4


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1])
def test_a_sealed_file_tells_its_size_without_its_key(size: int) -> None:
    sealed = b"\x01" + bytes(sealed_size(size) - 1)
    assert plain_size(io.BytesIO(sealed)) == size
    with pytest.raises(Unreadable):
        plain_size(io.BytesIO(b"\x02" + sealed[1:]))


@pytest.mark.parametrize("length", [0, HEADER_SIZE, HEADER_SIZE + TAG - 1, sealed_size(CHUNK) + TAG])
def test_a_length_that_no_sealed_file_has_is_noticed(length: int) -> None:
    with pytest.raises(Unreadable):
        plain_size(io.BytesIO(bytes([1] * length)))
