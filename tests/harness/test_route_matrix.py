"""Every URL × every persona has an expected answer, read from `matrix.txt`; a URL missing there fails the suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import world as build
from tests.harness.looks import EVERYBODY, look, of
from tests.harness.routes import routes
from tests.harness.scene import stage
from tests.harness.walk import Answer, walk

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# What the scene holds nothing for.
NOTHING_THERE = {"demo:sign_in": "the demo's people are in the demo alone"}


def table(method: str) -> dict[str, dict[str, int]]:
    """The expected statuses of a method: route → persona → status."""
    rows: dict[str, dict[str, int]] = {}
    part = ""
    for line in (Path(__file__).parent / "matrix.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            part = line.strip("[]").lower()
        elif line and not line.startswith("#") and part == method:
            name, *statuses = line.split()
            rows[name] = dict(zip(EVERYBODY, map(int, statuses), strict=True))
    return rows


@pytest.mark.parametrize("method", ["get", "post"])
def test_each_url_stands_in_the_table_once_and_the_table_names_no_other(method: str) -> None:
    assert list(table(method)) == [route.name for route in routes()]


@pytest.mark.parametrize(("persona", "method"), [of(name, method) for name in EVERYBODY for method in ("get", "post")])
def test_each_url_answers_the_persona_as_the_table_says(persona: str, method: str) -> None:
    answers = look(persona).whole if method == "get" else posted(persona)
    expected = {name: statuses[persona] for name, statuses in table(method).items()}
    assert {name: answer.status for name, answer in answers.items()} == expected
    # A link without an address leads nowhere: a template has used a name that is empty there.
    assert [name for name, answer in answers.items() if b'href=""' in answer.body] == []


def posted(persona: str) -> dict[str, Answer]:
    scene = stage(build.build())
    with build.as_owner():
        keys = scene.keys()
    return dict(walk(scene.client(persona), keys, "post"))


def test_each_url_leads_somebody_to_something() -> None:
    """Or the row would hold for a page that is broken as well as for one that is whole."""
    tables = table("get"), table("post")
    reached = {
        name
        for rows in tables
        for name, statuses in rows.items()
        for persona, status in statuses.items()
        if status not in {404, 405} and (persona, status) != ("anonymous", 302)
    }
    assert set(tables[0]) - reached == set(NOTHING_THERE)
