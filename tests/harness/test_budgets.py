"""How many questions each page asks the database: the number `budgets.txt` states, at ten rows and at a thousand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.template import Template
from django.test import Client
from pytest_django import DjangoDbBlocker

from tests import world as build
from tests.harness.fillers import FEW, FILLERS, MANY
from tests.harness.routes import routes
from tests.harness.scene import Scene, stage
from tests.harness.test_route_matrix import table
from tests.harness.walk import RENDER, TOKEN
from vault import keys

# A transaction of the product's own ends with its context; within the suite's it is a savepoint and has to be left.
OF_THE_SUITE = re.compile(r"SAVEPOINT|clearance_leave")
# What the product promises, whatever the table says.
PROMISED = {"dialogues:room": 15}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # the first page waits until all are filled


@dataclass(frozen=True)
class Budget:
    """One line of the table: a page as a persona asks for it."""

    route: str
    persona: str
    queries: int
    fillers: tuple[str, ...]
    asked: str = ""

    def __str__(self) -> str:
        return f"{self.route} {self.asked or self.persona}"

    def url(self, scene: Scene, found: dict[str, Any]) -> str:
        """`asked` is a query, in which a key may stand in braces, or one key of the address and who has it."""
        key, _is, value = self.asked.partition("=")
        others = {} if "?" in key or not key else {key: getattr(scene.world, value).pk}
        url = next(route for route in routes() if route.name == self.route).url(found | others)
        return url + ("" if others else self.asked.format(circle=scene.world.circle.pk, **found))


@dataclass
class Visit:
    status: int
    page: bytes
    statements: list[str]


def read() -> tuple[list[Budget], list[str]]:
    """The lines with a budget, and the names of the pages without a list."""
    budgets: list[Budget] = []
    without: list[str] = []
    for line in (Path(__file__).parent / "budgets.txt").read_text("utf-8").splitlines():
        if not line or line.startswith(("#", "[")):
            continue
        route, *rest = (cell.strip() for cell in line.split("|"))
        if not rest:
            without.append(route)
            continue
        persona, queries, fillers, *asked = rest
        budgets.append(Budget(route, persona, int(queries), tuple(fillers.split(", ")), *asked))
    return budgets, without


BUDGETS, WITHOUT = read()


@pytest.fixture(scope="module")
def visits(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> dict[Budget, list[Visit]]:
    """Each page before anything is filled in, at FEW rows of everything and at MANY. Nothing of it stays."""
    with django_db_blocker.unblock(), ExitStack() as stack:
        stack.callback(keys.forget)  # no test sees a key whose row went away with this
        for alias in connections:
            stack.enter_context(transaction.atomic(using=alias))
            stack.callback(transaction.set_rollback, True, using=alias)
        keys.forget()
        return visited()


def visited() -> dict[Budget, list[Visit]]:
    scene = stage(build.build())
    with build.as_owner():
        found = scene.keys()
    clients = {persona: scene.client(persona) for persona in {budget.persona for budget in BUDGETS}}
    answers: dict[Budget, list[Visit]] = {budget: [] for budget in BUDGETS}
    for numbers in (range(0), range(FEW), range(FEW, MANY)):
        with build.as_owner():
            for fill in FILLERS.values():
                fill(scene, numbers)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # as autovacuum would have: without it a plan for no rows meets a thousand
        for budget in BUDGETS:
            client, url = clients[budget.persona], budget.url(scene, found)
            seen = visit(client, url)
            if numbers and len(seen.statements) != budget.queries:
                seen = visit(client, url)  # the first visit fills caches, and makes known what was not read
            answers[budget].append(seen)
    return answers


def visit(client: Client, address: str) -> Visit:
    with sent() as statements:
        answer = client.get(address)
    own = [statement for statement in statements if not OF_THE_SUITE.search(statement)]
    return Visit(answer.status_code, TOKEN.sub(b"", answer.content), own)


@contextmanager
def sent() -> Iterator[list[str]]:
    """All that goes to the database: Django's own count knows nothing of what the context and the log send past it."""
    statements: list[str] = []
    execute = psycopg.Cursor.execute

    def noted(cursor: Any, query: Any, *given: Any, **more: Any) -> Any:
        statements.append(str(query))
        return execute(cursor, query, *given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", noted)
        patch.setattr(Template, "_render", RENDER)
        yield statements


def test_each_page_states_its_budget_or_that_it_lists_nothing() -> None:
    pages = {name for name, statuses in table("get").items() if 200 in statuses.values()}
    stated = {budget.route for budget in BUDGETS}
    assert stated | set(WITHOUT) == pages
    assert not stated & set(WITHOUT)
    assert {name for budget in BUDGETS for name in budget.fillers} == set(FILLERS)
    assert all(budget.queries <= PROMISED.get(budget.route, budget.queries) for budget in BUDGETS)


@pytest.mark.django_db  # or there is none
@pytest.mark.parametrize("budget", BUDGETS, ids=str)
def test_a_page_asks_no_more_of_many_rows_than_of_few(visits: dict[Budget, list[Visit]], budget: Budget) -> None:
    empty, few, many = visits[budget]
    assert (empty.status, few.status, many.status) == (200, 200, 200)
    assert few.page != empty.page, "it shows nothing of what it was filled with"
    asked = {FEW: len(few.statements), MANY: len(many.statements)}
    assert asked == dict.fromkeys((FEW, MANY), budget.queries), "\n".join(sql[:160] for sql in many.statements)
