"""The process that reads one PDF and draws it. `pdf.py` starts it with the file on descriptor 0 and takes pages from 1.

Run by its path, not as a module of the product: it has no settings, no keys and no database to begin with.
"""

from __future__ import annotations

import codecs
import io
import math
import os
import struct
import sys
from pathlib import Path

import pypdfium2
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))
from confine import confine  # type: ignore[import-not-found]

WIDTH = 1240  # A4 at 150 dots an inch
MOST_PIXELS = 4_000_000
LONGEST_TEXT = 200_000
PAGE = struct.Struct(">IIII")


def main(seconds: int, most: int) -> None:
    source = os.fdopen(0, "rb", closefd=False)
    sink = os.fdopen(1, "wb", closefd=False)
    Image.preinit()  # what is loaded on first use is loaded now: soon no file can be opened
    codecs.lookup("utf-16-le")
    confine(seconds)
    document = pypdfium2.PdfDocument(source)
    sink.write(struct.pack(">I", len(document)))
    for number in range(min(len(document), most)):
        page = document[number]
        text = _text(page)
        width, height = page.get_size()
        image = page.render(scale=_scale(width, height), may_draw_forms=False).to_pil().convert("RGB")
        colours = image.quantize(64, method=Image.Quantize.FASTOCTREE) if _plain(image) else image
        png = io.BytesIO()
        colours.save(png, "PNG", compress_level=6)
        sink.write(PAGE.pack(len(text), png.tell(), image.width, image.height))
        sink.write(text)
        sink.write(png.getbuffer())
        sink.flush()
        page.close()


def _scale(width: float, height: float) -> float:
    wanted = WIDTH / max(1.0, min(width, height))
    return min(wanted, math.sqrt(MOST_PIXELS / max(1.0, width * height)))


def _plain(image: Image.Image) -> bool:
    """Whether few colours will do: text and diagrams, not photographs."""
    return image.getcolors(4096) is not None


def _text(page: pypdfium2.PdfPage) -> bytes:
    layer = page.get_textpage()
    try:
        text: str = layer.get_text_bounded()
        return text[:LONGEST_TEXT].encode("utf-8", "replace")
    finally:
        layer.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
