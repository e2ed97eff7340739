"""A passkey that opens an officer's key, in a real browser whose authenticator knows WebAuthn's PRF extension."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from accounts.models import Person
from consultations.models import DeskOfficer
from intake.models import Desk
from tests.accounts.conftest import PASSWORD, People, people  # noqa: F401 - a fixture
from tests.browser import chromium
from tests.consultations.offices import PHRASE
from tests.world import as_owner

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def officer(people: People) -> Person:  # noqa: F811 - the fixture
    """Somebody with a password, at a desk. Made before the browser's driver runs: its loop has connections of its own,
    which nobody would close."""
    with as_owner():
        desk = Desk.objects.create(name_ja="取引", name_en="Trade")
        DeskOfficer.objects.create(desk=desk, person=people.engineer, appointed_by=people.officer)
    return people.engineer


@pytest.fixture
def page(officer: Person, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser's driver runs a loop of its own beside us
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        page = browser.new_context(base_url=live_server.url, locale="ja-JP").new_page()
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
            "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True, "hasPrf": True,
        }  # fmt: skip
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield page
        browser.close()


def test_a_passkey_is_added_and_opens_the_key(officer: Person, page: Page) -> None:
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto("/account/login/?next=/account/")
    page.get_by_label("メールアドレス").fill(officer.email)
    page.get_by_label("パスワード", exact=False).first.fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="サインイン", exact=True).click()
    page.goto("/account/2fa/webauthn/add/")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/webauthn/add/")
    page.get_by_role("button", name="パスキーを登録する").click()
    page.wait_for_url("**/recovery-codes/")
    page.locator("header").get_by_role("button", name="サインアウト").click()
    page.goto("/account/login/?next=/consultations/key/")
    page.get_by_role("button", name="パスキーでサインイン").click()

    page.wait_for_url("**/consultations/key/make/")
    page.locator("input[type=password]").nth(0).fill(PHRASE)
    page.locator("input[type=password]").nth(1).fill(PHRASE)
    page.get_by_role("button", name="鍵を作る").click()
    page.wait_for_url("**/consultations/key/")
    page.get_by_role("button", name="パスキーを追加する").click()
    page.get_by_text("パスキーでも、鍵を開けられるようになりました。").wait_for()
    page.get_by_role("button", name="今すぐ鍵をかける").click()
    page.get_by_role("link", name="鍵を開ける").click()
    page.get_by_role("button", name="パスキーで開ける").click()
    page.wait_for_url(re.compile(r"/consultations/key/$"))
    assert "鍵は開いています" in page.content()
    assert faults == []
