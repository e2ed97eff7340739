"""Draws the pages of a PDF and binds the pictures into a new one: no text, no notes, no history, no author."""

from __future__ import annotations

import io
import math
import re
import zlib
from typing import IO

import pypdfium2
from bounds import MOST_PAGE_PIXELS, MOST_PAGES  # type: ignore[import-not-found]
from PIL import Image
from telling import Refused, Teller  # type: ignore[import-not-found]

DOTS = 200 / 72  # 200 dots an inch; PDF counts 72
QUALITY = 80
FEW_COLOURS = 64
SCAN = 1024 * 1024
INFO = {"Author": "person", "Title": "comment", "Subject": "comment", "Keywords": "comment", "Creator": "software",
        "Producer": "software", "CreationDate": "time", "ModDate": "time"}  # fmt: skip


def rehearse(kind: str) -> None:
    """Does the work once on a page of its own: what is loaded on first use is loaded while files can be opened."""
    made = io.BytesIO()
    Image.new("RGB", (8, 8)).save(made, "PDF")
    clean(made, kind, Teller(io.BytesIO()))
    _packed(Image.effect_noise((80, 80), 90).convert("RGB"))


def clean(source: IO[bytes], kind: str, teller: Teller) -> None:
    found = _marks(source)
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        raise Refused("protected" if "assword" in str(error) else "broken") from None
    if not 0 < len(document) <= MOST_PAGES:
        raise Refused("pages" if len(document) else "broken")
    about = document.get_metadata_dict(skip_empty=True)
    found = [trace for name, trace in INFO.items() if name in about] + found
    if document.count_attachments():
        found.append("attachment")
    binder = Binder(teller)
    texts = False
    for number in range(len(document)):
        page = document[number]
        layer = page.get_textpage()
        texts = texts or layer.count_chars() > 0
        layer.close()
        width, height = page.get_size()
        binder.add(_drawn(page, width, height), width, height)
        page.close()
    teller.traces([*found, *(["text layer"] if texts else [])])
    binder.close()


def _drawn(page: pypdfium2.PdfPage, width: float, height: float) -> Image.Image:
    scale = min(DOTS, math.sqrt(MOST_PAGE_PIXELS / max(1.0, width * height)))
    drawn: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil()
    return drawn.convert("RGB")


def _marks(source: IO[bytes]) -> list[str]:
    """What the bytes themselves show: XMP packets, earlier states kept behind an update, notes."""
    ends, xmp, notes, before = 0, False, False, b""
    source.seek(0)
    while data := source.read(SCAN):
        window = before + data
        ends += len(re.findall(rb"%%EOF", window)) - len(re.findall(rb"%%EOF", before))
        xmp = xmp or b"<x:xmpmeta" in window
        notes = notes or re.search(rb"/Subtype\s*/(?:Text|FreeText|Highlight|Popup|Stamp)\b", window) is not None
        before = window[-64:]
    source.seek(0)
    return [*(["edits"] if xmp or ends > 1 else []), *(["comment"] if notes else [])]


class Binder:
    """Writes a PDF (ISO 32000-1) of one picture a page, as the pages come."""

    def __init__(self, teller: Teller) -> None:
        self.teller, self.at = teller, 0
        self.places: dict[int, int] = {}
        self.pages: list[int] = []
        self._write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")

    def add(self, picture: Image.Image, width: float, height: float) -> None:
        page = 3 * (len(self.pages) + 1)
        self.pages.append(page)
        data, form = _packed(picture)
        size = b"/Width %d/Height %d" % picture.size
        self._stream(page + 2, b"/Type/XObject/Subtype/Image%b/BitsPerComponent 8%b" % (size, form), data)
        self._stream(page + 1, b"", b"q %.2f 0 0 %.2f 0 0 cm /I Do Q" % (width, height))
        self._object(
            page,
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Contents %d 0 R/Resources<</XObject<</I %d 0 R>>>>>>"
            % (width, height, page + 1, page + 2),
        )

    def close(self) -> None:
        kids = b" ".join(b"%d 0 R" % page for page in self.pages)
        self._object(1, b"<</Type/Catalog/Pages 2 0 R>>")
        self._object(2, b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(self.pages), kids))
        start, size = self.at, max(self.places) + 1
        rows = b"".join(b"%010d 00000 n \n" % self.places[number] for number in range(1, size))
        self._write(b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, rows))
        self._write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start))

    def _stream(self, number: int, about: bytes, data: bytes) -> None:
        self._object(number, b"<<%b/Length %d>>\nstream\n%b\nendstream" % (about, len(data), data))

    def _object(self, number: int, body: bytes) -> None:
        self.places[number] = self.at
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def _write(self, data: bytes) -> None:
        self.teller.piece(data)
        self.at += len(data)


def _packed(picture: Image.Image) -> tuple[bytes, bytes]:
    """Text and lines as points of few colours, all else as a photograph: its data, and how to read them."""
    if picture.getcolors(4096) is not None:
        few = picture.quantize(FEW_COLOURS, method=Image.Quantize.FASTOCTREE)
        palette = bytes(few.getpalette() or ())[: 3 * FEW_COLOURS]
        space = b"/ColorSpace[/Indexed/DeviceRGB %d<%b>]" % (len(palette) // 3 - 1, palette.hex().encode())
        return zlib.compress(few.tobytes(), 6), space + b"/Filter/FlateDecode"
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=QUALITY)
    return made.getvalue(), b"/ColorSpace/DeviceRGB/Filter/DCTDecode"
