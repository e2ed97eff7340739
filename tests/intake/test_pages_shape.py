"""What a page of the anonymous side is, whatever it shows: one request, one size, and nothing that knows its reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import Page, sync_playwright

from intake.style import SHEET, SOURCE
from portal.settings import intake as settings
from tests.browser import chromium
from tests.harness.showing import Showing, showing
from tests.harness.test_axe import NARROW, WIDE, sideways, unreached, violations
from tests.intake.desks import Office
from tests.intake.public import served
from tests.intake.tour import taken
from tests.portal.test_stylesheets import STATIC, rules

pytestmark = pytest.mark.django_db
SIZE = 64 * 1024
# What may differ from page to page; everything else is the same on each.
OF_A_PAGE = {"Cache-Control", "Content-Language", "Retry-After"}


@pytest.fixture(scope="module")
def window() -> Iterator[tuple[Page, Showing]]:
    """The browser's driver runs a loop of its own in this thread, which Django would take for ours."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright, showing() as shown:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = chromium(playwright)
        yield browser.new_page(), shown
        connections.close_all()  # opened beside the driver's loop, they would outlive it
        browser.close()


class Parts(HTMLParser):
    """The elements of a page, and where they lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: set[tuple[str, str]] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        self.addresses |= {
            (name, value or "")
            for name, value in attributes
            if name in ("href", "src", "action", "formaction", "srcset", "poster", "data", "ping", "background")
        }


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_answer_has_one_size_and_the_same_headers(office: Office, language: str) -> None:
    headers = set()
    for answer in taken(office, language).answers:
        assert not answer.cookies
        assert len(answer.content) == SIZE
        assert "Content-Encoding" not in answer.headers
        headers.add(tuple((name, value) for name, value in answer.headers.items() if name not in OF_A_PAGE))
    assert len(headers) == 1


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_page_runs_anything_or_leads_anywhere_else(office: Office, language: str) -> None:
    pages = taken(office, language).pages
    assert len(pages) > 25
    for name, html in pages.items():
        parts = Parts(html)
        assert not parts.tags & {"script", "img", "svg", "iframe", "object", "embed", "video", "audio", "base"}, name
        assert not {attribute for attribute in parts.attributes if attribute.startswith("on")} | (
            parts.attributes & {"style", "src", "srcset", "ping", "target", "autofocus"}
        ), name
        for attribute, address in parts.addresses:
            own = address.startswith(("/", "#")) and not address.startswith("//")
            assert own or (attribute, address) == ("href", "data:,"), (name, address)
        assert html.count("<h1>") == 1
        assert html.count("<style>") == 1


def test_the_headers_let_nothing_in_and_tell_nobody_where_from(office: Office) -> None:
    with served():
        answer = Client().get("/", secure=True, headers={"Accept-Language": "en", "Cookie": "a=b"})
    assert set(answer["Content-Security-Policy"].split("; ")) == {
        "default-src 'none'", f"style-src {SOURCE}", "img-src data:", "form-action 'self'", "frame-ancestors 'none'",
        "base-uri 'none'", "object-src 'none'",
    }  # fmt: skip
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "Set-Cookie" not in answer.headers
    assert 'lang="ja"' in answer.content.decode(), "whatever the browser says its owner reads"
    assert "Vary" not in answer.headers


def test_the_process_has_no_session_no_token_and_no_cookie() -> None:
    known = " ".join([*settings.MIDDLEWARE, *settings.INSTALLED_APPS])
    assert not re.search("session|csrf|auth|cookie|gzip|whitenoise|locale", known, re.IGNORECASE)
    assert settings.INSTALLED_APPS == ["intake"]


def test_what_repeats_what_was_typed_is_not_kept(office: Office) -> None:
    for answer in taken(office, "ja").answers:
        typed = answer.request["REQUEST_METHOD"] == "POST" or answer.status_code >= 400
        assert answer["Cache-Control"] == ("no-store" if typed else "no-cache")


def test_the_style_sheet_is_old_and_takes_its_colours_from_the_portals() -> None:
    """A phone of ten years ago knows no layers, custom properties or grids."""
    assert not re.search(r"@layer|var\(|--|grid|:is\(|:where\(|:has\(|@import|url\(|</|@container|gap:", SHEET)
    tokens = rules(STATIC / "css" / "tokens.css")
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", SHEET)) - set(re.findall(r"#[0-9a-f]{3,6}\b", tokens)) == set()


def test_every_class_is_styled_and_used(office: Office) -> None:
    pages = taken(office, "ja").pages
    used = {name for html in pages.values() for names in re.findall(r'class="([^"]*)"', html) for name in names.split()}
    assert used - {"field", "text"} <= set(re.findall(r"\.([a-z]+)", SHEET))
    assert set(re.findall(r"\.([a-z]+)", SHEET)) <= used


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_page_is_open_to_everybody(window: tuple[Page, Showing], office: Office, language: str) -> None:
    page, shown = window
    faults, heads = [], set[str]()
    for name, html in once(taken(office, language).pages):
        if language == "ja":  # colours and widths are the same in each language, but for how long a word is
            page.set_viewport_size(WIDE)
        shown.show(page, html)
        faults += violations(page, name, colours=language == "ja")
        page.set_viewport_size(NARROW)
        faults += sideways(page, name)
        if language == "ja":
            faults += unreached(page, name, heads)
    assert faults == []


def once(pages: dict[str, str]) -> list[tuple[str, str]]:
    """Without those that show what another shows; the receipt and the draft in a form are new on each."""
    hidden = re.compile(r'(<input type="hidden"[^>]* value=")[^"]*')
    seen = {hidden.sub(r"\1", html): name for name, html in reversed(pages.items())}
    return [(name, pages[name]) for name in pages if name in seen.values()]
