"""Every page in a real browser, in both languages, wide and narrow: axe finds nothing, the keyboard reaches all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections
from django.urls import reverse
from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests import world as build
from tests.browser import chromium
from tests.harness.looks import look, of
from tests.harness.scene import stage
from tests.harness.showing import Showing, showing
from tests.harness.walk import walk

# Some forty pages each: two workers share them, each persona beside its looks.
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
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Colours are the same in every language, and most of the work: the contrast of texts is asked for by itself, and so not
# with the rest. What axe says of hidden content is never a fault, only that somebody should look at it.
COLOURS, APART = ["link-in-text-block"], ["color-contrast", "hidden-content"]
VIOLATIONS = """([tags, without]) => axe.run(document, {
    runOnly: tags, resultTypes: ['violations'],
    rules: Object.fromEntries(without.map(rule => [rule, {enabled: false}])),
}).then(found => found.violations)"""
# Whether a text can be told from its ground hangs on its own style and on those of all that it stands in. Where axe has
# passed a text with these, in this window, it is not asked about the next; about what lies over something else, always.
CONTRAST = """async () => {
    const hangsOn = ['color', 'backgroundColor', 'backgroundImage', 'opacity', 'fontSize', 'fontWeight', 'textShadow',
        'filter', 'mixBlendMode', 'webkitTextStroke'];
    const known = window.known ??= new Map(), passed = window.passed ??= new Set(), looks = new Map();
    const look = e => {
        if (!looks.has(e)) {
            const style = getComputedStyle(e), over = e.parentElement ? look(e.parentElement) : 0;
            const lies = ['absolute', 'fixed', 'sticky'].includes(style.position);
            const key = [over, ...hangsOn.map(one => style[one])].join('|');
            if (!known.has(key)) known.set(key, known.size + 1);
            looks.set(e, lies || over === null ? null : known.get(key));
        }
        return looks.get(e);
    };
    const texts = [...document.body.querySelectorAll('*')].filter(e => !passed.has(look(e)) && (
        e.matches('input, select, textarea') ||
        [...e.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())));
    if (!texts.length) return [];
    const found = await axe.run({include: texts}, {
        runOnly: {type: 'rule', values: ['color-contrast']}, elementRef: true,
    });
    const told = found.passes.flatMap(rule => rule.nodes).map(node => look(node.element));
    told.filter(one => one !== null).forEach(one => passed.add(one));
    return found.violations.map(({id, nodes}) => ({id, nodes: nodes.map(({html}) => ({html}))}));
}"""
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
MISSED = "() => window.wanted.filter(e => !window.stops.has(e)).map(e => e.outerHTML.slice(0, 160))"
WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 360, "height": 740}
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


def pages(persona: str, language: str) -> dict[str, str]:
    """The HTML of every page that answers the persona. What others were shown already is not shown again."""
    of_their_own = {"engineer": ("dialogues:", "documents:"), "auditor": ("audit:", "consultations:")}.get(
        persona, ("clearance:", "consultations:")
    )
    few = persona in {"engineer", "clearance officer", "auditor"}

    seen = {
        name: answer
        for name, answer in look(persona).whole.items()
        if not few or name.startswith((*of_their_own, "home"))
    }
    scene = stage(build.build())
    with build.as_owner():
        keys = scene.keys()
    if language != "ja":
        missing = [name for name, answer in seen.items() if answer.status == 404][1:]  # one looks as the other
        shown = seen.keys() - missing
        seen = dict(walk(scene.client(persona), keys, only=shown.__contains__, **{"Accept-Language": language}))
    found = {}
    for name, answer in seen.items():
        kind = dict(answer.headers).get("content-type", "")
        if answer.status in ({200, 410} if few else {200, 404, 410}) and kind.startswith("text/html"):
            found[name if answer.status != 404 else "404"] = answer.body.decode()
    if persona in SENT_BACK_TO:
        client = scene.client(SENT_BACK_TO[persona])
        typed = {"change": "一行目\n二行目", "reason": "理由", "consent": "同意"}
        for name in ("documents:add_version", "documents:relabel"):  # one with a file, one with short and long texts
            address = reverse(name, args=[keys["document"]])
            html = client.post(address, typed, headers={"Accept-Language": language}).content.decode()
            assert "readonly" in html
            found[f"{name}, sent back"] = html
    return found


@pytest.mark.parametrize(
    ("persona", "language"), [of(persona, language) for persona in WHO for language in ("ja", "en")]
)
def test_each_page_is_open_to_everybody(window: tuple[Page, Showing], persona: str, language: str) -> None:
    found, faults = pages(persona, language), []
    assert found
    page, shown = window
    heads: set[str] = set()
    for number, (name, html) in enumerate(found.items()):
        narrow_first = bool(number % 2)  # as the page before left it
        if not narrow_first:
            page.set_viewport_size(WIDE)
        shown.show(page, html)
        if narrow_first:
            faults += sideways(page, name)
            page.set_viewport_size(WIDE)
        faults += violations(page, name, colours=language == "ja")
        if language == "ja":
            faults += unreached(page, name, heads)
        if not narrow_first:
            page.set_viewport_size(NARROW)
            faults += sideways(page, name)
    assert faults == []


def test_axe_finds_what_is_wrong(window: tuple[Page, Showing]) -> None:
    """Or a page without axe, or without its style sheet, would pass."""
    page, shown = window
    shown.show(page, '<html><link rel="stylesheet" href="/static/css/base.css"><body><img></body></html>')
    assert {"image-alt", "html-has-lang"} <= {rule for _, rule, _ in violations(page, "page", colours=True)}
    assert page.evaluate("document.styleSheets[0].cssRules.length > 0")


def test_a_text_that_cannot_be_told_from_its_ground_is_found(window: tuple[Page, Showing]) -> None:
    """Also where a text of the same colour has passed, on another ground."""
    page, shown = window
    style = "<style>main { color: #595959 } .white { background: #fff } .grey { background: #999 }</style>"

    def told(*grounds: str) -> list[str]:
        texts = "".join(f'<div class="{ground}"><p>word</p></div>' for ground in grounds)
        shown.show(page, f"<!DOCTYPE html>{style}<body><main>{texts}</main></body>")
        found = violations(page, "page", colours=True)
        return [html for _, rule, html in found if rule == "color-contrast"]

    assert told("white") == []
    assert told("white", "grey") == ["<p>word</p>"]
    assert told("grey") == ["<p>word</p>"]  # it has not passed, so it is asked about again
    assert told("white") == []


def test_each_page_runs_its_scripts(window: tuple[Page, Showing]) -> None:
    """Though they are shown in one window, in which a module runs once."""
    page, shown = window
    for _ in range(2):
        shown.show(page, '<script src="/static/js/entaku.js" type="module"></script><p data-error-summary tabindex=-1>')
        assert page.evaluate("document.activeElement.tagName") == "P"


def test_the_keyboard_test_finds_what_is_out_of_reach(window: tuple[Page, Showing]) -> None:
    page, shown = window
    caught = "<script>document.querySelector('a').addEventListener('keydown', e => e.preventDefault())</script>"
    heads: set[str] = set()
    for text in ("one", "two"):
        shown.show(page, f"<body><nav><a href=/>home</a></nav><main><a href=/x>{text}</a></main></body>")
        assert unreached(page, "page", heads) == []
    shown.show(page, f"<body><nav><a href=/y>trap</a></nav><main><a href=/x>one</a></main>{caught}</body>")
    assert [what for _, what, _ in unreached(page, "page", heads)] == ["keyboard"]


def violations(page: Page, name: str, *, colours: bool) -> list[tuple[str, str, str]]:
    found = page.evaluate(VIOLATIONS, [TAGS, APART if colours else APART + COLOURS])
    found += page.evaluate(CONTRAST) if colours else []
    return [(name, rule["id"], rule["nodes"][0]["html"][:160]) for rule in found]


def sideways(page: Page, name: str) -> list[tuple[str, str, str]]:
    return [(name, "scrolls sideways at 360 px", "")] if page.evaluate(SCROLLS) else []


def unreached(page: Page, name: str, heads: set[str]) -> list[tuple[str, str, str]]:
    """Tab from the top to the end; what the keyboard did not stop at. `heads` are those walked already."""
    head, wanted = page.evaluate(BEGIN, list(heads))
    heads.add(head)
    # Year, month, day and calendar are stops of their own, hour and minute too.
    parts = 3 * page.locator("input[type=date]").count() + 6 * page.locator("input[type=datetime-local]").count()
    missed: list[str] = []
    for presses in (wanted, parts + 5):  # more where not all were reached
        for _ in range(presses):
            page.keyboard.down("Tab")  # held down it goes on from stop to stop
        page.keyboard.up("Tab")
        missed = page.evaluate(MISSED)
        if not missed:
            break
    return [(name, "keyboard", html) for html in missed]
