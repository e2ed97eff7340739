"""Fixtures for every test: both database roles, a small world of people, and clients signed in as them."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.db import connections
from django.template import Template
from django.test import Client, TransactionTestCase
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from tests.browser import browser  # noqa: F401 - a fixture
from tests.emptied import EMPTIED
from tests.harness.walk import RENDER
from tests.portal.launched import entaku  # noqa: F401 - a fixture
from tests.prepared import kept
from tests.thorough import SECONDS, THOROUGH
from tests.world import REMEMBERED, World, build, sign_in
from vault import keys

# Cases a property is tried with.
hypothesis_settings.register_profile("default", max_examples=100, derandomize=True, deadline=None)
hypothesis_settings.register_profile("thorough", max_examples=10_000, deadline=None)
hypothesis_settings.load_profile("thorough" if THOROUGH else "default")


def pytest_itemcollected(item: pytest.Item) -> None:
    """A parallel run keeps a file on one worker, but for files marked `shared` and cases with a group of their own."""
    if not item.get_closest_marker("xdist_group"):
        group = item.nodeid if item.get_closest_marker("shared") else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A made file may hold the moment it was made at; two workers would then know the test by two names."""
    return f"{argname} of {len(val)} bytes" if isinstance(val, bytes) and len(val) > 32 else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is slow comes first: begun last, it would leave the other worker idle.

    Each database test may use both roles' connections unless it says otherwise.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items:
        if THOROUGH:
            item.add_marker(pytest.mark.timeout(SECONDS), append=False)
        marker = item.get_closest_marker("django_db")
        if marker and "databases" not in marker.kwargs:
            item.add_marker(pytest.mark.django_db(*marker.args, **marker.kwargs, databases="__all__"), append=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What a test found out about the machine and a reader of its result should know: `user_properties`, "said"."""
    for report in terminalreporter.getreports("passed"):
        for name, said in report.user_properties:
            if name == "said":
                terminalreporter.write_line(f"NOTE {report.nodeid}: {said}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Django closes the owner's connection before it drops the database; `default`, its mirror, is ours to close."""
    with django_db_blocker.unblock():
        EMPTIED.learn()
        REMEMBERED.learn()
    keys.forget()
    yield
    connections.close_all()


@pytest.fixture(autouse=True, scope="session")
def _emptied_quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: EMPTIED.restore())
        yield


@pytest.fixture(autouse=True, scope="session")
def _prepared_once() -> Iterator[None]:
    with kept():
        yield


@pytest.fixture(autouse=True, scope="session")
def _collected_seldom() -> None:
    """What was imported and collected is there until the end: the garbage collector need not go through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True, scope="module")
def _idle_once_done() -> Iterator[None]:
    """A thread that a file left running round and round would take half of every test that comes after it."""
    yield
    for _ in range(5):
        begun = time.process_time()
        time.sleep(0.005)
        if time.process_time() - begun < 0.003:
            return
    pytest.fail(f"something is busy though nothing is tested: {[thread.name for thread in threading.enumerate()]}")


@pytest.fixture(autouse=True)
def fresh_keys() -> Iterator[None]:
    """No test sees a key in memory whose row another's emptied database took with it."""
    keys.forget()
    yield
    keys.forget()


@pytest.fixture(autouse=True)
def fresh_counts() -> Iterator[None]:
    """No test finds attempts counted by another, by which a rate limit would refuse it."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _rendered_as_the_product_does(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django's test environment keeps a copy of the context of each part of each page, for tests that ask for them."""
    if "contexts" not in request.fixturenames:
        monkeypatch.setattr(Template, "_render", RENDER)


@pytest.fixture
def contexts() -> None:
    """For tests that read the context of an answer."""


@pytest.fixture
def world(db: None) -> World:
    """People, firms, authorisations and one circle, as the suite's stories need them."""
    return build()


@pytest.fixture
def client_for() -> Callable[..., Client]:
    """`client_for(person, level=2)`: a client signed in as the person, having proved enough for the level."""
    return sign_in
