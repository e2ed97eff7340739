"""Every page in a real browser, in both languages, wide and narrow: axe finds nothing, the keyboard reaches all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections
from django.urls import reverse
from playwright.sync_api import Page, sync_playwright

from tests import world as build
from tests.browser import chromium
from tests.harness.scene import stage
from tests.harness.showing import Showing, showing
from tests.harness.walk import walk
from tests.world import World

# Some forty pages each: two workers share them.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.shared,
    pytest.mark.django_db,
    pytest.mark.timeout(600),
]

WHO = ("anonymous", "official", "engineer", "clearance officer", "auditor")
# Who is shown the page that gives back what was sent: signed out, or with a proof too old.
SENT_BACK_TO = {"anonymous": "anonymous", "official": "official by password"}
# WCAG 2.2 AA, which takes in JIS X 8341-3:2016 AA.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Colours are the same in every language, and half of the work.
IN_ENGLISH = RULES | {"rules": {"color-contrast": {"enabled": False}}}
VIOLATIONS = "rules => axe.run(document, rules).then(found => found.violations)"
# What Tab must stop at; of a group of radio buttons the chosen one, or the first.
TABBABLE = """() => {
    const group = e => [...document.querySelectorAll('input[type=radio]')].filter(
        r => r.name === e.name && r.form === e.form);
    return [...document.querySelectorAll(
        'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')].filter(
        e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({visibilityProperty: true}) &&
             (e.type !== 'radio' || e === (group(e).find(r => r.checked) || group(e)[0])));
}"""
# Where the head of the page was walked before, it begins at the head's last stop.
BEGIN = f"""known => {{
    const main = document.querySelector('main');
    const all = ({TABBABLE})();
    const head = all.filter(e => main?.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING);
    const text = head.map(e => e.outerHTML).join('');
    window.stops = new Set();
    window.wanted = known.includes(text) ? all.slice(head.length) : all;
    document.activeElement?.blur();
    if (window.wanted.length < all.length) head.at(-1).focus();
    addEventListener('focusin', e => window.stops.add(e.target));
    return [text, window.wanted.length];
}}"""
SCROLLS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def window() -> Iterator[tuple[Page, Showing]]:
    """A browser's page and what is shown in it.

    The browser's driver runs a loop of its own in this thread, which Django would take for ours.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright, showing() as shown:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = chromium(playwright)
        yield browser.new_page(), shown
        connections.close_all()  # opened beside the driver's loop, they would outlive it
        browser.close()


def pages(world: World, persona: str, language: str) -> dict[str, str]:
    """The HTML of every page that answers the persona. What others were shown already is not shown again."""
    scene = stage(world)
    with build.as_owner():
        keys = scene.keys()
    found = {}
    for name, answer in walk(scene.client(persona), keys, **{"Accept-Language": language}):
        kind = dict(answer.headers).get("content-type", "")
        if answer.status in {200, 404, 410} and kind.startswith("text/html"):
            found[name if answer.status != 404 else "404"] = answer.body.decode()
    if persona in {"engineer", "clearance officer", "auditor"}:
        of_their_own = {"engineer": ("dialogues:", "documents:"), "auditor": ("audit:",)}.get(persona, ("clearance:",))
        found = {name: html for name, html in found.items() if name.startswith((*of_their_own, "home"))}
    if persona in SENT_BACK_TO:
        client = scene.client(SENT_BACK_TO[persona])
        typed = {"change": "一行目\n二行目", "reason": "理由", "consent": "同意"}
        for name in ("documents:add_version", "documents:relabel"):  # one with a file, one with short and long texts
            address = reverse(name, args=[keys["document"]])
            html = client.post(address, typed, headers={"Accept-Language": language}).content.decode()
            assert "readonly" in html
            found[f"{name}, sent back"] = html
    return found


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("persona", WHO)
def test_each_page_is_open_to_everybody(
    world: World, window: tuple[Page, Showing], persona: str, language: str
) -> None:
    found, faults = pages(world, persona, language), []
    assert found
    page, shown = window
    heads: set[str] = set()
    for name, html in found.items():
        page.set_viewport_size({"width": 1440, "height": 900})
        shown.show(page, html)
        for violation in page.evaluate(VIOLATIONS, RULES if language == "ja" else IN_ENGLISH):
            faults.append((name, violation["id"], violation["nodes"][0]["html"][:160]))
        if language == "ja":
            faults += unreached(page, name, heads)
        page.set_viewport_size({"width": 360, "height": 740})
        if page.evaluate(SCROLLS):
            faults.append((name, "scrolls sideways at 360 px", ""))
    assert faults == []


def test_axe_finds_what_is_wrong(window: tuple[Page, Showing]) -> None:
    """Or a page without axe, or without its style sheet, would pass."""
    page, shown = window
    shown.show(page, '<html><link rel="stylesheet" href="/static/css/base.css"><body><img></body></html>')
    assert {"image-alt", "html-has-lang"} <= {violation["id"] for violation in page.evaluate(VIOLATIONS, RULES)}
    assert page.evaluate("document.styleSheets[0].cssRules.length > 0")


def test_the_keyboard_test_finds_what_is_out_of_reach(window: tuple[Page, Showing]) -> None:
    page, shown = window
    caught = "<script>document.querySelector('a').addEventListener('keydown', e => e.preventDefault())</script>"
    heads: set[str] = set()
    for text in ("one", "two"):
        shown.show(page, f"<body><nav><a href=/>home</a></nav><main><a href=/x>{text}</a></main></body>")
        assert unreached(page, "page", heads) == []
    shown.show(page, f"<body><nav><a href=/y>trap</a></nav><main><a href=/x>one</a></main>{caught}</body>")
    assert [what for _, what, _ in unreached(page, "page", heads)] == ["keyboard"]


def unreached(page: Page, name: str, heads: set[str]) -> list[tuple[str, str, str]]:
    """Tab from the top to the end; what the keyboard did not stop at. `heads` are those walked already."""
    head, wanted = page.evaluate(BEGIN, list(heads))
    heads.add(head)
    dates = page.locator("input[type=date]").count()  # year, month, day and calendar are stops of their own
    for _ in range(wanted + 3 * dates + 5):
        page.keyboard.press("Tab")
    missed = page.evaluate("window.wanted.filter(e => !window.stops.has(e)).map(e => e.outerHTML.slice(0, 160))")
    return [(name, "keyboard", html) for html in missed]
