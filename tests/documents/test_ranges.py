"""The Range header, file names and headers of a download, as plain functions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.ranges import ByteRange, Unsatisfiable, parse
from documents.services.receiving import clean_name
from documents.views.viewer import disposition


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", None),
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=0-99", ByteRange(0, 100)),
        ("bytes=0-1000", ByteRange(0, 100)),
        ("bytes=10-", ByteRange(10, 100)),
        ("bytes=-10", ByteRange(90, 100)),
        ("bytes=-1000", ByteRange(0, 100)),
        ("BYTES = 5 - 6", ByteRange(5, 7)),
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=a-b", None),
        ("bytes=１-２", None),
        ("bytes=0-9999999999999999999999", None),
    ],
)
def test_one_range_or_the_whole_file(header: str, found: ByteRange | None) -> None:
    assert parse(header, 100) == found


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_past_the_end_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        parse(header, 100)


@given(st.text(max_size=40), st.integers(1, 10**12))
def test_any_header_gives_a_range_within_the_file(header: str, size: int) -> None:
    try:
        found = parse("bytes=" + header, size)
    except Unsatisfiable:
        return
    assert found is None or 0 <= found.start < found.stop <= size


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("計画.pdf", "計画.pdf"),
        ("C:\\資料\\計画.pdf", "計画.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..", "file"),
        ("", "file"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("計画\u202efdp.exe", "計画fdp.exe"),
        ("計画　案.txt", "計画　案.txt"),
        ("あ" * 300 + ".pdf", "あ" * 235 + ".pdf"),
    ],
)
def test_a_file_name_is_only_a_name(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


@given(st.text(max_size=300))
def test_no_name_breaks_out_of_its_header(name: str) -> None:
    header = disposition(clean_name(name))
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert len(clean_name(name)) <= 255
