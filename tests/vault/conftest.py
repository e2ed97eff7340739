"""Folders for a root key and blobs of a test's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from tests.world import as_owner
from vault import keys
from vault.providers import FileProvider


@pytest.fixture(autouse=True)
def any_marking(request: pytest.FixtureRequest, _django_db_marker: None) -> Iterator[None]:
    """Keys of markings that exist in no table: which one may use is clearance's to say, not the vault's."""
    if request.node.get_closest_marker("django_db") is None:
        yield
        return
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE POLICY any_marking ON vault_markingkey FOR INSERT TO portal_app WITH CHECK (true)")
    yield
    if not connection.in_atomic_block:  # else it goes with the test's own transaction
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("DROP POLICY any_marking ON vault_markingkey")


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
