"""Blobs in an S3 bucket, on a server that speaks it: ranges, parts, flat memory, and nothing left of what broke off."""

from __future__ import annotations

import errno
import gc
import hashlib
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from pytest_django import Settings

from tests.authority import Authority
from tests.objects import Objects
from vault import Unreadable, blobs
from vault.blobs import NewBlob
from vault.s3 import FIRST, PART, Reading, S3Blobs
from vault.streams import CHUNK, open_range, seal_stream, sealed_size
from vault.uploads import _Arrival

pytestmark = pytest.mark.slow

KEY = bytes(32)
MIB = 1024**2


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Objects]:
    folder = tmp_path_factory.mktemp("s3")
    with pytest.MonkeyPatch.context() as patch:
        objects = Objects(folder / "weed", Authority(folder))
        for name, value in objects.environment.items():
            patch.setenv(name, value)
        try:
            objects.wait()
            yield objects
        finally:
            objects.kill()


@pytest.fixture
def bucket(objects: Objects, settings: Settings) -> S3Blobs:
    """The storage of blobs, empty."""
    options = {"bucket": objects.bucket, "endpoint": objects.endpoint}
    settings.STORAGES = {**settings.STORAGES, "blobs": {"BACKEND": "vault.s3.S3Blobs", "OPTIONS": options}}
    storage = blobs.storage()
    assert isinstance(storage, S3Blobs)
    for name in blobs.names():
        blobs.delete(name)
    return storage


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the server, in order: the operation, and the range it was for."""
    made: list[str] = []
    ask = S3Blobs.ask

    def told(self: S3Blobs, operation: str, name: str = "", **more: Any) -> Any:
        made.append(f"{operation} {more.get('Range', '')}".strip())
        return ask(self, operation, name, **more)

    monkeypatch.setattr(S3Blobs, "ask", told)
    return made


def content(size: int) -> bytes:
    return hashlib.shake_256(b"content").digest(size)


def stored(plain: bytes) -> str:
    with NewBlob() as blob:
        seal_stream([plain], blob, key=KEY, binding=blob.binding)
        blob.keep()
    return blob.name


def opened(name: str, size: int, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join(
        open_range(blobs.open_blob(name), key=KEY, binding=blobs.binding(name), size=size, start=start, stop=stop)
    )


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, PART + 12_345])
def test_what_was_written_is_read_from_any_place(bucket: S3Blobs, size: int) -> None:
    plain = content(size)
    name = stored(plain)
    assert bucket.size(name) == sealed_size(size)
    assert opened(name, size) == plain
    assert opened(name, size, size // 2, size) == plain[size // 2 :]
    assert list(blobs.names()) == [name]


def test_a_range_asks_for_that_range_alone(bucket: S3Blobs, calls: list[str]) -> None:
    size = 40 * CHUNK
    plain = content(size)
    name = stored(plain)
    calls.clear()
    assert opened(name, size, 20 * CHUNK + 5, 20 * CHUNK + 15) == plain[20 * CHUNK + 5 : 20 * CHUNK + 15]
    assert len(calls) == 3  # the beginning, the last chunk, the chunk in question
    asked = [[int(end) for end in call.partition("=")[2].split("-")] for call in calls]
    assert sum(last - first + 1 for first, last in asked) < FIRST + 2 * (CHUNK + 16) + 1


def test_a_small_blob_takes_one_question_and_a_long_one_few(bucket: S3Blobs, calls: list[str]) -> None:
    small, long = stored(content(1000)), stored(content(2 * PART))
    calls.clear()
    opened(small, 1000)
    assert len(calls) == 1
    calls.clear()
    assert opened(long, 2 * PART) == content(2 * PART)
    assert len(calls) <= 5  # 64 chunks


def test_reading_goes_on_where_the_connection_broke_off(bucket: S3Blobs) -> None:
    plain = content(2 * MIB)
    name = bucket.save("ab/" + "0" * 32, ContentFile(plain))
    reader = Reading(bucket, name)
    assert reader.read(FIRST) == plain[:FIRST]
    assert reader.read(1000) == plain[FIRST : FIRST + 1000]
    reader._body.close()
    rest = b""
    while piece := reader.read(CHUNK):
        rest += piece
    assert rest == plain[FIRST + 1000 :]


def test_what_is_not_there_is_a_missing_file(bucket: S3Blobs) -> None:
    with pytest.raises(FileNotFoundError):
        blobs.open_blob("ab/" + "f" * 32)
    with pytest.raises(FileNotFoundError):
        bucket.get_modified_time("ab/" + "f" * 32)
    assert not bucket.exists("ab/" + "f" * 32)
    blobs.delete("ab/" + "f" * 32)


def test_a_truncated_object_gives_no_byte(bucket: S3Blobs) -> None:
    name = stored(content(3 * CHUNK))
    with bucket.open(name) as file:
        whole = file.read()
    blobs.delete(name)
    assert bucket.save(name, ContentFile(whole[: -CHUNK - 16])) == name
    with pytest.raises(Unreadable):
        opened(name, 3 * CHUNK)


@pytest.mark.parametrize("size", [1000, 2 * PART])
def test_a_blob_that_was_not_kept_is_never_there(bucket: S3Blobs, size: int) -> None:
    with NewBlob() as blob:
        blob.write(memoryview(content(size)))
        assert list(blobs.names()) == []
    assert list(blobs.names()) == []
    dropped = NewBlob()
    dropped.write(memoryview(content(size)))
    del dropped
    gc.collect()
    assert list(blobs.names()) == []
    assert not bucket.ask("list_multipart_uploads").get("Uploads")


def test_the_sweep_gives_up_what_a_killed_process_left(bucket: S3Blobs, calls: list[str]) -> None:
    kept = stored(b"kept")
    orphan = stored(b"orphan")
    left = bucket.open("cd/" + "1" * 32, "wb")  # by a process that never got to its end
    left.write(content(PART))
    calls.clear()
    assert blobs.sweep(timedelta(hours=1), known=lambda names: {kept}) == 0
    assert calls.count("head_object") == 1  # the age is asked of what no row names
    assert blobs.sweep(timedelta(seconds=-5), known=lambda names: {kept}) == 2
    assert list(blobs.names()) == [kept]
    assert orphan not in blobs.names()
    assert not bucket.ask("list_multipart_uploads").get("Uploads")


def test_memory_stays_flat_in_both_directions(bucket: S3Blobs) -> None:
    size, piece = 40 * MIB, content(MIB)
    bucket.exists("warm")
    tracemalloc.start()
    try:
        with NewBlob() as blob:
            seal_stream((piece for _ in range(size // MIB)), blob, key=KEY, binding=blob.binding)
            blob.keep()
        for chunk in open_range(blobs.open_blob(blob.name), key=KEY, binding=blob.binding, size=size):
            assert len(chunk) == CHUNK
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * PART


def test_a_storage_that_is_gone_refuses_an_upload_and_nothing_else(
    objects: Objects, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = {"BACKEND": "vault.s3.S3Blobs", "OPTIONS": {"bucket": "blobs", "endpoint": "https://127.0.0.1:9"}}
    settings.STORAGES = {**settings.STORAGES, "blobs": gone}
    arrival = _Arrival()
    arrival.write(content(PART + 1))
    assert arrival.finish("a.bin", "").refusal
    with pytest.raises(OSError, match="S3 does not answer") as raised:
        blobs.open_blob("ab/" + "f" * 32)
    assert raised.value.errno == errno.EIO, "as a disk's: no document is given up for it (documents/processing/run.py)"


def test_a_stranger_is_refused(bucket: S3Blobs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
    with pytest.raises(OSError, match="S3 refused"):
        S3Blobs(bucket=bucket.bucket, endpoint=bucket.endpoint).size("ab/" + "f" * 32)
    monkeypatch.setenv("AWS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
    with pytest.raises(OSError, match="SSLError"):
        S3Blobs(bucket=bucket.bucket, endpoint=bucket.endpoint).size("ab/" + "f" * 32)
