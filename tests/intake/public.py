"""The anonymous side as it is served: its own settings, its own addresses, and somebody who opens its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.test.utils import override_settings

from portal.settings import intake

NAMES = (
    "CONTENT_SECURITY_POLICY", "DATA_UPLOAD_MAX_MEMORY_SIZE", "FILE_UPLOAD_HANDLERS", "MIDDLEWARE",
    "PERMISSIONS_POLICY", "ROOT_URLCONF", "SECURE_HSTS_SECONDS", "SECURE_PROXY_SSL_HEADER", "SECURE_REFERRER_POLICY",
    "TEMPLATES",
)  # fmt: skip


@contextmanager
def served(**more: Any) -> Iterator[None]:
    """The settings of the intake's process, but for its database and its apps, which are the suite's."""
    with override_settings(**{name: getattr(intake, name) for name in NAMES}, **more):
        yield


class Form(HTMLParser):
    """The fields of a page's forms as a browser would send them; one form a page but where `do` tells them apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._area: str | None = None
        self.feed(html.replace("\r\n", "\n"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append({"action": given["action"], "fields": {}})
        elif tag == "textarea":
            self._area = given["name"]
            self.forms[-1]["fields"][self._area] = [""]
        elif tag == "input" and self.forms:
            chosen = given.get("type") not in ("radio", "checkbox") or "checked" in given
            if chosen and given.get("type") != "file":
                self.forms[-1]["fields"].setdefault(given["name"], []).append(given.get("value", "on"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.forms[-1]["fields"][self._area][0] += data.removeprefix("\n")


class Visitor:
    """Somebody with a browser that runs no script and keeps nothing."""

    def __init__(self, language: str = "ja") -> None:
        self.client = Client(raise_request_exception=False)
        self.prefix = "" if language == "ja" else "/en"
        self.answer: Any = None

    @property
    def html(self) -> str:
        return str(self.answer.content.decode())

    @property
    def text(self) -> str:
        """What is read of the page."""
        body = re.sub(r"<(style|script).*?</\1>|<!--.*?-->", "", self.html, flags=re.DOTALL)
        return unescape(re.sub(r"<[^>]+>", "", body))

    @property
    def words(self) -> str:
        return " ".join(re.findall(r'<li><span class="number" aria-hidden="true">\d+</span>([^<]+)</li>', self.html))

    def open(self, address: str) -> Any:
        self.answer = self.client.get(self.prefix + address)
        return self.answer

    def fields(self, holding: str = "") -> dict[str, Any]:
        """Of the page's first form that has this field."""
        return next(form for form in Form(self.html).forms if not holding or holding in form["fields"])["fields"]

    def post(self, address: str, fields: dict[str, Any]) -> Any:
        self.answer = self.client.post(self.prefix + address, fields)
        return self.answer

    def write(self, **typed: Any) -> Any:
        """From the empty form to the preview."""
        self.open("/write/")
        usual = {"theme": "HANDOVER", "text": "取引先から、図面を渡すように言われています。"}
        return self.post("/check/", {**self.fields("text"), **usual, **typed})

    def send(self, **typed: Any) -> Any:
        """From the empty form to the receipt."""
        self.write(**typed)
        return self.post("/sent/", self.fields("draft"))

    def come_back(self, words: str) -> Any:
        return self.post("/conversation/", {"words": words})
