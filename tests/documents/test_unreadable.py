"""What was altered in the store is refused whole: never a part of it, and the log says that it happened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from audit.models import Event
from documents.models import Document, Version
from tests.documents.acting import hand_over, newest_version
from tests.world import World, as_owner
from vault.streams import CHUNK, HEADER_SIZE, TAG

pytestmark = pytest.mark.django_db(transaction=True)
CONTENT = bytes(range(256)) * (3 * CHUNK // 256) + b"end"  # three whole chunks and a little


def flipped(at: int) -> Callable[[bytearray], None]:
    def flip(blob: bytearray) -> None:
        blob[at] ^= 1

    return flip


def truncated(blob: bytearray) -> None:
    del blob[-1:]


def cut_at_a_chunk(blob: bytearray) -> None:
    del blob[HEADER_SIZE + 2 * (CHUNK + TAG) :]


def swapped_chunks(blob: bytearray) -> None:
    first, size = HEADER_SIZE, CHUNK + TAG
    one, two = blob[first : first + size], blob[first + size : first + 2 * size]
    blob[first : first + 2 * size] = two + one


def unreadable() -> int:
    with as_owner():
        return Event.objects.filter(act="access.unreadable").count()


ALTERED: dict[str, Callable[[bytearray], None]] = {
    "header": flipped(0),
    "prefix of the nonces": flipped(HEADER_SIZE - 1),
    "first byte": flipped(HEADER_SIZE),
    "last byte": flipped(-1),
    "truncated": truncated,
    "cut at a chunk": cut_at_a_chunk,
    "swapped chunks": swapped_chunks,
}


def test_an_altered_file_gives_no_byte_and_an_entry(
    world: World, blobs: Path, client_for: Callable[..., Client]
) -> None:
    document = hand_over(world, world.official, CONTENT, name="一.bin")
    other = hand_over(world, world.official, CONTENT, name="二.bin")
    place, client = blobs / newest_version(document).blob_id, client_for(world.engineer)
    whole = place.read_bytes()

    def refused(content: bytes) -> None:
        before = unreadable()
        place.write_bytes(content)
        answer = client.get(f"/documents/{document.pk}/versions/1/download")
        assert answer.status_code == 500
        assert not answer.streaming
        assert CONTENT[:64] not in answer.content
        assert unreadable() == before + 1

    for alter in ALTERED.values():
        content = bytearray(whole)
        alter(content)
        refused(bytes(content))
    refused((blobs / newest_version(other).blob_id).read_bytes())  # a file of the same content, under another's key


@pytest.mark.parametrize("row", ["document", "version"])
def test_a_row_that_does_not_open_gives_an_entry(
    world: World, blobs: Path, client_for: Callable[..., Client], row: str
) -> None:
    document = hand_over(world, world.official)
    with as_owner():
        if row == "document":
            wrapped = bytes(Document.objects.get(pk=document.pk).wrapped_key)
            Document.objects.filter(pk=document.pk).update(wrapped_key=wrapped[:-1] + bytes([wrapped[-1] ^ 1]))
        else:
            Version.objects.filter(document=document).update(number=1, size=999)
    path = f"/documents/{document.pk}/" if row == "document" else f"/documents/{document.pk}/versions/1/download"
    assert client_for(world.engineer).get(path).status_code == 500
    assert unreadable() == 1
