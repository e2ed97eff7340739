"""What a file is, by its content: never by what its sender calls it.

The first kilobytes decide at once, while it is handed over; the worker then looks at all of it (office formats are zip
archives whose list of contents stands at the end).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

from .encodings import encoding_of
from .kinds import BINARY, RUN_BY_NAME, Kind, extension

MAGIC: tuple[tuple[bytes, Kind, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", Kind.IMAGE, "image/png"),
    (b"\xff\xd8\xff", Kind.IMAGE, "image/jpeg"),
    (b"GIF87a", Kind.IMAGE, "image/gif"),
    (b"GIF89a", Kind.IMAGE, "image/gif"),
    (b"II*\0", Kind.IMAGE, "image/tiff"),
    (b"MM\0*", Kind.IMAGE, "image/tiff"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OFFICE, BINARY),
    (b"\x1f\x8b", Kind.ARCHIVE, "application/gzip"),
    (b"7z\xbc\xaf'\x1c", Kind.ARCHIVE, "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", Kind.ARCHIVE, BINARY),
    (b"\xfd7zXZ\0", Kind.ARCHIVE, BINARY),
    (b"BZh", Kind.ARCHIVE, BINARY),
    (b"\x7fELF", Kind.ACTIVE, BINARY),
    (b"\xfe\xed\xfa\xce", Kind.ACTIVE, BINARY),
    (b"\xfe\xed\xfa\xcf", Kind.ACTIVE, BINARY),
    (b"\xce\xfa\xed\xfe", Kind.ACTIVE, BINARY),
    (b"\xcf\xfa\xed\xfe", Kind.ACTIVE, BINARY),
    (b"\xca\xfe\xba\xbe", Kind.ACTIVE, BINARY),
    (b"\0asm", Kind.ACTIVE, BINARY),
    (b"L\0\0\0\x01\x14\x02\0", Kind.ACTIVE, BINARY),
    (b"#!", Kind.ACTIVE, BINARY),
)
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# What a browser would take for a page (WHATWG MIME Sniffing, "unknown MIME type"), and SVG.
PAGE = re.compile(
    r"(?:<!doctype\s+html|<(?:html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|svg)[\s>/]|<!--)",
    re.I,
)
PROLOGUE = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*)?(?:(?><!--.*?-->)\s*)*+(?:<!doctype\s+svg[^>]*>\s*)?", re.I | re.S)
OFFICE_PARTS = (
    ("word/", Kind.WORD, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/", Kind.SHEET, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", Kind.SLIDES, "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
LARGEST_DIRECTORY = 8 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """What a file is: its kind, the media type it is handed out as, and of a text the codec that reads it."""

    kind: Kind
    media_type: str = BINARY
    encoding: str = ""


ACTIVE = Finding(Kind.ACTIVE)
OTHER = Finding(Kind.OTHER)
ARCHIVE = Finding(Kind.ARCHIVE, "application/zip")

Reader = Callable[[int, int], bytes]


def by_head(name: str, head: bytes) -> Finding:
    """What the beginning of a file says. Office formats are told from plain archives by their first entry."""
    if extension(name) in RUN_BY_NAME:
        return ACTIVE
    for magic, kind, media_type in MAGIC:
        if head.startswith(magic):
            return Finding(kind, media_type)
    if head[8:12] == b"WEBP" and head.startswith(b"RIFF"):
        return Finding(Kind.IMAGE, "image/webp")
    if head.startswith(b"MZ") and b"\0" in head:
        return ACTIVE
    if b"%PDF-" in head[:1024]:
        return Finding(Kind.PDF, "application/pdf")
    if head.startswith(ZIP):
        return _office(_first_entries(head)) or ARCHIVE
    return _text(head)


def by_content(name: str, head: bytes, size: int, read: Reader) -> Finding:
    """What the whole file says. `read(offset, length)` gives its bytes; only an archive's directory is asked for."""
    found = by_head(name, head)
    if found.kind is Kind.ACTIVE or not head.startswith(ZIP):
        return found
    names = directory(size, read)
    if any(entry.endswith("vbaProject.bin") for entry in names):
        return ACTIVE  # macros run
    return _office(names) or ARCHIVE


def directory(size: int, read: Reader) -> list[str]:
    """The names in a zip archive's central directory (APPNOTE 4.3.12, 4.3.16); empty when it has none we would read."""
    tail_at = max(0, size - 65_557)
    tail = read(tail_at, size - tail_at)
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < 22:
        return []
    length, offset = struct.unpack_from("<II", tail, found + 12)
    if length > LARGEST_DIRECTORY or offset + length > size:
        return []
    return list(_entries(read(offset, length)))


def _entries(listing: bytes) -> list[str]:
    names, at = [], 0
    while listing[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(listing):
        name_length, extra, comment = struct.unpack_from("<HHH", listing, at + 28)
        names.append(listing[at + 46 : at + 46 + name_length].decode("utf-8", "replace"))
        at += 46 + name_length + extra + comment
    return names


def _first_entries(head: bytes) -> list[str]:
    """The names of the local entries that begin within the head."""
    names = []
    for match in re.finditer(rb"PK\x03\x04", head):
        if match.start() + 30 <= len(head):
            (length,) = struct.unpack_from("<H", head, match.start() + 26)
            names.append(head[match.start() + 30 : match.start() + 30 + length].decode("utf-8", "replace"))
    return names


def _office(names: list[str]) -> Finding | None:
    if not any(name in ("[Content_Types].xml", "_rels/.rels") for name in names):
        return None
    for folder, kind, media_type in OFFICE_PARTS:
        if any(name.startswith(folder) for name in names):
            return Finding(kind, media_type)
    return None


def _text(head: bytes) -> Finding:
    encoding = encoding_of(head)
    if not encoding:
        return OTHER
    text = head.decode(encoding, "replace").lstrip("\ufeff")
    start = PROLOGUE.match(text)
    if PAGE.match(text.lstrip()) or PAGE.match(text, start.end() if start else 0):
        return ACTIVE
    return Finding(Kind.TEXT, "text/plain", encoding)
