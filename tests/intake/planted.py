"""Files with something planted in every place that is not seen, for tests of what takes it out."""

from __future__ import annotations

import io
import struct
import zipfile

from PIL import Image
from PIL.PngImagePlugin import PngInfo

SECRET = b"Himitsu7391"
LATITUDE = (35, 41, 22)


def drawing(size: tuple[int, int] = (96, 64)) -> Image.Image:
    return Image.linear_gradient("L").resize(size).convert("RGB")


def jpeg() -> bytes:
    """Taken with the camera on its side: place, time, camera, owner, XMP, a comment, a profile and a small picture."""
    made = io.BytesIO()
    drawing().save(
        made,
        "JPEG",
        exif=exif(),
        comment=SECRET,
        xmp=b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>",
        icc_profile=SECRET * 20,
    )
    return made.getvalue() + b"after its end: " + SECRET


def exif() -> bytes:
    """Two directories as a camera writes them (EXIF 2.32), the second one with a thumbnail."""
    small = io.BytesIO()
    drawing((8, 8)).save(small, "JPEG", comment=SECRET)
    place = [
        (1, 2, 2, b"N\0\0\0"),
        (2, 5, 3, b"".join(struct.pack("<II", part, 1) for part in LATITUDE)),
    ]
    shot = [(0x9003, 2, 20, b"2026:11:03 04:05:06\0"), (0xA431, 2, len(SECRET) + 1, SECRET + b"\0")]
    parts = _directory(8 + 12 * 5 + 6 + 200, place)
    shots = _directory(8 + 12 * 5 + 6 + 400, shot)
    second_at = 8 + 12 * 5 + 6 + 600
    first = [
        (0x010F, 2, len(SECRET) + 1, SECRET + b"\0"),
        (0x0112, 3, 1, struct.pack("<HH", 6, 0)),
        (0x013B, 2, len(SECRET) + 1, SECRET + b"\0"),
        (0x8769, 4, 1, struct.pack("<I", 8 + 12 * 5 + 6 + 400)),
        (0x8825, 4, 1, struct.pack("<I", 8 + 12 * 5 + 6 + 200)),
    ]
    thumbnail_at = second_at + 2 + 24 + 4
    second = [
        (0x0201, 4, 1, struct.pack("<I", thumbnail_at)),
        (0x0202, 4, 1, struct.pack("<I", small.tell())),
    ]
    body = b"II*\0" + struct.pack("<I", 8) + _directory(8, first, following=second_at)
    body = body.ljust(8 + 12 * 5 + 6 + 200, b"\0") + parts
    body = body.ljust(8 + 12 * 5 + 6 + 400, b"\0") + shots
    body = body.ljust(second_at, b"\0") + _directory(second_at, second) + small.getvalue()
    return b"Exif\0\0" + body


def _directory(at: int, entries: list[tuple[int, int, int, bytes]], following: int = 0) -> bytes:
    rows, beside = b"", b""
    end = at + 2 + 12 * len(entries) + 4
    for tag, form, count, value in entries:
        held = value
        if len(value) > 4:
            held = struct.pack("<I", end + len(beside))
            beside += value
        rows += struct.pack("<HHI", tag, form, count) + held
    return struct.pack("<H", len(entries)) + rows + struct.pack("<I", following) + beside


def png() -> bytes:
    texts = PngInfo()
    texts.add_text("Author", SECRET.decode())
    texts.add_itxt("Comment", SECRET.decode() + "図面")
    texts.add_text("Software", SECRET.decode(), zip=True)
    made = io.BytesIO()
    drawing().save(made, "PNG", pnginfo=texts, exif=exif())
    return made.getvalue() + SECRET


def moving(form: str) -> bytes:
    made = io.BytesIO()
    drawing().save(made, form, save_all=True, append_images=[drawing().rotate(180)], loop=0)
    return made.getvalue()


def tiff() -> bytes:
    """A scan of three sheets."""
    made = io.BytesIO()
    tags = {0x013B: SECRET.decode(), 0x0131: SECRET.decode(), 0x010E: SECRET.decode()}
    sheets = [drawing().convert("1"), drawing().convert("L")]
    drawing().save(made, "TIFF", save_all=True, append_images=sheets, tiffinfo=tags)
    return made.getvalue()


def pdf(pages: int = 2, *, password: bool = False) -> bytes:
    """Words, an author, an XMP packet, a note, a file attached, and an earlier state behind an update."""
    words = b"BT /F 20 Tf 40 150 Td (PART " + SECRET + b") Tj ET 0.2 0.4 0.9 rg 20 20 120 60 re f"
    kids = b" ".join(b"%d 0 R" % (10 + number) for number in range(pages))
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/Metadata 4 0 R/Names<</EmbeddedFiles<</Names[(a) 5 0 R]>>>>>>",
        2: b"<</Type/Pages/Count %d/Kids[%b]>>" % (pages, kids),
        3: b"<</Author(" + SECRET + b")/Title(" + SECRET + b")/CreationDate(D:20261103040506)>>",
        4: _stream(b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>", b"/Type/Metadata/Subtype/XML"),
        5: b"<</Type/Filespec/F(a.txt)/UF(a.txt)/EF<</F 6 0 R>>>>",
        6: _stream(SECRET, b"/Type/EmbeddedFile"),
        7: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        8: _stream(words),
        9: b"<</Type/Annot/Subtype/Text/Rect[0 0 20 20]/Contents(" + SECRET + b")>>",
    }
    for number in range(pages):
        objects[10 + number] = (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 8 0 R/Annots[9 0 R]"
            b"/Resources<</Font<</F 7 0 R>>>>>>"
        )
    if password:
        objects[99] = b"<</Filter/Standard/V 1/R 2/P -4/O<" + b"00" * 32 + b">/U<" + b"11" * 32 + b">>>"
    made, places = b"%PDF-1.4\n", {}
    for number, body in objects.items():
        places[number] = len(made)
        made += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(made), max(objects) + 1
    rows = b"".join(
        b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 00000 f \n"
        for number in range(1, size)
    )
    locked = b"/Encrypt 99 0 R/ID[<00><00>]" if password else b""
    made += b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, rows)
    return made + b"trailer\n<</Size %d/Root 1 0 R/Info 3 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (size, locked, start)


def _stream(data: bytes, about: bytes = b"") -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (about, len(data), data)


def docx() -> bytes:
    made = io.BytesIO()
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    types = "application/vnd.openxmlformats-"
    schemas = "http://schemas.openxmlformats.org/"
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'{head}<Types xmlns="{schemas}package/2006/content-types"><Default Extension="rels" '
            f'ContentType="{types}package.relationships+xml"/><Override PartName="/word/document.xml" '
            f'ContentType="{types}officedocument.wordprocessingml.document.main+xml"/><Override '
            f'PartName="/docProps/core.xml" ContentType="{types}package.core-properties+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'{head}<Relationships xmlns="{schemas}package/2006/relationships"><Relationship Id="rId1" '
            f'Type="{schemas}officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
            "</Relationships>",
        )
        archive.writestr(
            "word/document.xml",
            f'{head}<w:document xmlns:w="{schemas}wordprocessingml/2006/main"><w:body><w:p w:rsidR="00A1B2C3"><w:r>'
            "<w:t>the words that stay</w:t></w:r></w:p></w:body></w:document>",
        )
        archive.writestr(
            "docProps/core.xml",
            f'{head}<cp:coreProperties xmlns:cp="{schemas}package/2006/metadata/core-properties" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{SECRET.decode()}</dc:creator></cp:coreProperties>',
        )
    return made.getvalue()
