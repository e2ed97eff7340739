"""A cleaned file shows what it showed, and holds nothing of who made it, where and when."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pypdfium2
import pytest
from django.utils import translation
from PIL import Image, ImageChops

from intake.cleaning import Kind, Reason, Trace, Uncleanable, can_clean, clean, kind_of, mat2, safe_name
from intake.cleaning.inside import bounds
from intake.cleaning.refusals import LARGEST
from portal.embedded import translations
from tests.intake.cleaner import cleaned, left, refused
from tests.intake.planted import LATITUDE, SECRET, docx, drawing, jpeg, moving, pdf, png, tiff

translations.compile_changed()


def saved(form: str, picture: Image.Image | None = None) -> bytes:
    made = io.BytesIO()
    (picture or drawing()).save(made, form)
    return made.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def difference(first: Image.Image, second: Image.Image) -> int:
    extrema = ImageChops.difference(first.convert("RGB"), second.convert("RGB")).getextrema()
    return max(int(high) for _, high in extrema)  # type: ignore[misc]


def test_a_photograph_keeps_its_picture_and_loses_where_when_and_by_whom_it_was_taken() -> None:
    before = jpeg()
    exif = opened(before).getexif()
    assert exif.get_ifd(0x8825)[2] == LATITUDE
    assert before.count(SECRET) > 7
    after, found = cleaned(before)
    assert SECRET not in after
    assert b"2026:11" not in after
    assert b"".join(struct.pack("<II", part, 1) for part in LATITUDE) not in after
    assert b"Exif" not in after
    assert b"http" not in after
    assert set(opened(after).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert set(found) == {
        Trace.PLACE, Trace.TIME, Trace.PERSON, Trace.DEVICE, Trace.EDITS, Trace.COMMENT, Trace.COLOURS, Trace.THUMBNAIL
    }  # fmt: skip


def test_a_photograph_taken_on_its_side_stands_upright() -> None:
    after, _ = cleaned(jpeg())
    assert opened(after).size == (64, 96)
    assert difference(opened(after), drawing().rotate(-90, expand=True)) < 12


def test_what_is_written_into_a_png_is_taken_out_of_it() -> None:
    after, found = cleaned(png())
    assert opened(after).info == {}
    for written in (SECRET, b"tEXt", b"iTXt", b"zTXt", b"eXIf"):
        assert written not in after
    assert {Trace.PERSON, Trace.COMMENT, Trace.SOFTWARE, Trace.PLACE} <= set(found)


def test_a_scan_keeps_all_its_sheets() -> None:
    after, found = cleaned(tiff())
    assert opened(after).n_frames == 3  # type: ignore[attr-defined]
    assert SECRET not in after
    assert {Trace.PERSON, Trace.SOFTWARE, Trace.COMMENT} <= set(found)


@pytest.mark.parametrize(("form", "written"), [("GIF", "PNG"), ("WEBP", "WEBP"), ("PNG", "PNG")])
def test_of_a_moving_picture_the_first_one_stays(form: str, written: str) -> None:
    after, found = cleaned(moving(form))
    picture = opened(after)
    assert picture.format == written
    assert getattr(picture, "n_frames", 1) == 1
    assert difference(picture, drawing()) < 16
    assert Trace.MORE_PICTURES in found


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_make_are_drawn_again(mode: str) -> None:
    form = "TIFF" if mode == "CMYK" else "PNG"
    after, found = cleaned(saved(form, Image.new("I;16", (96, 64)) if mode == "I;16" else drawing().convert(mode)))
    assert opened(after).size == (96, 64)
    assert found == ()


def test_a_bitmap_becomes_a_png() -> None:
    after, _ = cleaned(saved("BMP"))
    assert opened(after).format == "PNG"
    assert difference(opened(after), drawing()) == 0


def test_a_pdf_becomes_pictures_of_its_pages() -> None:
    before = pdf()
    after, found = cleaned(before)
    document, original = pypdfium2.PdfDocument(after), pypdfium2.PdfDocument(before)
    try:
        assert [page.get_size() for page in document] == [(300, 200), (300, 200)]
        assert document.get_metadata_dict(skip_empty=True) == {}
        assert document.count_attachments() == 0
        drawn, wanted = (
            one[0].render(scale=1, draw_annots=False).to_pil().convert("L") for one in (document, original)
        )
        assert difference(drawn.crop((30, 30, 290, 190)), wanted.crop((30, 30, 290, 190))) < 130
        assert drawn.getpixel((80, 150)) != 255
    finally:
        document.close()
        original.close()
    for written in (SECRET, b"Font", b"xmpmeta", b"/Info", b"/Annot", b"EmbeddedFile", b"20261103"):
        assert written not in after
    assert {
        Trace.PERSON, Trace.COMMENT, Trace.TIME, Trace.EDITS, Trace.ATTACHMENT, Trace.TEXT_LAYER
    } <= set(found)  # fmt: skip


def test_a_protected_pdf_is_refused_for_its_password() -> None:
    assert refused(pdf(password=True), Kind.PDF) is Reason.PROTECTED


def test_a_pdf_of_too_many_pages_is_refused() -> None:
    assert refused(pdf(pages=301), Kind.PDF) is Reason.PAGES


WRITTEN = "図面の件。\n2行目\n"


@pytest.mark.parametrize(
    ("before", "found"),
    [
        (WRITTEN.encode(), ()),
        (b"\xef\xbb\xbf" + WRITTEN.replace("\n", "\r\n").encode(), ()),
        (WRITTEN.replace("\n", "\r").encode("cp932"), ()),
        (WRITTEN.encode("euc_jp"), ()),
        (WRITTEN.encode("utf-16"), ()),
        ("図面\u200bの\u2060件。\n2行目\U000e0041\n\u00ad".encode(), (Trace.INVISIBLE,)),
    ],
    ids=["as it is", "mark and line ends of Windows", "Shift_JIS", "EUC", "UTF-16", "hidden characters"],
)
def test_plain_text_is_written_in_one_way(before: bytes, found: tuple[Trace, ...]) -> None:
    assert cleaned(before, "memo.txt") == (WRITTEN.encode(), found)


def test_text_is_whole_wherever_a_piece_of_it_ends() -> None:
    text = "あ\r\n" * 700_000
    after, _ = cleaned(text.encode(), "x.csv")
    assert after == text.replace("\r\n", "\n").encode()


def test_an_empty_text_stays_empty() -> None:
    assert cleaned(b"", "x.txt") == (b"", ())


BOMB = struct.pack(">I4sIIBBBBB", 13, b"IHDR", 60_000, 60_000, 8, 2, 0, 0, 0)


@pytest.mark.parametrize(
    ("data", "kind", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n" + BOMB + bytes(4), Kind.PNG, Reason.BROKEN),
        (saved("JPEG")[:300], Kind.JPEG, Reason.BROKEN),
        (b"\xff\xd8\xff" + bytes(900), Kind.JPEG, Reason.BROKEN),
        (b"%PDF-1.7 nothing else", Kind.PDF, Reason.BROKEN),
        (b"plain words", Kind.PNG, Reason.BROKEN),
        (b"\x81\xff\xfe\x80" * 30, Kind.TEXT, Reason.BROKEN),
        (b"\x00\x00\x00\x18ftypheic" + bytes(90), Kind.HEIC, Reason.HEIC),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OLD_OFFICE, Reason.OLD_OFFICE),
        (b"PK\x03\x04" + bytes(90), Kind.ARCHIVE, Reason.ARCHIVE),
        (b"MZ" + bytes(90), None, Reason.UNKNOWN),
    ],
)
def test_what_cannot_be_cleaned_is_refused_with_the_reason(data: bytes, kind: Kind | None, reason: Reason) -> None:
    assert refused(data, kind) is reason


def test_a_small_file_that_would_be_a_huge_picture_is_refused_before_it_is_drawn() -> None:
    import zlib

    start = b"\x89PNG\r\n\x1a\n" + BOMB + struct.pack(">I", zlib.crc32(BOMB[4:]))
    idat = zlib.compress(bytes(2_000_000))
    data = start + struct.pack(">I4s", len(idat), b"IDAT") + idat + struct.pack(">I", zlib.crc32(b"IDAT" + idat))
    assert refused(data, Kind.PNG) is Reason.PIXELS


def test_each_reason_says_what_to_do_in_both_languages() -> None:
    for reason in Reason:
        said = str(Uncleanable(reason).message)
        assert said.endswith("。")
        with translation.override("en"):
            assert str(Uncleanable(reason).message) != said
    for trace in Trace:
        said = str(trace.label)
        with translation.override("en"):
            assert str(trace.label) != said


def test_the_sentences_name_the_figures_of_the_code() -> None:
    with translation.override("en"):
        said = {reason: str(reason.text) for reason in Reason}
    assert f"at most {bounds.MOST_PIXELS // 1_000_000} million" in said[Reason.PIXELS]
    assert f"at most {bounds.MOST_PAGES})" in said[Reason.PAGES]
    assert f"at most {LARGEST // 1024**2} MB" in said[Reason.SIZE]


def test_a_file_over_100_mb_is_refused() -> None:
    with pytest.raises(Uncleanable) as caught:
        list(clean((bytes(1024 * 1024) for _ in range(101)), Kind.BMP))
    assert caught.value.reason is Reason.SIZE


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (jpeg()[:64], "a.png", Kind.JPEG),
        (b"RIFF\0\0\0\0WAVE", "a", Kind.WAV),
        (b"RIFF\0\0\0\0AVI ", "a", Kind.AVI),
        (b"ID3\x04", "a", Kind.MP3),
        (b"\xff\xfb\x90\x00", "a", Kind.MP3),
        ("\ufeff図".encode("utf-16-le"), "a.txt", Kind.TEXT),
        (b"\0\0\0\x20ftypisom", "a", Kind.MP4),
        (b"\0\0\0\x20ftypmif1", "a", Kind.HEIC),
        (b"\0\0\0\x20ftypavif", "a", Kind.HEIC),
        (docx()[:4096], "見積.DOCX", Kind.DOCX),
        (docx()[:4096], "a.xlsx", Kind.XLSX),
        (docx()[:4096], "a.docm", Kind.ARCHIVE),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.textPK", "a", Kind.ODT),
        (b"a,b\n1,2\n", "a.csv", Kind.CSV),
        (b"a,b\n1,2\n", "a.exe", Kind.TEXT),
        (b"<svg xmlns='x'>", "a.svg", None),
        (b"  <!DOCTYPE html>", "a.txt", None),
        (b"MZ\x90\0", "a.txt", None),
    ],
)
def test_a_file_is_what_its_first_bytes_say(head: bytes, name: str, kind: Kind | None) -> None:
    assert kind_of(head, name) is kind


def test_names_say_what_a_file_is_and_no_more() -> None:
    assert [safe_name(kind, 1) for kind in (Kind.JPEG, Kind.GIF, Kind.PDF, Kind.CSV, None)] == [
        "写真1.jpg", "写真1.png", "文書1.pdf", "表1.csv", "ファイル1.bin"
    ]  # fmt: skip
    with translation.override("en"):
        assert safe_name(Kind.JPEG, 2) == "photo2.jpg"


def test_mat2_itself_takes_the_author_out_of_a_document(record_property: Callable[[str, object], None]) -> None:
    if not mat2.mat2_here():
        record_property("said", "mat2 is not installed here: its work was tried with a stand-in alone")
        assert can_clean(Kind.DOCX) is Reason.NO_MAT2
        return
    after, found = cleaned(docx(), "見積.docx")
    with zipfile.ZipFile(io.BytesIO(after)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert SECRET not in everything + after
    assert b"00A1B2C3" not in everything
    assert b"the words that stay" in everything
    assert Trace.PERSON in found
    assert left() == []
