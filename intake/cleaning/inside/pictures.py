"""Draws a picture again from its points alone, so that nothing that was beside them comes along."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

from bounds import MOST_PIXELS, MOST_SHEETS  # type: ignore[import-not-found]
from PIL import ExifTags, Image, ImageOps
from telling import Refused, Teller  # type: ignore[import-not-found]

READ_AS = {
    "jpeg": ["JPEG", "MPO"], "png": ["PNG"], "webp": ["WEBP"], "gif": ["GIF"], "tiff": ["TIFF"], "bmp": ["BMP", "DIB"]
}  # fmt: skip
WRITTEN_AS: dict[str, tuple[str, dict[str, object]]] = {
    "jpeg": ("JPEG", {"quality": 90}),
    "png": ("PNG", {"compress_level": 3}),
    "webp": ("WEBP", {"quality": 90}),
    "gif": ("PNG", {"compress_level": 3}),
    "tiff": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "bmp": ("PNG", {"compress_level": 3}),
}
MODES = {
    "JPEG": ("L", "RGB"),
    "PNG": ("1", "L", "LA", "RGB", "RGBA", "I;16"),
    "WEBP": ("RGB", "RGBA"),
    "TIFF": ("1", "L", "RGB", "RGBA", "I;16", "F"),
}
# Tags of EXIF 2.32 and TIFF 6, and what each tells.
TAGS = {
    0x0132: "time", 0x9003: "time", 0x9004: "time", 0x882A: "time", 0x9010: "time",
    0x010F: "device", 0x0110: "device", 0x013C: "device", 0xA431: "device", 0xA433: "device", 0xA434: "device",
    0xA435: "device", 0xA420: "device", 0x927C: "device",
    0x013B: "person", 0x8298: "person", 0xA430: "person", 0x9C9D: "person",
    0x0131: "software", 0x000B: "software",
    0x010D: "comment", 0x010E: "comment", 0x9286: "comment", 0x9C9B: "comment", 0x9C9C: "comment", 0x9C9E: "comment",
    0x9C9F: "comment",
    0x83BB: "edits", 0x8649: "edits", 0x02BC: "edits",
}  # fmt: skip
GPS, EXIF, THUMBNAIL_AT = 0x8825, 0x8769, 0x0201
NOTES = {
    "xmp": "edits", "XML:com.adobe.xmp": "edits", "photoshop": "edits", "comment": "comment", "icc_profile": "colours"
}  # fmt: skip


PNG_TEXTS = {"Author": "person", "Copyright": "person", "Software": "software", "Creation Time": "time"}


def rehearse(kind: str) -> None:
    """Does the work once on a picture of its own: what is loaded on first use is loaded while files can be opened."""
    sheet, made = Image.new("RGB", (8, 8)), io.BytesIO()
    Image.init()
    form = READ_AS[kind][-1] if kind == "jpeg" else READ_AS[kind][0]
    several = {} if kind == "bmp" else {"save_all": True, "append_images": [Image.new("RGB", (8, 8), "red")]}
    sheet.save(made, form, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0", **several)
    clean(made, kind, Teller(io.BytesIO()))


def clean(source: IO[bytes], kind: str, teller: Teller) -> None:
    Image.MAX_IMAGE_PIXELS = None  # held to our own limit, which is looked at before a point is read
    picture = Image.open(source, formats=READ_AS[kind])
    form, options = WRITTEN_AS[kind]
    _bounded(picture)
    found = _traces(picture, kind)
    made = io.BytesIO()
    if kind == "tiff" and getattr(picture, "n_frames", 1) > 1:
        sheets = _sheets(picture, form)
        next(sheets).save(made, form, save_all=True, append_images=sheets, **options)
    else:
        _drawn(picture, form).save(made, form, **options)
    teller.traces(found)
    teller.piece(made.getbuffer())


def _bounded(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise Refused("pixels")


def _sheets(picture: Image.Image, form: str) -> Iterator[Image.Image]:
    """A scan's pages; all of them belong to it."""
    count = picture.n_frames  # type: ignore[attr-defined]
    if count > MOST_SHEETS:
        raise Refused("pages")
    total = 0
    for number in range(count):
        picture.seek(number)
        _bounded(picture)
        total += picture.width * picture.height
        if total > 2 * MOST_PIXELS:
            raise Refused("pixels")
        yield _drawn(picture, form)


def _drawn(picture: Image.Image, form: str) -> Image.Image:
    """The points on a new sheet, upright, in colours the form can hold."""
    upright = ImageOps.exif_transpose(picture)
    mode = _mode(upright, form)
    points = upright if upright.mode == mode else upright.convert(mode)
    sheet = Image.new(mode, points.size)
    sheet.paste(points)
    return sheet


def _mode(picture: Image.Image, form: str) -> str:
    allowed = MODES[form]
    if picture.mode in allowed and "transparency" not in picture.info:
        return picture.mode
    clear = picture.mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in picture.info
    if clear and "RGBA" in allowed:
        return "RGBA"
    return "L" if "L" in allowed and picture.mode in ("1", "L", "LA", "I", "F", "I;16") else "RGB"


def _traces(picture: Image.Image, kind: str) -> list[str]:
    exif = picture.getexif()
    inner = exif.get_ifd(EXIF)
    found = [trace for tag, trace in TAGS.items() if tag in exif or tag in inner]
    if exif.get_ifd(GPS):
        found.insert(0, "place")
    if THUMBNAIL_AT in exif.get_ifd(ExifTags.IFD.IFD1):
        found.append("thumbnail")
    found += [trace for note, trace in NOTES.items() if note in picture.info]
    if kind == "png":
        texts = [name for name, value in picture.info.items() if isinstance(value, str)]
        found += [PNG_TEXTS.get(str(name), "comment") for name in texts if name not in NOTES]
    if kind != "tiff" and getattr(picture, "n_frames", 1) > 1:
        found.append("more pictures")
    return found
