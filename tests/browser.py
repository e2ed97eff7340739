"""The real browser of the tests: the system's Chromium, without what it would ask of the network.

By preference its headless shell, which is the same engine: the whole browser opens a window for each context,
with pages of its own in it, which makes more work than the portal's page does.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

SHELL, WHOLE = "/usr/bin/chromium-headless-shell", "/usr/bin/chromium"


def chromium(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(
        executable_path=SHELL if Path(SHELL).exists() else WHOLE,
        args=["--no-sandbox", "--disable-gpu", "--no-first-run"],
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = chromium(playwright)
        yield started
        started.close()
