"""Uploads through the browser's door: what breaks off or is refused leaves nothing half-made."""

from __future__ import annotations

import gc
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker, Settings
from pytest_django.live_server_helper import LiveServer

from documents.models import Document, Processing, StoredBlob, Version
from documents.services import receiving
from tests.documents.acting import TEXT, hand_over
from tests.world import World, as_owner

ClientFor = Callable[..., Client]


def form_of(world: World) -> str:
    return reverse("documents:receive") + f"?circle={world.circle.pk}"


def filled(world: World, **other: object) -> dict[str, object]:
    return {
        "title": "途中の文書", "marking_choice": "HI//SEMICON", "originator": str(world.ministry.pk),
        "file": SimpleUploadedFile("a.txt", TEXT),
    } | other  # fmt: skip


def nothing_left(blobs: Path) -> bool:
    gc.collect()
    with as_owner():
        rows = [model.__name__ for model in (Document, Version, Processing, StoredBlob) if model.objects.exists()]
    assert rows == []
    return not [path for path in blobs.rglob("*") if path.is_file()]


REFUSED: dict[str, dict[str, object]] = {
    "no title": {"title": ""},
    "no marking": {"marking_choice": ""},
    "a marking above the circle": {"marking_choice": "other", "marking_text": "HI//BATTERY"},
    "an empty file": {"file": SimpleUploadedFile("a.txt", b"")},
    "no file": {"file": ""},
    "half of the record data": {"record_file": "綴り"},
    "a reading period that is over": {"expires_on": "2020-01-01"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("other", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_keeps_what_was_typed_and_no_file(
    world: World, client_for: ClientFor, blobs: Path, other: dict[str, object]
) -> None:
    answer = client_for(world.official).post(form_of(world), filled(world) | other)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "error-summary" in page
    if "title" not in other:
        assert 'value="途中の文書"' in page
    del answer
    assert nothing_left(blobs)


@pytest.mark.django_db
def test_a_file_above_the_limit_is_refused(
    world: World, client_for: ClientFor, blobs: Path, settings: Settings
) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    answer = client_for(world.official).post(form_of(world), filled(world))
    assert "大きすぎます" in answer.content.decode()
    assert nothing_left(blobs)


@pytest.mark.django_db
def test_what_fails_on_the_way_leaves_nothing(
    world: World, client_for: ClientFor, blobs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is away")

    monkeypatch.setattr(receiving, "ask_worker", fail)
    client = client_for(world.official)
    client.raise_request_exception = False
    assert client.post(form_of(world), filled(world)).status_code == 500
    assert nothing_left(blobs)


@pytest.mark.django_db
def test_a_version_is_handed_over_by_form(world: World, client_for: ClientFor) -> None:
    document = hand_over(world, world.official)
    client = client_for(world.official)
    url = reverse("documents:add_version", args=[document.pk])
    assert "変更点" in client.get(url).content.decode()
    wrong = client.post(url, {"change": "", "file": SimpleUploadedFile("b.txt", TEXT)})
    assert wrong.status_code == 200
    assert client.post(url, {"change": "数字を直した", "file": SimpleUploadedFile("b.txt", TEXT)}).status_code == 302
    card = client.get(reverse("documents:document", args=[document.pk])).content.decode()
    assert "変更点：数字を直した" in card


@pytest.mark.django_db(transaction=True)
def test_a_sender_who_goes_away_in_the_middle_leaves_nothing(
    world: World, client_for: ClientFor, blobs: Path, live_server: LiveServer, django_db_blocker: DjangoDbBlocker
) -> None:
    client = client_for(world.official)
    address = urlsplit(live_server.url)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    head = (
        f"POST {form_of(world)} HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookies}\r\nContent-Length: 9000000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    )
    assert address.hostname
    assert address.port
    with socket.create_connection((address.hostname, address.port)) as sender:
        sender.sendall(head.encode() + b"x" * 700_000)
        deadline = time.monotonic() + 10
        while not list(blobs.rglob("*/*")) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert list(blobs.rglob("*/*"))  # it was arriving
    while [path for path in blobs.rglob("*") if path.is_file()] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert nothing_left(blobs)
