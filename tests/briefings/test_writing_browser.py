"""A draft's page in a real browser: it saves itself, shows how the text will look, and loses nothing that was typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect
from pytest_django.live_server_helper import LiveServer

from briefings.content import Content
from briefings.models import Draft
from tests.world import World, as_owner, sign_in

from . import desk as desks
from .desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUIET, LONGEST = 10_000, 60_000  # milliseconds: as static/briefings/drafting.js has them


@pytest.fixture(autouse=True, scope="module")
def _beside_the_browser(browser: Browser) -> Iterator[None]:
    """The browser's driver runs a loop of its own in this thread: what is opened beside it, nobody else would close."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield
        connections.close_all()


@pytest.fixture
def desk(world: World) -> Desk:
    return desks.desk(world)


@pytest.fixture
def draft(desk: Desk) -> Draft:
    return desks.draft_of(desk)


@pytest.fixture
def window(browser: Browser, live_server: LiveServer, desk: Desk) -> Iterator[BrowserContext]:
    """The author's, signed in."""
    context = browser.new_context(base_url=live_server.url, locale="ja-JP")
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": sign_in(desk.author).cookies[name].value, "url": live_server.url}])
    yield context
    context.close()


def opened(window: BrowserContext, draft: Draft) -> Page:
    """The draft's page, in a tab whose clock is ours."""
    page = window.new_page()
    page.clock.install()
    page.goto(reverse("briefings:draft", args=[draft.pk]))
    return page


def stored(draft: Draft) -> str:
    with as_owner():
        return Content.read(Draft.objects.get(pk=draft.pk).content).head.body


def test_what_is_typed_is_shown_and_kept_without_a_press(window: BrowserContext, draft: Draft) -> None:
    page = opened(window, draft)
    asked: list[str] = []

    def ask(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", ask)
    body, told = page.locator("[name=s0-body]"), page.locator("[data-drafting-status]")
    body.fill("**強い**言葉")
    page.clock.run_for(QUIET // 10)
    expect(page.locator("[data-drafting-rendered] strong")).to_have_text("強い")
    assert stored(draft) == desks.BODIES[0]
    page.clock.run_for(QUIET)
    expect(told).to_contain_text("自動で保存しました")
    assert stored(draft) == "**強い**言葉"

    for number in range(10):  # somebody who never pauses is not left unsaved for long
        body.fill(f"書き続ける{number}")
        page.clock.run_for(LONGEST // 10)
        if stored(draft) != "**強い**言葉":
            break
    expect(told).to_contain_text("自動で保存しました")
    assert stored(draft).startswith("書き続ける")

    page.reload()
    assert asked == []  # all of it is kept: nothing to warn of
    expect(body).to_have_value(stored(draft))

    window.set_offline(True)
    body.fill("つながらない間の文章")
    page.clock.run_for(QUIET)
    expect(told).to_contain_text("自動で保存できませんでした")
    window.set_offline(False)
    page.clock.run_for(QUIET)  # tried again by itself
    expect(told).to_contain_text("自動で保存しました")
    assert stored(draft) == "つながらない間の文章"


def test_signed_in_anew_elsewhere_the_page_goes_on_saving(window: BrowserContext, draft: Draft) -> None:
    page = opened(window, draft)
    window.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    window.request.get(reverse("briefings:drafts"))  # another token, as of another sign-in
    page.locator("[name=s0-body]").fill("サインインし直す前の文章")
    page.clock.run_for(QUIET)
    expect(page.locator("[data-drafting-status]")).to_contain_text("自動で保存しました")
    assert stored(draft) == "サインインし直す前の文章"


def test_of_two_tabs_the_later_shows_both_texts_and_a_lost_session_gives_the_text_back(
    window: BrowserContext, draft: Draft
) -> None:
    first, second = opened(window, draft), opened(window, draft)
    first.locator("[name=s0-body]").fill("一つ目の画面の文章")
    first.get_by_role("button", name="保存する").first.click()
    expect(first.get_by_role("main")).to_contain_text("保存しました")

    second.locator("[name=s0-body]").fill("二つ目の画面の文章")
    second.clock.run_for(QUIET)
    expect(second.locator("[data-drafting-status]")).to_contain_text("違うところを表示します")
    assert stored(draft) == "一つ目の画面の文章"
    second.get_by_role("button", name="保存する").first.click()
    expect(second.get_by_role("heading", name="別の画面で先に保存されました")).to_be_visible()
    expect(second.locator("main del").first).to_contain_text("一")
    expect(second.get_by_role("main")).to_contain_text("一つ目の画面の文章")
    expect(second.locator("[name=s0-body]")).to_have_value("二つ目の画面の文章")
    second.get_by_role("button", name="保存する").first.click()
    expect(second.get_by_role("main")).to_contain_text("保存しました")
    assert stored(draft) == "二つ目の画面の文章"

    window.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    second.locator("[name=s0-body]").fill("サインインが切れた後の文章")
    second.clock.run_for(QUIET)
    expect(second.locator("[data-drafting-status]")).to_contain_text("自動で保存できませんでした")
    second.get_by_role("button", name="保存する").first.click()
    expect(second.get_by_label("節 1 本文")).to_have_value("サインインが切れた後の文章")
    assert stored(draft) == "二つ目の画面の文章"
