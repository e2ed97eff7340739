"""The test suite: the embedded product on a throw-away database, with every shortcut that could hide a fault off."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from vault.providers import FileProvider

from .base import *  # noqa: F403
from .base import INSTALLED_APPS, STORAGES, TEMPLATES, database

DEMO = True
# The smallest app under the access decision, and rows of the vault's, come before `portal`, whose migrations end with
# the grants.
INSTALLED_APPS = [*INSTALLED_APPS[:-1], "tests.clearance.papers", "tests.vault.letters", INSTALLED_APPS[-1]]
SECRET_KEY = "test-only"  # noqa: S105
VAR_DIR = Path(tempfile.gettempdir()) / "entaku-test"
SECURITY_LOG_DIR = VAR_DIR / "security"
INTAKE_FOLDER = VAR_DIR / "intake"
INTAKE_SPARE_BYTES = 1
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
ROOT_URLCONF = "portal.embedded_urls"
DATABASES = {
    "default": {**database("portal_app", "test"), "TEST": {"MIRROR": "owner"}},
    "owner": database("portal_owner", "test"),
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AUDIT_HEADS_FOLDER = None  # what a test seals is undone: its heads would contradict the next test's
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
# One key for every process of a run, made outside the repository by whichever comes first.
VAULT_ROOT_KEY_FILE = Path(tempfile.gettempdir()) / f"entaku-test-{os.getuid()}" / "root.key"
with suppress(FileExistsError):
    FileProvider.create(VAULT_ROOT_KEY_FILE)
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    **STORAGES,
    "blobs": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR_DIR / "blobs"}},
    "staticfiles": {"BACKEND": "portal.statics.Plain"},
}
# An undefined template variable is an error, not an empty string (see tests/conftest.py).
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = ""  # type: ignore[index]
