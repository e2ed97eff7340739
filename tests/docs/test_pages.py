"""Links lead somewhere, pictures are there and small, and nothing stands in a document that belongs to one machine."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image

from .pages import DOCS, PAGES, ROOT, anchors, links, named, text

LARGEST_PICTURE = 200 * 1024
LARGEST_DRAWING = 20 * 1024
WIDTHS = {1440, 360}
# Built from parts, so that this file passes its own test.
FORBIDDEN = {
    "a folder of one machine": re.compile(r"(?<![\w.])/(?:work|root|home|tmp)/"),
    "a package registry": re.compile(r"py" + r"pi\.(?:org|python)|python" + r"hosted|npm" + r"js\.|deb\.deb" + r"ian"),
    "how it was made": re.compile(
        r"\bA" + r"I\b|\bLL" + r"M|chat" + r"bot|\bag" + r"ent\b|\btick" + r"et|\bissue" + r" #?\d", re.IGNORECASE
    ),
    "notes that are not here": re.compile(r"\b(?:de" + r"sign|fa" + r"cts)\.md\b"),
    "work left open": re.compile(r"\bTO" + r"DO\b|\bFIX" + r"ME\b|\bX" + r"XX\b"),
}

FOLDERS = [path.parent for path in sorted(ROOT.glob("*/__init__.py"))] + [ROOT / "templates", DOCS]
SOURCES = [
    ROOT / "manage.py",
    *(
        path
        for folder in FOLDERS
        for kind in ("py", "sql", "html", "txt")
        for path in sorted(folder.rglob(f"*.{kind}"))
    ),
]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        place, _, anchor = unquote(link).partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), f"{named(page)}: {link}"
        assert not anchor or anchor in anchors(target), f"{named(page)}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_page_begins_with_its_title(page: Path) -> None:
    assert text(page).startswith("# ")
    assert len(re.findall(r"^# ", text(page).split("```")[0], re.MULTILINE)) == 1


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [(page.parent / link.partition("#")[0]).resolve() for link in links(page) if "://" not in link]
    assert reached >= set(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=named)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_page_says_nothing_that_does_not_belong_there(page: Path, what: str) -> None:
    assert not FORBIDDEN[what].findall(text(page))


def test_the_code_cites_only_what_is_here() -> None:
    decisions = {path.name[:4] for path in (DOCS / "adr").glob("*.md")}
    assert len(SOURCES) > 300
    for source in SOURCES:
        said = text(source)
        assert not FORBIDDEN["notes that are not here"].findall(said), named(source)
        assert set(re.findall(r"docs/adr/(\d{4})", said)) <= decisions, named(source)
        for word in re.findall(r"\bdocs/[\w/-]+\.md", said):
            assert (ROOT / word).exists(), f"{named(source)}: {word}"


def test_pictures_are_used_and_small() -> None:
    used = {(page.parent / link).resolve() for page in PAGES for link in links(page) if link.endswith(".png")}
    there = set((DOCS / "images").glob("*.png"))
    assert used == there
    drawn = {(page.parent / link).resolve() for page in PAGES for link in links(page) if link.endswith(".svg")}
    assert drawn == set((DOCS / "images").glob("*.svg"))
    assert all(drawing.stat().st_size <= LARGEST_DRAWING for drawing in drawn)
    for picture in there:
        assert picture.stat().st_size <= LARGEST_PICTURE, picture.name
        with Image.open(picture) as opened:
            assert opened.width in WIDTHS, picture.name
