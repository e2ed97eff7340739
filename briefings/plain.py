"""Markdown as plain lines, for where there is no type but one: lists with their marks, tables cell by cell."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from dialogues.prose import render

BLOCKS = frozenset({"p", "blockquote", "pre", "ul", "ol", "li", "tr", "table", "hr"})


class _Lines(HTMLParser):
    """Reads what dialogues.prose has rendered: its tags are few, and all of them closed."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.lists: list[int | None] = []  # the number that comes next, or none where they are not counted

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS and not self.text.endswith(("\n", "・", ". ")):
            self.text += "\n"
        if tag in ("ul", "ol"):
            self.lists.append(int(dict(attrs).get("start") or 1) if tag == "ol" else None)
        elif tag == "li" and self.lists:
            number = self.lists[-1]
            self.text += "　" * (len(self.lists) - 1) + ("・" if number is None else f"{number}. ")
            self.lists[-1] = None if number is None else number + 1
        elif tag == "br":
            self.text += "\n"
        elif tag in ("td", "th") and not self.text.endswith("\n"):
            self.text += " | "

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        if tag in ("p", "pre", "table") or (tag in ("ul", "ol") and not self.lists):
            self.text = self.text.rstrip("\n") + ("\n" if self.lists else "\n\n")

    def handle_data(self, data: str) -> None:
        if self.text.endswith("\n"):  # what stands between the tags of blocks, and after a <br>
            data = data.lstrip("\n")
        self.text += data if data.strip() or not data.endswith("\n") else ""


def plain(source: str) -> str:
    """The words of a text without the signs of its Markdown."""
    reader = _Lines()
    reader.feed(str(render(source)))
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", reader.text).strip("\n")
