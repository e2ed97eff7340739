"""What a file is, by its content."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.demo.pdf import pdf
from documents.encodings import decoded, encoding_of
from documents.kinds import BINARY, Kind, kept_promise
from documents.sniffing import by_content, by_head

SENTENCE = "重要物資の安定供給に向け、調達先の分散と在庫の確保を進める。カタカナも、ひらがなも。\n" * 3


def archive(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as written:
        for name in names:
            written.writestr(name, "x")
    return made.getvalue()


DOCX = archive("[Content_Types].xml", "_rels/.rels", "word/document.xml")
CONTENTS: list[tuple[str, str, bytes, Kind, str]] = [
    ("text", "計画.txt", SENTENCE.encode(), Kind.TEXT, "text/plain"),
    ("text in Shift_JIS", "計画.txt", SENTENCE.encode("cp932"), Kind.TEXT, "text/plain"),
    ("a table", "一覧.csv", "品目,数量\n磁石,12\n".encode("cp932"), Kind.TEXT, "text/plain"),
    ("XML that is data", "data.xml", b'<?xml version="1.0"?><root>1</root>', Kind.TEXT, "text/plain"),
    ("PDF", "plan.pdf", pdf([["Hello"]]), Kind.PDF, "application/pdf"),
    ("PDF after a few bytes", "plan.pdf", b"\xef\xbb\xbf\n" + pdf([["Hello"]]), Kind.PDF, "application/pdf"),
    ("PNG", "図.png", b"\x89PNG\r\n\x1a\n" + bytes(20), Kind.IMAGE, "image/png"),
    ("JPEG", "図.jpg", b"\xff\xd8\xff\xe0" + bytes(20), Kind.IMAGE, "image/jpeg"),
    ("Word", "案.docx", DOCX, Kind.WORD, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (
        "Excel", "表.xlsx", archive("[Content_Types].xml", "xl/workbook.xml"), Kind.SHEET,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        "PowerPoint", "資料.pptx", archive("[Content_Types].xml", "ppt/presentation.xml"), Kind.SLIDES,
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    ("old office", "古い.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), Kind.OFFICE, BINARY),
    ("zip", "一式.zip", archive("a.txt", "b.txt"), Kind.ARCHIVE, "application/zip"),
    ("zip without a directory", "一式.zip", archive("a.txt")[:30] + bytes(50), Kind.ARCHIVE, "application/zip"),
    ("bytes", "data.bin", bytes(range(256)) * 4, Kind.OTHER, BINARY),
    ("half a text", "a.txt", SENTENCE.encode()[:-2], Kind.TEXT, "text/plain"),
    ("HTML", "page.txt", b"  <!DOCTYPE html><html><script>1</script>", Kind.ACTIVE, BINARY),
    ("HTML fragment", "page.txt", b"<script>alert(1)</script>", Kind.ACTIVE, BINARY),
    ("HTML after a prologue", "page.txt", b'<?xml version="1.0"?>\n<!-- a -->\n<html>', Kind.ACTIVE, BINARY),
    ("SVG", "図.txt", b'<?xml version="1.0"?><!-- x --><svg xmlns="..." onload="x()">', Kind.ACTIVE, BINARY),
    ("SVG by its name alone", "図.svg", b"plain", Kind.ACTIVE, BINARY),
    ("HTML by its name alone", "page.html", b"plain", Kind.ACTIVE, BINARY),
    ("script by its name alone", "run.ps1", b"Get-Process", Kind.ACTIVE, BINARY),
    ("HTML in UTF-16", "page.txt", "<html>".encode("utf-16"), Kind.ACTIVE, BINARY),
    ("Windows program", "計画.pdf", b"MZ\x90\0" + bytes(60) + b"PE\0\0", Kind.ACTIVE, BINARY),
    ("Linux program", "計画.txt", b"\x7fELF\x02\x01\x01" + bytes(60), Kind.ACTIVE, BINARY),
    ("shell script", "計画.txt", b"#!/bin/sh\nrm -rf /\n", Kind.ACTIVE, BINARY),
    ("shortcut", "計画.txt", b"L\0\0\0\x01\x14\x02\0" + bytes(60), Kind.ACTIVE, BINARY),
    (
        "Word with macros", "案.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        Kind.ACTIVE, BINARY,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("what", "name", "content", "kind", "media_type"), CONTENTS, ids=[c[0] for c in CONTENTS])
def test_content_decides_what_a_file_is(what: str, name: str, content: bytes, kind: Kind, media_type: str) -> None:
    found = by_content(name, content[: 64 * 1024], len(content), lambda at, length: content[at : at + length])
    assert (found.kind, found.media_type) == (kind, media_type)


def test_nothing_that_a_browser_would_obey_is_handed_out_as_more_than_bytes() -> None:
    for what, name, content, kind, _media_type in CONTENTS:
        if kind is Kind.ACTIVE:
            found = by_content(name, content, len(content), lambda at, length, c=content: c[at : at + length])
            assert found.media_type == BINARY, what


@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.pdf", "a.docx", "a"]))
def test_any_bytes_are_something(content: bytes, name: str) -> None:
    for head in (b"", b"PK\x03\x04", b"PK\x05\x06", b"%PDF-", b"\xff\xfe"):
        whole = head + content
        assert by_head(name, whole).kind in Kind
        assert by_content(name, whole, len(whole), lambda at, length, w=whole: w[at : at + length]).kind in Kind


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("a.pdf", Kind.PDF, True),
        ("a.PDF", Kind.TEXT, False),
        ("a.txt", Kind.ACTIVE, False),
        ("a.exe", Kind.ACTIVE, True),
        ("a.docx", Kind.WORD, True),
        ("a.docx", Kind.ARCHIVE, False),
        ("README", Kind.TEXT, True),
        ("a.unknown", Kind.OTHER, True),
    ],
)
def test_a_name_that_promises_something_else_is_told(name: str, kind: Kind, kept: bool) -> None:
    assert kept_promise(name, kind) is kept


@pytest.mark.parametrize(
    ("codec", "found"),
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp932", "cp932"), ("euc_jp", "euc_jp"),
        ("iso2022_jp", "iso2022_jp"), ("utf-16", "utf-16"),
    ],
)  # fmt: skip
def test_japanese_encodings_are_told_apart(codec: str, found: str) -> None:
    content = SENTENCE.encode(codec)
    assert encoding_of(content) == found
    cut = content[: len(content) // 2 * 2 - 1]
    assert encoding_of(cut) == found  # a sample ends anywhere
    pieces = [content[at : at + 7] for at in range(0, len(content), 7)]
    assert "".join(decoded(pieces, found)).lstrip("\ufeff") == SENTENCE


def test_bytes_that_do_not_fit_are_shown_as_such() -> None:
    assert "".join(decoded([b"ab\xff", b"cd"], "utf-8")) == "ab\ufffdcd"
