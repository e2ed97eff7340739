"""Japanese type for PDF: Noto Sans CJK, of which a document carries the outlines of its own characters alone.

reportlab embeds TrueType outlines; this face has PostScript ones (CFF). Its table goes in as a CID-keyed font program
(ISO 32000-1 §9.7.4, FontFile3 with /CIDFontType0C): the glyph's number is the code, the character map gives the text
back for search and screen readers. Outlines of what the document does not use are emptied in place, so that no offset
in the table moves; what is left packs to a few hundred kilobytes.

Sources: OpenType 1.9 (cmap format 12, hmtx), Adobe Technical Note 5176 (CFF: INDEX, DICT).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from struct import unpack_from
from typing import Any
from weakref import WeakKeyDictionary

import noto_cjk_sans_jp_regular
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFStream, PDFString, PDFZCompress

NAME = "NotoSansCJKjp-Regular"
CHARSTRINGS = 17  # the operator in the top DICT whose operand is where the outlines begin
ENDCHAR = b"\x0e"  # an outline with nothing in it
MISSING = 0


@lru_cache(maxsize=1)
def japanese() -> Japanese:
    """The type, read once a process and made known to reportlab."""
    made = Japanese(Path(str(noto_cjk_sans_jp_regular.FONT_PATH)).read_bytes())
    pdfmetrics.registerFont(made)
    return made


class Japanese:
    """A font as reportlab asks of one whose glyphs are chosen while it writes."""

    # reportlab's own names, here and below.
    _multiByte = 1  # noqa: N815
    _dynamicFont = 1  # noqa: N815
    fontName = NAME  # noqa: N815
    shapable = False

    def __init__(self, file: bytes) -> None:
        tables = {
            file[at : at + 4]: unpack_from(">II", file, at + 8)
            for at in range(12, 12 + 16 * unpack_from(">H", file, 4)[0], 16)
        }
        start, length = tables[b"CFF "]
        self.cff = file[start : start + length]
        self.glyph = _characters(file, tables[b"cmap"][0])
        self.count = unpack_from(">H", file, tables[b"maxp"][0] + 4)[0]
        metrics = unpack_from(">H", file, tables[b"hhea"][0] + 34)[0]
        widths = unpack_from(">" + "Hh" * metrics, file, tables[b"hmtx"][0])[::2]
        self.widths = widths + widths[-1:] * (self.count - metrics)
        self.used: WeakKeyDictionary[Any, tuple[str, dict[int, str]]] = WeakKeyDictionary()
        self.face = self  # reportlab asks the face for its name and its height
        self.name, self.ascent, self.descent = NAME, 880, -120

    def stringWidth(self, text: str, size: float, encoding: str = "utf8") -> float:  # noqa: N802 — reportlab's name
        return float(sum(self.widths[self.glyph.get(ord(each), MISSING)] for each in text) * size * 0.001)

    def splitString(self, text: str, doc: Any, encoding: str = "utf8") -> list[tuple[int, bytes]]:  # noqa: N802
        """The codes of the text: all in one part, two bytes a glyph. What the type does not have becomes 〓."""
        used = self._of(doc)[1]
        glyphs = [(self.glyph.get(ord(each)) or self.glyph[ord("〓")], each) for each in text]
        used.update((glyph, each) for glyph, each in glyphs)
        return [(0, b"".join(glyph.to_bytes(2, "big") for glyph, _each in glyphs))]

    def getSubsetInternalName(self, _subset: int, doc: Any) -> str:  # noqa: N802
        return "/" + self._of(doc)[0]

    def _of(self, doc: Any) -> tuple[str, dict[int, str]]:
        if doc not in self.used:
            name = f"F{len(doc.fontMapping) + 1}"
            doc.fontMapping[NAME] = "/" + name
            doc.delayedFonts.append(self)
            self.used[doc] = (name, {MISSING: ""})
        return self.used[doc]

    def addObjects(self, doc: Any) -> None:  # noqa: N802
        """Once all is written: the font with the outlines of what was used."""
        name, used = self.used.pop(doc)
        descriptor = PDFDictionary(
            {
                "Type": PDFName("FontDescriptor"), "FontName": PDFName(f"ENTAKU+{NAME}"), "Flags": 4,
                "FontBBox": PDFArray([-1002, -1048, 2928, 1808]), "ItalicAngle": 0, "Ascent": 880, "Descent": -120,
                "CapHeight": 733, "StemV": 90,
                "FontFile3": doc.Reference(_stream(_emptied(self.cff, set(used)), Subtype=PDFName("CIDFontType0C"))),
            }
        )  # fmt: skip
        descendant = PDFDictionary(
            {
                "Type": PDFName("Font"), "Subtype": PDFName("CIDFontType0"), "BaseFont": PDFName(f"ENTAKU+{NAME}"),
                "CIDSystemInfo": PDFDictionary(
                    {"Registry": PDFString("Adobe"), "Ordering": PDFString("Identity"), "Supplement": 0}
                ),
                "DW": 1000,
                "W": PDFArray([part for glyph in sorted(used) for part in (glyph, PDFArray([self.widths[glyph]]))]),
                "FontDescriptor": doc.Reference(descriptor),
            }
        )  # fmt: skip
        font = PDFDictionary(
            {
                "Type": PDFName("Font"), "Subtype": PDFName("Type0"), "BaseFont": PDFName(f"ENTAKU+{NAME}"),
                "Encoding": PDFName("Identity-H"), "DescendantFonts": PDFArray([doc.Reference(descendant)]),
                "ToUnicode": doc.Reference(_stream(_back_to_text(used))),
            }
        )  # fmt: skip
        doc.idToObject["BasicFonts"].dict[name] = doc.Reference(font, name)


def _stream(content: bytes, **entries: Any) -> PDFStream:
    made = PDFStream(PDFDictionary(entries), content)
    made.filters = [PDFZCompress]
    return made


def _characters(file: bytes, cmap: int) -> dict[int, int]:
    """The glyph of each character, by the table of all of Unicode (format 12)."""
    for record in range(cmap + 4, cmap + 4 + 8 * unpack_from(">H", file, cmap + 2)[0], 8):
        table = cmap + unpack_from(">I", file, record + 4)[0]
        if unpack_from(">H", file, table)[0] == 12:
            groups = (
                unpack_from(">III", file, table + 16 + 12 * n) for n in range(unpack_from(">I", file, table + 12)[0])
            )
            return {char: glyph + char - first for first, last, glyph in groups for char in range(first, last + 1)}
    raise ValueError("the type has no characters of Unicode")


def _emptied(cff: bytes, used: set[int]) -> bytes:
    """The font program with the outlines of `used` alone; everything else stays where it is."""
    at = _outlines(cff)
    count, size = unpack_from(">HB", cff, at)
    offsets = [int.from_bytes(cff[at + 3 + size * n : at + 3 + size * (n + 1)], "big") for n in range(count + 1)]
    data = at + 2 + size * (count + 1)  # offsets count from 1
    outlines = [cff[data + offsets[n] : data + offsets[n + 1]] if n in used else ENDCHAR for n in range(count)]
    places, place = [1], 1
    for outline in outlines:
        place += len(outline)
        places.append(place)
    index = b"".join([cff[at : at + 3], *(each.to_bytes(size, "big") for each in places), *outlines])
    end = data + offsets[-1]
    return b"".join([cff[:at], index, bytes(end - at - len(index)), cff[end:]])


def _outlines(cff: bytes) -> int:
    """Where the INDEX of outlines begins, as the top DICT says."""
    at = _after(cff, cff[2])  # past the INDEX of names
    size = cff[at + 2]
    start = at + 2 + 2 * size + int.from_bytes(cff[at + 3 : at + 3 + size], "big")
    operands: list[int] = []
    place = start
    while True:
        first = cff[place]
        if first <= 21:
            if first == CHARSTRINGS:
                return operands[-1]
            place += 2 if first == 12 else 1
            operands = []
        elif first == 30:  # a real number: nibbles up to one that is 15
            place += 1
            while cff[place] & 15 != 15:
                place += 1
            place += 1
        else:
            value, length = _number(cff, place, first)
            operands.append(value)
            place += length


def _number(cff: bytes, place: int, first: int) -> tuple[int, int]:
    """An operand of a DICT, and how many bytes it takes."""
    if first == 28:
        return int.from_bytes(cff[place + 1 : place + 3], "big", signed=True), 3
    if first == 29:
        return int.from_bytes(cff[place + 1 : place + 5], "big", signed=True), 5
    if first <= 246:
        return first - 139, 1
    if first <= 250:
        return (first - 247) * 256 + cff[place + 1] + 108, 2
    return -(first - 251) * 256 - cff[place + 1] - 108, 2


def _after(cff: bytes, at: int) -> int:
    """Where what follows an INDEX begins."""
    count = int.from_bytes(cff[at : at + 2], "big")
    if not count:
        return at + 2
    size = cff[at + 2]
    last = at + 3 + size * count
    return at + 2 + size * (count + 1) + int.from_bytes(cff[last : last + size], "big")


def _back_to_text(used: dict[int, str]) -> bytes:
    """A CMap from glyphs back to characters, a hundred a block as the format asks."""
    pairs = [
        f"<{glyph:04X}> <{text.encode('utf-16-be').hex().upper()}>" for glyph, text in sorted(used.items()) if text
    ]
    blocks = [pairs[n : n + 100] for n in range(0, len(pairs), 100)]
    lines = [
        "/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def", "/CMapType 2 def",
        "1 begincodespacerange", "<0000> <FFFF>", "endcodespacerange",
        *(line for block in blocks for line in (f"{len(block)} beginbfchar", *block, "endbfchar")),
        "endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end",
    ]  # fmt: skip
    return "\n".join(lines).encode("ascii")
