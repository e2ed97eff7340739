"""The scene is staged once a worker, before its first test."""

from __future__ import annotations

import pytest
from pytest_django import DjangoDbBlocker

from tests.harness import scene
from vault import keys


@pytest.fixture(autouse=True, scope="session")
def _staged_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        keys.forget()
        scene.REMEMBERED.learn()
        keys.forget()
