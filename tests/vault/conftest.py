"""Folders for a root key and blobs of a test's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from vault import keys
from vault.providers import FileProvider


@pytest.fixture
def root_key(tmp_path: Path, settings: Settings) -> Path:
    """A root key of this test's own."""
    path = tmp_path / "keys" / "root.key"
    FileProvider.create(path)
    settings.VAULT_ROOT_KEY_FILE = path
    keys.forget()
    return path


@pytest.fixture
def blob_folder(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """Blob storage of this test's own."""
    folder = tmp_path / "blobs"
    settings.STORAGES = {
        **settings.STORAGES,
        "blobs": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}},
    }
    yield folder
    shutil.rmtree(folder, ignore_errors=True)  # pytest would keep gibibytes of three runs
