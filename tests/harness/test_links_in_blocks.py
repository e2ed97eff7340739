"""A name that `{% url … as name %}` makes in one block of a page is empty in another: no page uses it there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
EDGE = re.compile(r"\{% (?:block (?P<name>\w+)|endblock(?!\w))[^%]*%\}")
MADE = re.compile(r"\{% url [^%]*? as (\w+) %\}")


def blocks(text: str) -> Iterator[str]:
    """What stands in each outermost block."""
    depth = start = 0
    for edge in EDGE.finditer(text):
        if edge["name"] is None:
            depth -= 1
            if not depth:
                yield text[start : edge.start()]
        else:
            start = start if depth else edge.end()
            depth += 1


def used_before_made(text: str) -> set[str]:
    """The names of links that a block uses and only another makes."""
    found = list(blocks(text))
    names = {name for block in found for name in MADE.findall(block)}
    lost = set()
    for block in found:
        for name in names:
            makes = re.search(rf"\{{% url [^%]*? as {name} %\}}", block)
            if re.search(rf"(?<![\w.]){name}(?!\w)", block[: makes.start()] if makes else block):
                lost.add(name)
    return lost


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_each_block_makes_the_links_it_uses(path: Path) -> None:
    assert used_before_made(path.read_text("utf-8")) == set()


def test_one_made_in_another_block_is_found() -> None:
    page = (
        '{% block a %}{% url "x" as x_url %}{% endblock %}{% block b %}{% endblocktranslate %}{{ x_url }}{% endblock %}'
    )
    assert used_before_made(page) == {"x_url"}
    assert used_before_made(page.replace("{{ x_url", '{% url "x" as x_url %}{{ x_url')) == set()
