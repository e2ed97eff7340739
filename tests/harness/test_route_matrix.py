"""Every URL × every persona has an expected answer, read from `matrix.txt`; a URL missing there fails the suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import world as build
from tests.harness.routes import routes
from tests.harness.scene import PERSONAS, stage
from tests.harness.walk import walk
from tests.world import World

pytestmark = pytest.mark.django_db
COLUMNS = ["anonymous", *PERSONAS]


def table(method: str) -> dict[str, dict[str, int]]:
    """The expected statuses of a method: route → persona → status."""
    rows: dict[str, dict[str, int]] = {}
    part = ""
    for line in (Path(__file__).parent / "matrix.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            part = line.strip("[]").lower()
        elif line and not line.startswith("#") and part == method:
            name, *statuses = line.split()
            rows[name] = dict(zip(COLUMNS, map(int, statuses), strict=True))
    return rows


@pytest.mark.parametrize("method", ["get", "post"])
def test_each_url_stands_in_the_table_once_and_the_table_names_no_other(method: str) -> None:
    assert list(table(method)) == [route.name for route in routes()]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("persona", COLUMNS)
def test_each_url_answers_the_persona_as_the_table_says(world: World, persona: str, method: str) -> None:
    scene = stage(world)
    with build.as_owner():
        keys = scene.keys()
    answers = {name: answer.status for name, answer in walk(scene.client(persona), keys, method)}
    expected = {name: statuses[persona] for name, statuses in table(method).items()}
    assert answers == expected
