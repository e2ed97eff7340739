"""The kinds of files that are told apart, what becomes of each, and the name it is given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class Way(StrEnum):
    """How a kind is cleaned."""

    DRAWN = "drawn again"
    WRITTEN = "written again"
    MAT2 = "by mat2, where it is installed"
    NONE = "not at all"


class Kind(StrEnum):
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    GIF = "gif"
    TIFF = "tiff"
    BMP = "bmp"
    HEIC = "heic"
    TEXT = "text"
    CSV = "csv"
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"
    OLD_OFFICE = "old office"
    MP3 = "mp3"
    WAV = "wav"
    FLAC = "flac"
    OGG = "ogg"
    MP4 = "mp4"
    AVI = "avi"
    ARCHIVE = "archive"

    @property
    def way(self) -> Way:
        return ABOUT[self].way

    @property
    def extension(self) -> str:
        """Of the cleaned file."""
        return ABOUT[self].extension

    @property
    def notice(self) -> Promise | str:
        """What else becomes different when it is cleaned; empty where nothing does."""
        return ABOUT[self].notice


@dataclass(frozen=True)
class About:
    way: Way
    called: Promise
    extension: str
    notice: Promise | str = ""


PICTURE, DOCUMENT, TABLE, SLIDES = (
    pgettext_lazy("file name", "写真"),
    pgettext_lazy("file name", "文書"),
    pgettext_lazy("file name", "表"),
    pgettext_lazy("file name", "スライド"),
)
SOUND, VIDEO, FILE = (
    pgettext_lazy("file name", "音声"),
    pgettext_lazy("file name", "動画"),
    pgettext_lazy("file name", "ファイル"),
)
FIRST_PICTURE = _("動く画像は、最初の1枚だけになります。")
PLAIN_TEXT = _("文字コードはUTF-8に、改行は1種類にそろえます。見えない文字は取り除きます。")
PICTURES_ONLY = _("ページは画像になります。文字を選んだり、検索したりはできなくなります。")

ABOUT = {
    Kind.JPEG: About(Way.DRAWN, PICTURE, "jpg"),
    Kind.PNG: About(Way.DRAWN, PICTURE, "png", FIRST_PICTURE),
    Kind.WEBP: About(Way.DRAWN, PICTURE, "webp", FIRST_PICTURE),
    Kind.GIF: About(Way.DRAWN, PICTURE, "png", FIRST_PICTURE),
    Kind.TIFF: About(Way.DRAWN, PICTURE, "tif"),
    Kind.BMP: About(Way.DRAWN, PICTURE, "png"),
    Kind.HEIC: About(Way.NONE, PICTURE, "heic"),
    Kind.TEXT: About(Way.WRITTEN, DOCUMENT, "txt", PLAIN_TEXT),
    Kind.CSV: About(Way.WRITTEN, TABLE, "csv", PLAIN_TEXT),
    Kind.PDF: About(Way.DRAWN, DOCUMENT, "pdf", PICTURES_ONLY),
    Kind.DOCX: About(Way.MAT2, DOCUMENT, "docx"),
    Kind.XLSX: About(Way.MAT2, TABLE, "xlsx"),
    Kind.PPTX: About(Way.MAT2, SLIDES, "pptx"),
    Kind.ODT: About(Way.MAT2, DOCUMENT, "odt"),
    Kind.ODS: About(Way.MAT2, TABLE, "ods"),
    Kind.ODP: About(Way.MAT2, SLIDES, "odp"),
    Kind.OLD_OFFICE: About(Way.NONE, DOCUMENT, "bin"),
    Kind.MP3: About(Way.MAT2, SOUND, "mp3"),
    Kind.WAV: About(Way.MAT2, SOUND, "wav"),
    Kind.FLAC: About(Way.MAT2, SOUND, "flac"),
    Kind.OGG: About(Way.MAT2, SOUND, "ogg"),
    Kind.MP4: About(Way.MAT2, VIDEO, "mp4"),
    Kind.AVI: About(Way.MAT2, VIDEO, "avi"),
    Kind.ARCHIVE: About(Way.NONE, FILE, "bin"),
}

HEAD = 4096  # bytes that suffice to tell
STARTS = (
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"II*\0", Kind.TIFF),
    (b"MM\0*", Kind.TIFF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OLD_OFFICE),
    (b"ID3", Kind.MP3),
    (b"fLaC", Kind.FLAC),
    (b"OggS", Kind.OGG),
    (b"\x1f\x8b", Kind.ARCHIVE),
    (b"7z\xbc\xaf'\x1c", Kind.ARCHIVE),
    (b"Rar!\x1a\x07", Kind.ARCHIVE),
    (b"\xfd7zXZ\0", Kind.ARCHIVE),
)
RIFF = {b"WEBP": Kind.WEBP, b"WAVE": Kind.WAV, b"AVI ": Kind.AVI}
# Major brands of ISO base media files (ISO/IEC 14496-12; HEIF: 23008-12, AVIF alike).
STILL = re.compile(rb"heic|heix|heim|heis|hevc|hevx|mif1|msf1|avif|avis")
OPEN_DOCUMENTS = {b"text": Kind.ODT, b"spreadsheet": Kind.ODS, b"presentation": Kind.ODP}
OPEN_DOCUMENT = re.compile(rb"mimetypeapplication/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)(?!-)")
OFFICE = {"docx": Kind.DOCX, "xlsx": Kind.XLSX, "pptx": Kind.PPTX}
# What a picture of vectors or a page of the web may do when it is opened has no place among plain text.
PAGE = re.compile(rb"<(?:!doctype|\?xml|html|svg|script|head|body)", re.IGNORECASE)


def kind_of(head: bytes, name: str) -> Kind | None:
    """By the first few KiB. The name decides only between kinds that begin alike; None for what is not known."""
    for start, kind in STARTS:
        if head.startswith(start):
            return kind
    if head.startswith(b"RIFF"):
        return RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return Kind.HEIC if STILL.match(head, 8) else Kind.MP4
    if b"%PDF-" in head[:1024]:
        return Kind.PDF
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return Kind.BMP
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head, name)
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:  # MPEG audio, layer III
        return Kind.MP3 if not head.startswith(b"\xff\xfe") else _text(head, name)
    return _text(head, name)


def _zipped(head: bytes, name: str) -> Kind:
    found = OPEN_DOCUMENT.match(head, 30)
    if found:
        return OPEN_DOCUMENTS[found[1]]
    if b"[Content_Types].xml" in head or b"_rels/.rels" in head or b"docProps/" in head:
        return OFFICE.get(_ending(name), Kind.ARCHIVE)
    return Kind.ARCHIVE


def _text(head: bytes, name: str) -> Kind | None:
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if (not wide and re.search(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]", head)) or PAGE.match(
        head.lstrip(b"\xef\xbb\xbf \t\r\n")
    ):
        return None
    return Kind.CSV if _ending(name) in ("csv", "tsv") else Kind.TEXT


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()


def safe_name(kind: Kind | None, number: int) -> str:
    """A name that says nothing but what the file is: 写真1.jpg."""
    called, extension = (ABOUT[kind].called, ABOUT[kind].extension) if kind else (FILE, "bin")
    return gettext("%(called)s%(number)d.%(extension)s") % {
        "called": called,
        "number": number,
        "extension": extension,
    }
