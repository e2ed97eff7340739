"""Fills what is stored and what is answered up to a few sizes, so that its length says next to nothing.

The classes double: a text of three lines and one of twenty look alike to whoever holds the disk or watches the line,
and nothing takes more than twice its room. Filling is plain zeros, since what is stored is sealed after it is filled.
A page must not be compressed on its way, or its filling shrinks to nothing and its true length shows again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SMALLEST_FILE = 64 * 1024
SMALLEST_PAGE = 64 * 1024
SMALLEST_ENTRY = 1024
PREFIX = 4  # bytes of an entry's length
ZEROS = bytes(64 * 1024)
OPENING, CLOSING, END = b"<!--", b"-->", b"</html>"


def padded_size(size: int, *, smallest: int = SMALLEST_FILE) -> int:
    """The class of a file of so many bytes: the smallest class · 2^n that holds it. An empty file has one too."""
    if size < 0:
        raise ValueError("no size is below zero")
    return max(smallest, 1 << max(0, size - 1).bit_length())


def pad_stream(chunks: Iterable[bytes], size: int | None = None) -> Iterator[bytes]:
    """The chunks, then zeros up to the class. ValueError at the end where `size` is given and not what came."""
    seen = 0
    for chunk in chunks:
        seen += len(chunk)
        yield chunk
    if size is not None and seen != size:
        raise ValueError(f"{size} bytes were announced, {seen} came")
    left = padded_size(seen) - seen
    while left:
        step = min(left, len(ZEROS))
        yield ZEROS[:step]
        left -= step


def unpad_stream(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The first `size` bytes of a filled file. ValueError where it ends before them."""
    for chunk in chunks:
        if size <= 0:
            return
        yield chunk[:size]
        size -= len(chunk)
    if size > 0:
        raise ValueError("the file ends before its size")


def pad(data: bytes) -> bytes:
    """An entry with its length before it and zeros after it, up to 1 KiB · 2^n."""
    framed = len(data).to_bytes(PREFIX, "big") + data
    return framed.ljust(padded_size(len(framed), smallest=SMALLEST_ENTRY), b"\0")


def unpad(data: bytes) -> bytes:
    """What `pad` was given. ValueError for anything that `pad` would not have made."""
    plain = data[PREFIX : PREFIX + int.from_bytes(data[:PREFIX], "big")]
    if len(data) < PREFIX or pad(plain) != data:
        raise ValueError("this was not filled by us")
    return plain


def pad_page(html: bytes) -> bytes:
    """The page with a comment before its end that brings it to exactly 64 KiB · 2^n."""
    left = padded_size(len(html), smallest=SMALLEST_PAGE) - len(html)
    end = html.lower().rfind(END)
    if end < 0:
        end = len(html)
    return html[:end] + _comment(left) + html[end:]


def _comment(length: int) -> bytes:
    """So many bytes that show nothing; where a comment's own signs do not fit, spaces."""
    inside = length - len(OPENING) - len(CLOSING)
    return OPENING + b" " * inside + CLOSING if inside >= 0 else b" " * length
