"""Tables of the vault's own test rows, a clean set of keys for each test, and a folder for its blobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker, Settings

from tests.vault.rows import MODELS
from vault import keys
from vault.providers import FileProvider


@pytest.fixture(autouse=True)
def fresh_keys() -> Iterator[None]:
    """No test sees a key that another left in memory."""
    keys.forget()
    yield
    keys.forget()


@pytest.fixture(scope="package")
def _tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Made by the owner for these tests and dropped after them, so that the test of all tables never meets them."""
    owner = connections["owner"]
    with django_db_blocker.unblock(), owner.schema_editor() as editor, owner.cursor() as cursor:
        for model in MODELS:
            editor.create_model(model)
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {model._meta.db_table} TO portal_app")
    yield
    with django_db_blocker.unblock(), owner.schema_editor() as editor:
        for model in reversed(MODELS):
            editor.delete_model(model)


@pytest.fixture
def rows(_tables: None, db: None) -> None:
    """The test rows' tables, inside a transaction that is rolled back."""


@pytest.fixture
def committed_rows(_tables: None, transactional_db: None) -> Iterator[None]:
    """The test rows' tables, with real commits."""
    yield
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE " + ", ".join(model._meta.db_table for model in MODELS))


@pytest.fixture
def root_key(tmp_path: Path, settings: Settings) -> Path:
    """A root key of this test's own."""
    path = tmp_path / "keys" / "root.key"
    FileProvider.create(path)
    settings.VAULT_ROOT_KEY_FILE = path
    keys.forget()
    return path


@pytest.fixture
def blob_folder(tmp_path: Path, settings: Settings) -> Path:
    """Blob storage of this test's own."""
    folder = tmp_path / "blobs"
    settings.STORAGES = {
        **settings.STORAGES,
        "blobs": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}},
    }
    return folder
