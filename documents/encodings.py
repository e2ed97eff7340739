"""Which encoding a text is in: the Unicode ones, Shift_JIS, EUC-JP, ISO-2022-JP; decided by the bytes alone."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Bytes that no text holds in these encodings: all controls but tab, newlines, form feed, escape and end-of-file (^Z).
CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r\f\x0b\x1b\x1a")) + b"\x7f"
NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp932": "Shift_JIS",
    "euc_jp": "EUC-JP",
    "iso2022_jp": "ISO-2022-JP",
}


def encoding_of(sample: bytes) -> str:
    """The codec of a text that begins with `sample`, which may end amid a character; empty when it is no text."""
    for bom, name in BOMS:
        if sample.startswith(bom):
            return name if _decoded(sample, name) is not None else ""
    if sample.translate(None, CONTROLS) != sample:
        return ""
    if b"\x1b$" in sample and sample.isascii() and _decoded(sample, "iso2022_jp") is not None:
        return "iso2022_jp"
    if b"\x1b" in sample:
        return ""
    if _decoded(sample, "utf-8") is not None:
        return "utf-8"
    return _japanese(sample)


def decoded(pieces: Iterable[bytes], encoding: str) -> Iterator[str]:
    """The text of a stream of bytes. A byte that does not fit becomes U+FFFD, so that a reader sees it."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for piece in pieces:
        if text := decoder.decode(piece):
            yield text
    if rest := decoder.decode(b"", final=True):
        yield rest


def _japanese(sample: bytes) -> str:
    """Shift_JIS or EUC-JP: many texts are valid in both, but only the right one reads as Japanese."""
    scores = {
        name: _japanese_share(text) for name in ("cp932", "euc_jp") if (text := _decoded(sample, name)) is not None
    }
    return max(scores, key=lambda name: scores[name]) if scores else ""


def _japanese_share(text: str) -> float:
    """Kana and common kanji against half-width katakana, which the wrong reading is full of."""
    good = sum("\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\u303f" for c in text)
    return (good - 2 * sum("\uff61" <= c <= "\uff9f" for c in text)) / max(1, len(text))


def _decoded(sample: bytes, name: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(name)().decode(sample)
    except UnicodeDecodeError:
        return None
