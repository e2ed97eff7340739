"""Stories about documents: blobs in a folder of their own, keys that no other test left in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from documents import tasks
from vault import keys


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path, settings: Settings) -> Path:
    """The blob folder of this one test."""
    folder = tmp_path / "blobs"
    settings.STORAGES = {
        **settings.STORAGES,
        "blobs": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}},
    }
    return folder


@pytest.fixture(autouse=True)
def fresh_keys() -> Iterator[None]:
    keys.forget()
    yield
    keys.forget()


@pytest.fixture(autouse=True)
def broker_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is done because a broker says so: the stories tell when the worker works, in its own role."""
    monkeypatch.setattr(tasks.process, "delay", lambda _version: None)
