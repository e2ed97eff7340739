"""Fixtures of the officers' side: desks, officers with keys, holders, and cases sealed to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test.utils import override_settings

from tests.consultations.offices import Bureau
from tests.world import World
from vault import passphrases
from vault.passphrases import Cost


@pytest.fixture(autouse=True)
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a passphrase costs is tested in tests/vault."""
    monkeypatch.setattr(passphrases, "COST", Cost(1, 1, 64))


@pytest.fixture
def bureau(world: World, tmp_path: Path) -> Iterator[Bureau]:
    """A manager, two desks with an officer each, three holders; nobody has a key yet. The disk is a new one."""
    places = {"blobs": tmp_path / "blobs", "office": tmp_path / "blobs"}
    storages = {
        name: {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": place}}
        for name, place in places.items()
    }
    with override_settings(INTAKE_FOLDER=tmp_path, INTAKE_SPARE_BYTES=1, STORAGES=settings.STORAGES | storages):
        yield Bureau(world, tmp_path)
