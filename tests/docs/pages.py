"""The documents as the tests read them: their text, their links, what they quote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def named(page: Path) -> str:
    """How a page is called in a test's name."""
    return str(page.relative_to(ROOT))


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """The page without its blocks of commands."""
    return BLOCK.sub("", text(page))


def links(page: Path) -> Iterator[str]:
    yield from LINK.findall(prose(page))


def quoted(page: Path) -> Iterator[str]:
    """What stands between back-ticks in the running text."""
    yield from CODE.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make, as code hosts make them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower()).replace(" ", "-")
        for heading in HEADING.findall(prose(page))
    }
