"""docs/asvs.md: each requirement once, with a state and a proof that is there, and counts that are right."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache

import pytest

from .pages import DOCS, ROOT, text

# Requirements of each section of ASVS 5.0.0, chapter by chapter.
SECTIONS = (
    (2, 10, 12, 3, 3), (3, 3, 5, 2), (1, 3, 5, 8, 8, 1, 5), (5, 5, 2, 4), (1, 6, 3, 3), (3, 12, 8, 6, 8, 4, 2, 4),
    (3, 4, 2, 5, 3, 2), (4, 4, 3, 2), (3, 4), (2, 3, 5, 16, 5, 2, 3), (4, 5, 5, 4, 2, 2, 2), (5, 2, 5), (4, 6, 4, 7),
    (2, 8, 3), (5, 5, 7, 4), (1, 5, 4, 3, 4), (2, 8, 2),
)  # fmt: skip
IDS = [
    f"{chapter}.{section}.{number}"
    for chapter, sections in enumerate(SECTIONS, 1)
    for section, most in enumerate(sections, 1)
    for number in range(1, most + 1)
]
OF_EACH_LEVEL = {"1": 70, "2": 183, "3": 92}
STATES = ("holds", "does not apply", "outside", "open")
MOST_WORDS, WIDEST = 12, 240

PAGE = text(DOCS / "asvs.md")
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| (\d) \| (.+?) \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
NAMED = re.compile(r"`([\w/.-]+)::(\w+)`")


def test_every_requirement_stands_once_and_in_order() -> None:
    assert len(IDS) == sum(OF_EACH_LEVEL.values()) == 345
    assert [row[0] for row in ROWS] == IDS
    assert Counter(row[1] for row in ROWS) == OF_EACH_LEVEL


def test_each_chapter_has_its_heading() -> None:
    chapters = re.split(r"^## V(\d+) ", PAGE, flags=re.MULTILINE)[1:]
    assert [int(number) for number in chapters[::2]] == list(range(1, 18))
    for number, body in zip(chapters[::2], chapters[1::2], strict=True):
        assert set(re.findall(r"^\| (\d+)\.", body, re.MULTILINE)) == {number}


def test_each_row_is_short_and_of_a_state() -> None:
    for line in PAGE.splitlines():
        assert len(line) <= WIDEST, line
    for number, _level, asks, state, proof in ROWS:
        assert len(asks.split()) <= MOST_WORDS, number
        assert state in STATES, number
        assert proof.strip(" -–"), number


def test_what_holds_names_its_proof() -> None:
    for number, _level, _asks, state, proof in ROWS:
        if state == "holds":
            assert NAMED.search(proof) or re.search(r"\]\([\w/.-]+\.md(#[\w-]+)?\)", proof), number


@cache
def names(place: str) -> frozenset[str]:
    """What a module defines: its functions, classes and constants."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / place).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return frozenset(found)


@pytest.mark.parametrize("chapter", range(1, 18))
def test_what_is_named_is_there(chapter: int) -> None:
    for number, _level, _asks, _state, proof in ROWS:
        if number.startswith(f"{chapter}."):
            for place, name in NAMED.findall(proof):
                assert name in names(place), f"{number}: {place}::{name}"


def test_the_counts_are_right() -> None:
    table = re.findall(r"^\| (1|2|3|all) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
    told = {level: tuple(map(int, figures)) for level, *figures in table}
    for level in ("1", "2", "3", "all"):
        states = Counter(row[3] for row in ROWS if level in (row[1], "all"))
        assert told[level] == (*(states[state] for state in STATES), states.total()), level


def test_what_is_open_is_told_at_the_top_and_nothing_else() -> None:
    top = PAGE.split("## Open")[1].split("\n## ")[0]
    told = re.findall(r"^- \*\*([\d.]+)\*\* \(level (\d)\) \S", top, re.MULTILINE)
    assert told == [(row[0], row[1]) for row in ROWS if row[3] == "open"]
    assert len(told) == top.count("\n- ")
