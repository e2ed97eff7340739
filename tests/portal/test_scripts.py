"""The scripts, in a real browser, against answers made up here: they refine, and lose nothing when something fails."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.forms import CharField, FileField, Form, Textarea
from django.utils import translation
from playwright.sync_api import Browser, Page, Route, expect

from tests.portal.test_components import drawn
from tests.portal.words import ROOT

pytestmark = pytest.mark.browser

HOME = "http://portal.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"
)
Answer = Callable[[Route], None]


class HandOver(Form):
    note = CharField(label="備考", widget=Textarea)
    file = FileField(label="ファイル")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def wrapped(body: str) -> str:
    return (
        '<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>試験</title>'
        f'<script type="module" src="/static/js/entaku.js"></script></head><body><h1>試験</h1>{body}</body></html>'
    )


def form_page(form: Form) -> str:
    with translation.override("ja"):
        return wrapped(drawn('{% form form=form submit="提供する" upload=True %}{% endform %}', form=form))


def serve(page: Page, answers: dict[str, str | Answer]) -> None:
    """Answer each path with a page or by a function; scripts come from the folder; anything else does not exist."""

    def reply(route: Route) -> None:
        path = route.request.url.removeprefix(HOME).partition("?")[0]
        known = answers.get(f"{route.request.method} {path}")
        if callable(known):
            known(route)
        elif known is not None:
            route.fulfill(body=known, content_type="text/html", headers={"Content-Security-Policy": POLICY})
        elif path.startswith("/static/"):
            route.fulfill(path=str(ROOT / path.removeprefix("/")))
        else:
            route.fulfill(status=404, body="")

    page.route(f"{HOME}/**", reply)


def choose(page: Page, folder: Path) -> None:
    """Fill in the form with a note and a file."""
    chosen = folder / "資料.txt"
    chosen.write_text("内容")
    page.get_by_label("備考").fill("長い備考")
    page.get_by_label("ファイル").set_input_files(chosen)


class Server(BaseHTTPRequestHandler):
    """A real answer, for what a browser does not accept from a test: a redirect."""

    def do_GET(self) -> None:
        body = (wrapped("<p>受け取りました</p>") if self.path == "/done/" else form_page(HandOver())).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(302)
        self.send_header("Location", "/done/")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


def test_a_finished_upload_goes_where_the_server_says(page: Page, tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        page.route(
            f"{here}/static/**", lambda route: route.fulfill(path=str(ROOT / route.request.url[len(here) + 1 :]))
        )
        page.goto(f"{here}/new/")
        choose(page, tmp_path)
        page.get_by_role("button", name="提供する").click()
        expect(page.get_by_text("受け取りました")).to_be_visible()
        assert page.url == f"{here}/done/"
        server.shutdown()


def test_an_upload_answered_with_an_address_goes_there(page: Page, tmp_path: Path) -> None:
    """No page is fetched on the way, which would use up the message meant for the reader."""
    made = lambda route: route.fulfill(status=201, headers={"Location": "/done/"})  # noqa: E731
    done = wrapped("<p>受け取りました</p>")
    serve(page, {"GET /new/": form_page(HandOver()), "POST /new/": made, "GET /done/": done})
    page.goto(f"{HOME}/new/")
    choose(page, tmp_path)
    page.get_by_role("button", name="提供する").click()
    expect(page.get_by_text("受け取りました")).to_be_visible()


@pytest.mark.parametrize("answer", [lambda route: route.abort(), lambda route: route.fulfill(status=502, body="")])
def test_a_broken_upload_says_so_and_loses_nothing(page: Page, tmp_path: Path, answer: Answer) -> None:
    serve(page, {"GET /new/": form_page(HandOver()), "POST /new/": answer})
    page.goto(f"{HOME}/new/")
    choose(page, tmp_path)
    page.get_by_role("button", name="提供する").click()
    expect(page.get_by_role("status")).to_contain_text("送信できませんでした")
    expect(page.get_by_label("備考")).to_have_value("長い備考")
    assert page.get_by_label("ファイル").evaluate("input => input.files.length") == 1
    expect(page.get_by_role("button", name="提供する")).to_be_enabled()


def test_an_upload_can_be_cancelled(page: Page, tmp_path: Path) -> None:
    serve(page, {"GET /new/": form_page(HandOver()), "POST /new/": lambda route: None})
    page.goto(f"{HOME}/new/")
    choose(page, tmp_path)
    page.get_by_role("button", name="提供する").click()
    expect(page.get_by_role("progressbar", name="送信の進み具合")).to_be_visible()
    expect(page.get_by_role("button", name="提供する")).to_be_disabled()
    page.get_by_role("button", name="送信を中止する").click()
    expect(page.get_by_role("status")).to_contain_text("中止しました")
    expect(page.get_by_label("備考")).to_have_value("長い備考")


def test_a_refused_upload_shows_why_and_keeps_the_file(page: Page, tmp_path: Path) -> None:
    refused = HandOver({"note": "長い備考"}, {})
    refused.add_error("file", "この形式は受け取れません。")
    serve(page, {"GET /new/": form_page(HandOver()), "POST /new/": form_page(refused)})
    page.goto(f"{HOME}/new/")
    choose(page, tmp_path)
    page.get_by_role("button", name="提供する").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("この形式は受け取れません。")
    expect(page.get_by_label("備考")).to_have_value("長い備考")
    field = page.get_by_label("ファイル", exact=False)
    assert field.evaluate("input => input.files.length") == 1
    assert field.get_attribute("aria-invalid") == "true"


def test_errors_are_read_first(page: Page) -> None:
    serve(page, {"GET /new/": form_page(HandOver({}))})
    page.goto(f"{HOME}/new/")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="備考").click()
    expect(page.get_by_label("備考")).to_be_focused()


def test_a_form_is_sent_once(page: Page) -> None:
    sent: list[str] = []
    body = '<form method="post" action="/once/"><button>送る</button></form>'
    serve(page, {"GET /new/": wrapped(body), "POST /once/": lambda route: sent.append(route.request.url)})
    page.goto(f"{HOME}/new/")
    page.evaluate("for (const n of [1, 2, 3]) document.querySelector('button').click()")
    page.wait_for_timeout(200)
    assert len(sent) == 1


def test_what_is_new_is_announced_when_the_token_moves(page: Page) -> None:
    tokens = iter(["甲", "乙"])
    box = '<div data-poll="/token/" data-token="甲" hidden><p>新しい発言があります</p></div>'
    answers: dict[str, str | Answer] = {
        "GET /room/": wrapped(box),
        "GET /token/": lambda route: route.fulfill(body=next(tokens), content_type="text/plain; charset=utf-8"),
    }
    serve(page, answers)
    page.clock.install()
    page.goto(f"{HOME}/room/")
    page.wait_for_load_state("networkidle")
    with page.expect_response(f"{HOME}/token/"):
        page.clock.run_for(20_000)
    expect(page.get_by_text("新しい発言があります")).to_be_hidden()
    with page.expect_response(f"{HOME}/token/"):
        page.clock.run_for(20_000)
    expect(page.get_by_text("新しい発言があります")).to_be_visible()


def test_what_is_no_longer_there_is_not_asked_for_again(page: Page) -> None:
    asked: list[str] = []

    def gone(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=404, body="")

    serve(page, {"GET /room/": wrapped('<div data-poll="/token/" data-token="甲" hidden></div>'), "GET /token/": gone})
    page.clock.install()
    page.goto(f"{HOME}/room/")
    page.wait_for_load_state("networkidle")
    with page.expect_response(f"{HOME}/token/"):
        page.clock.run_for(20_000)
    page.clock.run_for(60_000)
    page.wait_for_timeout(200)
    assert len(asked) == 1


def test_typing_tells_the_portal_that_somebody_is_there(page: Page) -> None:
    told: list[str] = []

    def present(route: Route) -> None:
        told.append(route.request.url)
        route.fulfill(status=204)

    body = form_page(HandOver()).replace("<body>", '<body data-present="/present/">')
    serve(page, {"GET /new/": body, "GET /present/": present})
    page.clock.install()
    page.goto(f"{HOME}/new/")
    page.wait_for_load_state("networkidle")
    note = page.get_by_label("備考")
    note.fill("はじめ")
    page.clock.run_for(3_600_000)  # nobody types
    assert told == []
    with page.expect_response(f"{HOME}/present/"):
        note.fill("つづき")
    note.fill("つづきのつづき")
    page.wait_for_timeout(200)
    assert len(told) == 1


def test_the_forms_work_without_script(browser: Browser, tmp_path: Path) -> None:
    sent: list[str] = []

    def take(route: Route) -> None:
        sent.append(route.request.headers["content-type"])
        route.fulfill(body=wrapped("<p>受け取りました</p>"), content_type="text/html")

    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    serve(plain, {"GET /new/": form_page(HandOver()), "POST /new/": take})
    plain.goto(f"{HOME}/new/")
    choose(plain, tmp_path)
    assert not plain.locator("progress").is_visible()
    plain.get_by_role("button", name="提供する").click()
    plain.wait_for_load_state()
    assert plain.locator("p").inner_text() == "受け取りました"
    assert sent[0].startswith("multipart/form-data")
    context.close()


# --- passkeys -------------------------------------------------------------------------------------------------

PASSKEY = (
    '{% passkey_form action="/signed/" data=data label="パスキー" creates=creates %}'
    '<input type="hidden" name="kept" value="1">{% endpasskey_form %}'
)
KEY = {"type": "public-key", "alg": -7}
CREATION = {
    "creation_options": {
        "publicKey": {
            "rp": {"id": "localhost", "name": "Entaku"},
            "user": {"id": "AQID", "name": "a", "displayName": "a"},
            "challenge": "AAECAwQFBgcICQoLDA0ODw",
            "pubKeyCredParams": [KEY],
            "excludeCredentials": [],
            "authenticatorSelection": {},
        }
    }
}
REQUEST = {"request_options": {"publicKey": {"challenge": "AAECAwQFBgcICQoLDA0ODw", "rpId": "localhost"}}}


def test_a_passkey_is_made_and_then_used(page: Page) -> None:
    """The browser's own virtual authenticator answers; `localhost` counts as a safe origin."""
    posted: list[str] = []

    def take(route: Route) -> None:
        posted.append(route.request.post_data or "")
        route.fulfill(body=wrapped("<p>済み</p>"), content_type="text/html")

    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )
    made = drawn(PASSKEY, data=CREATION, creates=True)
    used = drawn(PASSKEY, data=REQUEST, creates=False)

    def reply(route: Route) -> None:
        path = route.request.url.removeprefix("http://localhost")
        if route.request.method == "POST":
            take(route)
        elif path.startswith("/static/"):
            route.fulfill(path=str(ROOT / path.removeprefix("/")))
        else:
            route.fulfill(body=wrapped(made if path == "/add/" else used), content_type="text/html")

    page.route("http://localhost/**", reply)
    for path in ("/add/", "/use/"):
        page.goto(f"http://localhost{path}")
        page.get_by_role("button", name="パスキー").click()
        expect(page.get_by_text("済み")).to_be_visible()
    assert "attestationObject" in posted[0]
    assert "signature" in posted[1]
    assert all("kept=1" in each for each in posted)


def test_a_passkey_that_fails_says_what_to_do(page: Page) -> None:
    with translation.override("ja"):
        body = drawn(PASSKEY, data=REQUEST, creates=False)
    serve(page, {"GET /use/": wrapped(body)})
    page.goto(f"{HOME}/use/")
    page.get_by_role("button", name="パスキー").click()
    expect(page.get_by_role("status")).not_to_be_empty()
    expect(page.get_by_role("button", name="パスキー")).to_be_enabled()
