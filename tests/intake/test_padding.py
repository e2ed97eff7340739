"""What is stored or answered has one of a few lengths, and comes back whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.padding import pad, pad_page, pad_stream, padded_size, unpad, unpad_stream
from tests.thorough import FEW_CASES

KIB, MIB = 1024, 1024 * 1024


@pytest.mark.parametrize(
    ("size", "padded"),
    [
        (0, 64 * KIB),
        (1, 64 * KIB),
        (64 * KIB, 64 * KIB),
        (64 * KIB + 1, 128 * KIB),
        (128 * KIB, 128 * KIB),
        (5 * MIB, 8 * MIB),
        (100 * MIB, 128 * MIB),
        (100 * 1000 * 1000, 128 * MIB),
    ],
)
def test_a_file_takes_the_smallest_class_that_holds_it(size: int, padded: int) -> None:
    assert padded_size(size) == padded


@FEW_CASES
@given(st.integers(min_value=0, max_value=200 * MIB))
def test_a_class_holds_the_file_and_takes_at_most_twice_its_room(size: int) -> None:
    assert size <= padded_size(size) <= max(64 * KIB, 2 * size)


def test_files_to_100_mib_have_twelve_sizes() -> None:
    assert len({padded_size(size) for size in range(0, 100 * MIB + 1, 16 * KIB)}) == 12


def test_no_file_is_smaller_than_nothing() -> None:
    with pytest.raises(ValueError, match="below zero"):
        padded_size(-1)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 300_000])
def test_a_filled_file_comes_back_whole(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    chunks = [data[at : min(at + 7_001, size)] for at in range(0, size, 7_001)]
    filled = b"".join(pad_stream(iter(chunks), size))
    assert len(filled) == padded_size(size)
    halves = [filled[: len(filled) // 2], filled[len(filled) // 2 :]]
    assert b"".join(unpad_stream(halves, size)) == data[:size]
    assert b"".join(pad_stream(iter(chunks))) == filled, "the size need not be known beforehand"


def test_a_file_of_another_size_than_announced_is_noticed() -> None:
    with pytest.raises(ValueError, match="3 came"):
        list(pad_stream([b"abc"], 4))
    with pytest.raises(ValueError, match="ends before"):
        list(unpad_stream([b"abc"], 4))


@FEW_CASES
@given(st.binary(max_size=5000))
def test_an_entry_comes_back_whole_and_has_one_of_a_few_sizes(data: bytes) -> None:
    filled = pad(data)
    assert unpad(filled) == data
    assert len(filled) in {KIB, 2 * KIB, 4 * KIB, 8 * KIB}


@pytest.mark.parametrize(("size", "padded"), [(0, KIB), (KIB - 4, KIB), (KIB - 3, 2 * KIB)])
def test_an_entry_s_length_counts_towards_its_class(size: int, padded: int) -> None:
    assert len(pad(bytes(size))) == padded


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\0",
        pad(b"abc")[:-1],
        pad(b"abc") + b"\0",
        pad(b"abc")[:-1] + b"x",
        (2000).to_bytes(4, "big") + bytes(KIB - 4),
        pad(b"abc") + bytes(KIB),
    ],
    ids=["nothing", "cut prefix", "short", "long", "filled with something", "length beyond", "class above"],
)
def test_what_was_not_filled_by_us_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not filled by us"):
        unpad(data)


@FEW_CASES
@given(st.integers(min_value=0, max_value=140 * KIB))
def test_every_page_has_one_of_a_few_weights(length: int) -> None:
    page = b"<html><p>" + b"x" * length + b"</p></html>\n"
    filled = pad_page(page)
    assert len(filled) in {64 * KIB, 128 * KIB, 256 * KIB}
    assert filled.endswith(b"</html>\n")
    assert filled.startswith(page[: -len(b"</html>\n")])


@pytest.mark.parametrize("short", range(9))
def test_the_last_bytes_are_filled_even_where_no_comment_fits(short: int) -> None:
    page = b"<html>".ljust(64 * KIB - short - len("</HTML>"), b"x") + b"</HTML>"
    filled = pad_page(page)
    assert len(filled) == 64 * KIB
    assert (b"<!--" in filled) == (short >= 7)
    assert filled.replace(b"<!--", b"").replace(b"-->", b"").replace(b" ", b"") == page


def test_a_page_without_an_end_is_filled_at_its_end() -> None:
    assert pad_page(b"<p>x") == b"<p>x<!--" + b" " * (64 * KIB - 11) + b"-->"
