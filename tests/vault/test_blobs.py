"""Blobs in their storage: whole or not at all, and swept when nobody knows them."""

from __future__ import annotations

import gc
import os
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from vault import blobs
from vault.blobs import NewBlob
from vault.streams import open_range, seal_stream

KEY = bytes(32)


def stored(content: bytes = b"content") -> str:
    with NewBlob() as blob:
        seal_stream([content], blob, key=KEY, binding=blob.binding)
        blob.keep()
    return blob.name


def content_of(name: str, size: int = 7) -> bytes:
    return b"".join(open_range(blobs.open_blob(name), key=KEY, binding=blobs.binding(name), size=size))


def age(folder: Path, name: str, hours: float) -> None:
    path = folder / name
    moment = path.stat().st_mtime - hours * 3600
    os.utime(path, (moment, moment))


def test_a_blob_is_its_owners_alone(blob_folder: Path) -> None:
    name = stored()
    path = blob_folder / name
    assert content_of(name) == b"content"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [folder.stat().st_mode & 0o777 for folder in (path.parent, blob_folder)] == [0o700, 0o700]
    assert list(blobs.names()) == [name]


def test_a_blob_that_was_not_kept_goes_away(blob_folder: Path) -> None:
    with NewBlob() as blob:
        blob.write(memoryview(b"half"))
        assert list(blobs.names()) == [blob.name]
    assert list(blobs.names()) == []
    dropped = NewBlob()
    dropped.write(memoryview(b"half"))
    assert list(blobs.names()) == [dropped.name]
    del dropped
    gc.collect()
    assert list(blobs.names()) == []


def test_a_kept_blob_stays_whatever_follows(blob_folder: Path) -> None:
    blob = NewBlob()
    blob.keep()
    blob.discard()
    del blob
    gc.collect()
    assert len(list(blobs.names())) == 1


def test_a_blob_moved_to_another_name_does_not_open(blob_folder: Path) -> None:
    from vault import Unreadable

    first, second = stored(), stored()
    (blob_folder / first).replace(blob_folder / second)
    with pytest.raises(Unreadable):
        content_of(second)


def test_a_storage_that_is_no_folder_works_the_same(settings: Settings) -> None:
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "blobs": memory}
    name = stored()
    assert content_of(name) == b"content"
    NewBlob().discard()
    assert list(blobs.names()) == [name]


def test_the_sweep_removes_old_blobs_that_no_row_names(blob_folder: Path) -> None:
    known, orphan, young = stored(), stored(), stored()
    for name in (known, orphan):
        age(blob_folder, name, hours=25)
    foreign = blob_folder / "backup" / "notes.txt"
    foreign.parent.mkdir()
    foreign.write_text("not ours")
    age(blob_folder, "backup/notes.txt", hours=100)
    asked: list[str] = []

    def rows(names: Collection[str]) -> Collection[str]:
        asked.extend(names)
        return {known}

    assert blobs.sweep(timedelta(hours=24), known=rows) == 1
    assert set(blobs.names()) == {known, young}
    assert set(asked) == {known, orphan, young}
    assert foreign.exists()
    assert blobs.sweep(timedelta(hours=24), known=rows) == 0


def test_the_sweep_asks_in_batches(blob_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "SWEEP_BATCH", 3)
    for name in [stored() for _ in range(8)]:
        age(blob_folder, name, hours=2)
    sizes: list[int] = []

    def none_of_them(names: Collection[str]) -> Collection[str]:
        sizes.append(len(names))
        return []

    assert blobs.sweep(timedelta(hours=1), known=none_of_them) == 8
    assert sizes == [3, 3, 2]


def test_an_empty_storage_is_swept_without_complaint(blob_folder: Path) -> None:
    assert blobs.sweep(timedelta(0), known=lambda names: names) == 0
