"""Fixtures of the anonymous intake: an office on a disk of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test.utils import override_settings

from intake.cleaning import mat2
from tests.intake.desks import Office
from tests.world import as_role


@pytest.fixture(autouse=True)
def _folders_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside us another worker has files cleaned, in the same memory."""
    monkeypatch.setattr(mat2, "PREFIX", f"entaku-cleaning-{os.getpid()}-")


@pytest.fixture
def office(db: None, tmp_path: Path) -> Iterator[Office]:
    """Two desks, three officers: one at each and one at both. The folder is new, the role the intake's own."""
    places = {"blobs": tmp_path / "intake" / "files", "office": tmp_path / "office"}
    storages = {
        name: {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": place}}
        for name, place in places.items()
    }
    with override_settings(
        INTAKE_FOLDER=tmp_path / "intake", INTAKE_SPARE_BYTES=1, STORAGES=settings.STORAGES | storages
    ):
        office = Office(tmp_path / "intake")
        office.officer("藤田", "取引")
        office.officer("村上", "技術")
        office.officer("両方", "取引", "技術")
        with as_role("portal_intake"):
            yield office
