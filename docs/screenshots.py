"""Takes the pictures of the README from a running demo: `.venv/bin/python docs/screenshots.py http://localhost:8000`."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).resolve().parent / "images"
COLOURS = 128  # flat areas and type: no difference to the eye, a third of the bytes
DESK, LIST, PHONE = (1440, 900), (1440, 1200), (360, 740)


@dataclass(frozen=True)
class Shot:
    """One picture: who looks, with which proof, from where on, and what they press before it is taken."""

    name: str
    persona: str
    path: str
    then: Callable[[Page], None] = lambda page: None
    proof: str = "second_factor"
    size: tuple[int, int] = DESK


def marked_document(page: Page) -> None:
    """The newest 秘文書."""
    page.locator("main tbody tr:has(.level-2) th a").first.click()


def read_it(page: Page) -> None:
    marked_document(page)
    page.locator(".page-actions a").first.click()


def supply_chain(page: Page) -> None:
    page.locator("main .grid h3 a", has_text="半導体前工程材料").click()


def three_levels(page: Page) -> None:
    """The briefing whose sections have three levels; a reader of one level finds one section."""
    page.locator("main tbody th a", has_text="感光材の中間体").click()


def reach_of_it(page: Page) -> None:
    three_levels(page)
    page.locator(".page-actions a[href$='/board/']").click()


SHOTS = (
    Shot("demo", "", "/demo/"),
    Shot("home", "official", "/"),
    Shot("room", "engineer", "/rooms/", supply_chain),
    Shot("documents", "engineer", "/documents/", size=LIST),
    Shot("reading", "engineer", "/documents/", read_it),
    Shot("nothing", "colleague", "/documents/", size=LIST),
    Shot("briefing", "engineer", "/briefings/", three_levels, size=LIST),
    Shot("briefing-part", "colleague", "/briefings/", three_levels, size=LIST),
    Shot("board", "official", "/briefings/", reach_of_it, size=LIST),
    Shot("clearance", "clearance_officer", "/clearance/"),
    Shot("audit", "auditor", "/audit/"),
    Shot("phone", "engineer", "/", size=PHONE),
)


def main(origin: str, wanted: list[str]) -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--lang=ja-JP"])
        for shot in SHOTS:
            if not wanted or shot.name in wanted:
                take(browser, origin.rstrip("/"), shot)
        browser.close()


def take(browser: Browser, origin: str, shot: Shot) -> None:
    width, height = shot.size
    context = browser.new_context(viewport={"width": width, "height": height}, locale="ja-JP")
    page = context.new_page()
    if shot.persona:
        page.goto(f"{origin}/demo/")
        form = page.locator(f"form:has(input[name=persona][value={shot.persona}])")
        form.locator(f"button[value={shot.proof}]").click()
        page.wait_for_url(f"{origin}/")
    page.goto(f"{origin}{shot.path}")
    shot.then(page)
    page.wait_for_load_state("networkidle")
    with Image.open(BytesIO(page.screenshot())) as taken:
        taken.convert("RGB").quantize(COLOURS).save(IMAGES / f"{shot.name}.png", optimize=True)
    context.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000", sys.argv[2:])
