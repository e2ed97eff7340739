"""A passkey from registration to stepping up, in a real browser with an authenticator that verifies its user."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.accounts.conftest import PASSWORD, People
from tests.browser import chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser's driver runs a loop of its own beside us
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        context = browser.new_context(base_url=live_server.url, locale="ja-JP")
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        yield page
        browser.close()


def test_a_passkey_is_registered_signs_in_and_steps_up(people: People, page: Page) -> None:
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))

    page.goto("/account/login/?next=/account/")
    page.get_by_label("メールアドレス").fill(people.engineer.email)
    page.get_by_label("パスワード", exact=False).first.fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="サインイン", exact=True).click()

    page.goto("/account/2fa/webauthn/add/")
    page.locator("input[type=password]").fill(PASSWORD)  # asked again before factors change
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/webauthn/add/")
    page.get_by_role("button", name="パスキーを登録する").click()
    page.wait_for_url("**/recovery-codes/")

    page.locator("header").get_by_role("button", name="サインアウト").click()
    page.goto("/account/login/?next=/account/security/")
    page.get_by_role("button", name="パスキーでサインイン").click()
    page.wait_for_url(re.compile(r"^[^?]*/account/security/$"))
    assert "登録済み" in page.content()

    page.goto("/account/step-up/?level=4&next=/account/organisation/")
    assert page.url.endswith("/account/organisation/")  # the passkey just used reaches every level
    assert faults == []
