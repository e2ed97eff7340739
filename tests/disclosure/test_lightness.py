"""What is found about light vectors is what trying every set of sources finds, over exact fractions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.lightness import Meter, TooIntricate, has_light
from disclosure.span import Span
from tests.thorough import FEW_CASES

SOURCES = 9
figures = st.sets(st.integers(0, SOURCES - 1), min_size=1).map(frozenset)


def rank(rows: Iterable[Sequence[Fraction]]) -> int:
    left, found = [list(row) for row in rows], 0
    while left:
        row = left.pop()
        pivot = next((place for place, entry in enumerate(row) if entry), None)
        if pivot is not None:
            found += 1
            left = [[a - b * other[pivot] / row[pivot] for a, b in zip(other, row, strict=True)] for other in left]
    return found


def derives_light(known: list[frozenset[int]], enough: int) -> bool:
    """Whether something other than zero can be derived in which fewer than `enough` have a part: by its definition."""
    whole = rank([[Fraction(source in members) for source in range(SOURCES)] for members in known])
    for few in combinations(range(SOURCES), enough - 1):
        rest = [source for source in range(SOURCES) if source not in few]
        if rank([[Fraction(source in members) for source in rest] for members in known]) < whole:
            return True
    return False


@FEW_CASES
@given(st.lists(figures, max_size=7), st.integers(2, 5))
def test_a_figure_is_held_back_exactly_when_something_light_could_be_derived(
    asked: list[frozenset[int]], enough: int
) -> None:
    span, known = Span(asked, enough), list[frozenset[int]]()
    for place, members in enumerate(asked):
        bares = derives_light([*known, members], enough)
        assert span.bares(place) == bares
        if not bares:
            span.learn(place)
            known.append(members)


@FEW_CASES
@given(st.lists(figures, max_size=6), st.integers(2, 5))
def test_all_at_once_is_the_same_question(asked: list[frozenset[int]], enough: int) -> None:
    span = Span(asked, enough)
    assert span.bare_any(range(len(asked))) == derives_light(asked, enough)


@pytest.mark.parametrize(
    ("rows", "light"),
    [
        pytest.param([{0: 1, 1: 1}], False, id="two columns of two sources"),
        pytest.param([{0: 1, 2: 1}], True, id="a part that weighs nothing protects nobody"),
        pytest.param([{2: 1}], True, id="nobody at all"),
        pytest.param([{0: 1, 1: 1, 2: 1}, {0: 1, 1: 1}], True, id="the difference is nobody"),
        pytest.param([{0: 1, 1: 2}, {0: 2, 1: 1}], True, id="by fractions: each column alone"),
    ],
)
def test_columns_weigh_as_many_as_they_stand_for(rows: list[dict[int, int]], light: bool) -> None:
    assert has_light(rows, {0: 2, 1: 2, 2: 0}, 4, Meter(10_000)) == light


def test_what_takes_too_long_is_not_answered() -> None:
    sets = [frozenset(range(first, first + 12)) for first in range(40)]
    with pytest.raises(TooIntricate):
        Span(sets, 9, most_work=2_000).bare_any(range(len(sets)))
