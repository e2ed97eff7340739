"""The file of a backup: what went in comes out, and whatever was done to the file is found."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.backup.archive import MAGIC, Header, NotABackup, Reader, Writer
from vault import Unreadable
from vault.streams import CHUNK, TAG

PARTS = [("database", [b"x" * 700_000]), ("blob ab/one", [b"first", b"second"]), ("blob cd/none", []), ("end", [b"."])]


def written(path: Path, parts: list[tuple[str, list[bytes]]] = PARTS) -> bytes:
    with path.open("wb") as file:
        writer = Writer(file)
        for name, pieces in parts:
            writer.part(name, pieces)
        writer.finish()
    return path.read_bytes()


def read(path: Path) -> list[tuple[str, bytes]]:
    with path.open("rb") as file:
        return [(name, b"".join(pieces)) for name, pieces in Reader(file).parts()]


@given(sizes=st.lists(st.lists(st.integers(0, 2 * CHUNK + 3), max_size=3), max_size=4))
@settings(max_examples=25)
def test_every_part_comes_out_as_it_went_in(tmp_path_factory: pytest.TempPathFactory, sizes: list[list[int]]) -> None:
    parts = [(f"part {n}", [bytes([n]) * size for size in pieces]) for n, pieces in enumerate(sizes)]
    path = tmp_path_factory.mktemp("archive") / "a"
    written(path, parts)
    assert read(path) == [(name, b"".join(pieces)) for name, pieces in parts]


def test_parts_may_be_passed_over_and_read_once_more(tmp_path: Path) -> None:
    written(tmp_path / "a")
    with (tmp_path / "a").open("rb") as file:
        reader = Reader(file)
        for _ in range(2):
            assert [name for name, _pieces in reader.parts()] == [name for name, _pieces in PARTS]


def test_nothing_of_the_content_can_be_read_in_the_file(tmp_path: Path) -> None:
    whole = written(tmp_path / "a")
    assert whole.startswith(MAGIC)
    for word in (b"xxxx", b"second", b"blob", b"ab/one"):
        assert word not in whole


def places(whole: bytes) -> list[int]:
    """One byte of each kind: in the header's fields, the stream's start, its chunks, their tags, the end."""
    start = len(Header.read(io.BytesIO(whole))[1])
    header = [whole.index(word) + 4 for word in (b'"id"', b'"made_at"', b'"wrapped"')]
    chunks = start + 8
    return [*header, start, start + 4, chunks + 92, chunks + CHUNK + 3, chunks + 2 * (CHUNK + TAG), len(whole) - 1]


def test_no_flipped_byte_passes(tmp_path: Path) -> None:
    whole = written(tmp_path / "a")
    for place in places(whole):
        altered = bytearray(whole)
        altered[place] ^= 1
        (tmp_path / "b").write_bytes(altered)
        with pytest.raises((Unreadable, NotABackup)):
            read(tmp_path / "b")


def test_no_cut_file_passes_and_none_with_something_added(tmp_path: Path) -> None:
    whole = written(tmp_path / "a")
    start = len(whole) - len(whole) % 1000
    for altered in (whole[:-1], whole[: -TAG - 30], whole[: start // 2], whole[:40], b"", whole + b"\0"):
        (tmp_path / "b").write_bytes(altered)
        with pytest.raises((Unreadable, NotABackup)):
            read(tmp_path / "b")


def test_a_cut_is_found_before_the_first_part_is_given_out(tmp_path: Path) -> None:
    whole = written(tmp_path / "a")
    begin = len(Header.read(io.BytesIO(whole))[1])
    (tmp_path / "b").write_bytes(whole[: begin + 8 + CHUNK + TAG])  # where a chunk ends
    with (tmp_path / "b").open("rb") as file, pytest.raises(Unreadable):
        next(iter(Reader(file).parts()))


def test_swapped_chunks_and_another_backups_header_are_refused(tmp_path: Path) -> None:
    whole, other = written(tmp_path / "a"), written(tmp_path / "other")
    begin, size = len(Header.read(io.BytesIO(whole))[1]), CHUNK + TAG
    first = begin + 8
    swapped = whole[:first] + whole[first + size : first + 2 * size] + whole[first : first + size]
    for altered in (swapped + whole[first + 2 * size :], other[:begin] + whole[begin:], whole[:begin] + other[begin:]):
        assert len(altered) == len(whole)
        (tmp_path / "b").write_bytes(altered)
        with pytest.raises(Unreadable):
            read(tmp_path / "b")


@pytest.mark.parametrize("content", [b"", b"PGDMP", MAGIC, MAGIC + b"\0\0\0\2{}", MAGIC + b"\xff\xff\xff\xff{}"])
def test_what_is_no_backup_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(NotABackup):
        read(tmp_path / "a")
