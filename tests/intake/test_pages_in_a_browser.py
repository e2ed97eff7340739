"""The form in a real browser, without scripts: a server that goes away takes nothing that was typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from unittest.mock import patch
from uuid import uuid4
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Error, Page

from intake import spool
from portal.content_types import Handler
from tests.intake.public import served
from vault.hybrid import PrivateKey

pytestmark = pytest.mark.browser
TYPED = "消えては困る文章\n二行目"


class Quiet(WSGIRequestHandler):
    def log_message(self, *_said: Any) -> None:
        """Nothing."""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = True


class Side:
    """The intake on a port of its own, which can be taken away and put back."""

    def __init__(self) -> None:
        self.port = 0
        self.server: Server | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.server = Server(("127.0.0.1", self.port), Quiet)
        self.server.set_app(Handler())
        self.port = self.server.server_port
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


@pytest.fixture
def side(tmp_path: Path) -> Iterator[Side]:
    """Without a database: the desks are as the courier copied them, and what is sent lies on the disk."""
    desk = {
        "id": str(uuid4()), "names": {"ja": "技術", "en": "Technology"}, "abouts": {"ja": "", "en": ""},
        "readers": {str(uuid4()): PrivateKey.generate().public.to_bytes().hex()},
    }  # fmt: skip
    (tmp_path / "directory.json").write_text(json.dumps([desk]))
    blobs = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    storages = settings.STORAGES | {"blobs": blobs}
    side = Side()
    with (
        served(INTAKE_FOLDER=tmp_path, INTAKE_SPARE_BYTES=1, STORAGES=storages),
        patch("intake.database.find", return_value=None),
    ):
        side.start()
        yield side
        side.stop()


@pytest.fixture
def page(browser: Browser, side: Side) -> Iterator[Page]:
    context = browser.new_context(base_url=side.address, java_script_enabled=False, locale="ja-JP")
    yield context.new_page()
    context.close()


def fill(page: Page) -> None:
    page.goto("/write/")
    page.get_by_label("図面、データ、作り方などを渡すように言われた").check()
    page.get_by_label("相談したいこと").fill(TYPED)
    page.get_by_label("急ぎです").check()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def words(page: Page) -> list[str]:
    return page.locator(".words li").all_inner_texts()


def test_what_was_typed_outlives_a_server_that_is_gone(side: Side, page: Page) -> None:
    fill(page)
    side.stop()
    press(page, "内容を確かめる")
    page.wait_for_url("chrome-error://**")
    page.go_back()
    assert page.get_by_label("相談したいこと").input_value() == TYPED
    assert page.get_by_label("急ぎです").is_checked()
    assert page.get_by_label("図面、データ、作り方などを渡すように言われた").is_checked()
    side.start()
    press(page, "内容を確かめる")
    assert TYPED in page.locator(".written").first.inner_text()


def test_a_sending_that_broke_off_is_repeated_by_reloading_and_sends_once(side: Side, page: Page) -> None:
    fill(page)
    press(page, "内容を確かめる")
    side.stop()
    press(page, "送る")
    page.wait_for_url("chrome-error://**")
    side.start()
    page.reload()
    first = words(page)
    assert len(first) == 11
    page.reload()
    assert words(page) == first
    with pytest.raises(Error, match="ERR_CACHE_MISS"):  # the preview is not kept: may the form be sent once more?
        page.go_back()
    page.wait_for_url("chrome-error://**")
    page.reload()
    press(page, "送る")
    assert words(page) == first
    assert len(spool.waiting()) == 1


def test_a_page_is_one_request_and_the_policy_lets_its_style_in(side: Side, page: Page) -> None:
    asked: list[str] = []
    refused: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: refused.append(message.text))
    fill(page)
    page.set_input_files("#files", {"name": "山田.txt", "mimeType": "text/plain", "buffer": b"text"})
    press(page, "内容を確かめる")
    press(page, "送る")
    assert asked == [f"{side.address}/{path}/" for path in ("write", "check", "sent")]
    assert refused == []
    assert page.locator(".slip").evaluate("e => getComputedStyle(e).borderTopStyle") == "solid"
    assert page.context.cookies() == []


def test_only_the_words_are_printed_and_not_what_they_open(page: Page) -> None:
    fill(page)
    press(page, "内容を確かめる")
    press(page, "送る")
    page.emulate_media(media="print")
    shown = page.locator("main").inner_text()
    assert "".join(shown.split()) == "".join("".join(words(page)).split())
    assert page.locator("body").evaluate("e => getComputedStyle(e).paddingTop") != "0px"
    for name in ("header", "footer", ".box", "button", ".steps"):
        assert not any(element.is_visible() for element in page.locator(name).all()), name
