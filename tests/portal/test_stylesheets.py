"""The style sheets: every value defined, nothing dead, colours legible (WCAG 2.2 AA), no way round the policy."""

import re
from functools import cache
from pathlib import Path

import pytest

from portal.gallery import ICONS
from tests.portal import words

STATIC = words.ROOT / "static"
SHEETS = sorted((STATIC / "css").glob("*.css"))
TEMPLATES = [path for path in words.template_files() if path.suffix == ".html"]
CODE = [*TEMPLATES, *words.python_files(), *(STATIC / "js").glob("*.js")]

TEXT_ON_PAPER = ["ink", "ink-strong", "ink-quiet", "link", "key", "key-hover", "wrong", "right"]
PAIRS = [
    *[(text, "paper") for text in TEXT_ON_PAPER],
    *[(text, "paper-quiet") for text in ("ink", "ink-strong", "ink-quiet", "link", "key")],
    *[("white", f"level-{level}") for level in range(5)],
    *[(f"level-{level}", f"level-{level}-tint") for level in range(5)],
    *[(f"tlp-{colour}", "black") for colour in ("clear", "green", "amber", "red")],
    ("white", "key"),
    ("white", "key-hover"),
    ("white", "key-active"),
    ("white", "wrong"),
    ("white", "red-1000"),
    ("white", "red-1200"),
    ("key-hover", "blue-200"),
    ("key-active", "blue-300"),
    ("ink", "blue-50"),
    ("link", "blue-50"),
    ("link", "yellow-50"),
    ("ink-strong", "yellow-50"),
    ("ink-strong", "yellow-400"),
    ("ink-quiet", "yellow-50"),
    ("blue-1000", "yellow-300"),
    ("ink-strong", "paper-head"),
    ("ink", "key-tint"),
    ("gray-700", "paper"),
    ("gray-600", "gray-100"),
    ("blue-800", "blue-50"),
    ("green-900", "green-50"),
    ("yellow-1100", "yellow-50"),
    ("red-1000", "red-50"),
    ("purple-900", "purple-50"),
]
# What is not text but must be told apart: borders of controls, symbols, bars.
SHAPES = [
    ("line-control", "paper"),
    ("yellow-900", "paper"),
    ("blue-600", "paper"),
    ("gray-536", "paper"),
    ("key", "paper"),
]


def rules(path: Path) -> str:
    """A style sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


@cache
def definitions() -> dict[str, str]:
    return {
        name: value.strip() for path in SHEETS for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", rules(path))
    }


def colour(name: str) -> tuple[int, int, int]:
    value = definitions()[name]
    while match := re.fullmatch(r"var\(--([\w-]+)\)", value):
        value = definitions()[match[1]]
    digits = value.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def luminance(name: str) -> float:
    """WCAG 2.2 relative luminance."""
    parts = [part / 255 for part in colour(name)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_is_legible(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_can_be_told_apart(shape: str, ground: str) -> None:
    assert contrast(shape, ground) >= 3


def test_the_five_levels_have_five_colours() -> None:
    assert len({colour(f"level-{level}") for level in range(5)}) == 5


def test_every_value_used_is_defined_and_every_value_defined_is_used() -> None:
    used = {name for path in SHEETS for name in re.findall(r"var\(--([\w-]+)", rules(path))}
    assert used - set(definitions()) == set()
    assert set(definitions()) - used == set()


def test_every_rule_stands_in_a_declared_layer() -> None:
    declared = re.match(r"\s*@layer ([\w, -]+);", rules(STATIC / "css" / "tokens.css"))
    assert declared
    order = [name.strip() for name in declared[1].split(",")]
    for path in SHEETS:
        depth, outer = 0, ""
        for piece in re.split(r"([{}])", rules(path)):
            if piece == "{":
                depth += 1
            elif piece == "}":
                depth -= 1
            elif depth == 0 and (outer := piece.strip().rpartition(";")[2].strip()):
                assert outer.removeprefix("@layer ") in order, f"{path.name}: {outer}"


def test_no_style_sheet_reaches_outside() -> None:
    for path in SHEETS:
        for address in re.findall(r"url\(\"?([^\")]+)", rules(path)):
            assert (path.parent / address).resolve().is_file(), f"{path.name}: {address}"
        assert "@import" not in rules(path)


def test_every_class_that_is_styled_is_used() -> None:
    code = "\n".join(path.read_text() for path in CODE)
    whole = set(re.findall(r"[\w-]+", code))
    begun = tuple(set(re.findall(r"([a-z]+-)\{", code)))
    styled = {name for path in SHEETS for name in re.findall(r"\.([a-z][\w-]*)(?=[^{}]*\{)", rules(path))}
    assert {name for name in styled if name not in whole and not name.startswith(begun)} == set()


def test_the_gallery_shows_every_symbol() -> None:
    drawn = re.findall(r'<symbol id="([\w-]+)"', (STATIC / "img" / "icons.svg").read_text())
    assert sorted(ICONS.split()) == sorted(drawn)


def test_every_symbol_asked_for_is_drawn() -> None:
    asked = {name for path in TEMPLATES for name in re.findall(r'(?:\{% icon |\bicon=)"([\w-]+)"', path.read_text())}
    assert asked <= set(ICONS.split())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(words.ROOT / "templates")))
def test_no_template_needs_a_looser_policy(path: Path) -> None:
    """No inline style, no inline script, no handler: the content policy allows none (portal/settings/base.py)."""
    text = path.read_text()
    assert not re.search(r"<style|\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert "javascript:" not in text
    for attributes in re.findall(r"<script\b([^>]*)>", text):
        assert "src=" in attributes or "application/json" in attributes


@pytest.mark.parametrize("path", [*SHEETS, *(STATIC / "js").glob("*.js")], ids=lambda path: path.name)
def test_files_stay_readable(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 500
