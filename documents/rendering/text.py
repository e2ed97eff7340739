"""Cuts a text into pages of a size that reads well on a screen and loads at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .pages import Page

PAGE_CHARACTERS = 4000
LONGEST_LINE = 8000
SHOWN = {"\t", "\n", "\f"}


def pages(pieces: Iterable[str]) -> Iterator[Page]:
    """Pages that end with a line, or where the author ended one (form feed). An empty text has one page."""
    held: list[str] = []
    length, any_page = 0, False
    for line in lines(pieces):
        before, *parts = line.split("\f")
        held.append(before)
        length += len(before)
        for part in parts:
            yield Page("".join(held))
            any_page, held, length = True, [part], len(part)
        if length >= PAGE_CHARACTERS:
            yield Page("".join(held))
            any_page, held, length = True, [], 0
    if length or not any_page:
        yield Page("".join(held))


def lines(pieces: Iterable[str]) -> Iterator[str]:
    """Lines with their ends, of at most `LONGEST_LINE` characters; newlines of every system become one."""
    rest = ""
    for piece in pieces:
        rest += piece
        if rest.endswith("\r"):  # its \n may come with the next piece
            rest, kept = rest[:-1], "\r"
        else:
            kept = ""
        *whole, rest = shown(rest).split("\n")
        for line in whole:
            yield from _short(line + "\n")
        while len(rest) > LONGEST_LINE:
            yield rest[:LONGEST_LINE]
            rest = rest[LONGEST_LINE:]
        rest += kept
    if rest:
        yield from _short(shown(rest))


def shown(text: str) -> str:
    """Without byte order marks and control characters, which browsers refuse; newlines as \\n."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if (c >= " " and c not in "\x7f\ufeff") or c in SHOWN)


def _short(line: str) -> Iterator[str]:
    for at in range(0, len(line), LONGEST_LINE):
        yield line[at : at + LONGEST_LINE]
