"""What every answer tells the browser, whichever part gives it, and where browsers report what broke the policy."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from portal import violations
from portal.headers import EVERYWHERE
from tests.world import World, sign_in

REPORT = b'{"csp-report": {"effective-directive": "script-src-elem", "document-uri": "https://x/rooms/secret/"}}'


@pytest.mark.parametrize("address", ["/healthz", "/csp-report", "/nowhere", "/static/nowhere.js", "/static/"])
def test_what_is_no_page_carries_them_too(address: str, db: None) -> None:
    answer = Client().get(address)
    assert {name: answer[name] for name in EVERYWHERE}.keys() == EVERYWHERE.keys()
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert not answer.content or "charset=utf-8" in answer["Content-Type"].lower()


def test_whoever_answers_stands_behind_them() -> None:
    """Health, reports and static files are answered by middleware of their own."""
    order = [name.rpartition(".")[2] for name in settings.MIDDLEWARE]
    assert order[:2] == ["SecurityMiddleware", "HeadersMiddleware"]


def test_transport_is_told_of_on_every_answer(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 2 * 365 * 24 * 3600, True
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/healthz", secure=True)["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert Client().get("/healthz").status_code == 200  # asked on the machine itself
    assert Client().get("/account/login/").status_code == 301


def test_no_page_is_shared_with_another_site(db: None) -> None:
    answer = Client().get("/account/login/", headers={"Origin": "https://evil.test"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_signing_out_clears_what_the_browser_kept(world: World) -> None:
    client = sign_in(world.engineer)
    assert "Clear-Site-Data" not in client.get("/account/").headers
    assert client.post("/account/logout/")["Clear-Site-Data"] == '"cache", "storage"'


def test_cookies_are_small_and_kept_from_scripts(world: World) -> None:
    client = sign_in(world.engineer)
    client.post("/account/", {"language": "ja"})
    client.get("/account/")
    assert len(client.cookies) >= 2
    for name, cookie in client.cookies.items():
        assert len(name) + len(cookie.value) < 4096
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    written: list[dict[str, str]] = []
    monkeypatch.setattr(violations.log, "warning", lambda event, **told: written.append(told))
    monkeypatch.setitem(violations._written, "minute", 0)
    return written


def post(body: bytes) -> int:
    sent = Client(enforce_csrf_checks=True).post("/csp-report", body, content_type="application/csp-report")
    return sent.status_code


def test_a_report_leaves_the_directives_name_and_nothing_else(lines: list[dict[str, str]]) -> None:
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["report-uri"] == [violations.ADDRESS]
    assert post(REPORT) == 204
    assert lines == [{"kind": "script-src-elem"}]


@pytest.mark.parametrize(
    "junk",
    [b"", b"x", b"[]", b"{}", b'{"csp-report": 1}', b'{"csp-report": {"effective-directive": ["x"]}}', b"\xff",
     b'{"csp-report": {"effective-directive": "planted word"}}', b"[" * 10_000, REPORT + b" " * 20_000],
    ids=range(10),
)  # fmt: skip
def test_junk_is_taken_and_forgotten(lines: list[dict[str, str]], junk: bytes) -> None:
    assert post(junk) == 204
    assert lines == []


def test_a_flood_writes_a_few_lines(lines: list[dict[str, str]]) -> None:
    for _ in range(25):
        post(REPORT)
    assert len(lines) <= 2 * violations.LINES_A_MINUTE  # a minute may begin meanwhile


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("address", ["/", "/healthz", "/static/js/entaku.js"])
def test_no_other_method_is_answered(method: str, address: str) -> None:
    answer = Client().generic(method, address, b"planted word")
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, POST"
    assert answer.content == b""


def test_every_page_of_somebody_signed_in_offers_to_sign_out(world: World) -> None:
    client = sign_in(world.engineer)
    for address in ("/", "/documents/", "/rooms/", "/account/", "/account/security/"):
        assert b'action="/account/logout/"' in client.get(address).content, address
