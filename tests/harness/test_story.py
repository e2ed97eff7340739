"""The main job, in a browser, on the whole product as `make run` starts it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from portal.embedded.instance import ROOT
from portal.embedded.processes import surroundings
from tests.portal.launched import ON_ONE_WORKER, Launched

pytestmark = [pytest.mark.browser, pytest.mark.slow, ON_ONE_WORKER]

ROOM = "半導体前工程材料の供給途絶に備える対話"
TITLE = "戦略対話の論点（秘）"
# What the portal answers each of them hangs on no script; without any, one of them looks again.
STRANGERS = ("colleague", "expired", "foreign")
ANSWER = "代替調達先の候補を三社まで挙げられます。"
SAMPLE = ROOT.parent / "shared" / "samples" / "economic-security-dialogue.ja.txt"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A long Japanese document: a real one where there is one beside the repository, else one as long."""
    if SAMPLE.exists():
        return SAMPLE
    made = tmp_path_factory.mktemp("papers") / "論点.txt"
    made.write_text("問１　経済安全保障の観点から、重視すべき想定事象は何か。\n" * 400, "utf-8")
    return made


class Story:
    def __init__(self, entaku: Launched, browser: Browser) -> None:
        self.base, self.browser = f"http://localhost:{entaku.port}", browser

    def as_(self, persona: str, *, javascript: bool = True) -> Page:
        """A window of its own, signed in with a second factor by one click."""
        page = self.browser.new_context(base_url=self.base, locale="ja-JP", java_script_enabled=javascript).new_page()
        page.goto("/demo/")
        page.locator(f'form:has(input[value="{persona}"]) button[value="second_factor"]').click()
        page.wait_for_url("**/")
        return page


def until(page: Page, text: str, patience: float = 30) -> None:
    """Load the page again until the worker has done its part."""
    deadline = time.monotonic() + patience
    while text not in page.locator("main").inner_text():
        assert time.monotonic() < deadline, page.locator("main").inner_text()
        time.sleep(0.5)
        page.reload()


def decide(officer: Page, what: str, reason: str = "") -> None:
    """Suspend or resume the engineer's authorisation."""
    officer.goto("/clearance/people/")
    officer.get_by_role("link", name="北川 千尋").first.click()
    officer.locator(f"a[href*='/{what}/']").first.click()
    if reason:
        officer.locator("[name=reason]").fill(reason)
    officer.locator("input[name=confirmed]").check()
    officer.locator("main form[method=post] button[type=submit]").last.click()
    officer.wait_for_url(re.compile(r"/clearance/people/[0-9a-f-]{36}/$"))


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_whoever_is_cleared_reads_it_and_for_everyone_else_it_does_not_exist(
    entaku: Launched, browser: Browser, document: Path, javascript: bool
) -> None:
    story = Story(entaku, browser)
    title = f"{TITLE}{'' if javascript else '（二）'}"

    official = story.as_("official", javascript=javascript)
    official.goto("/documents/receive/")
    official.get_by_role("link", name=ROOM).first.click()
    official.locator("input[name=title]").fill(title)
    official.locator("input[type=file]").set_input_files(document)
    official.locator("input[type=radio][value='HI//SEMICON']").check()
    official.get_by_role("button", name="提供する").click()
    official.wait_for_url(re.compile(r"/documents/[0-9a-f-]{36}/$"))
    address = official.url
    until(official, "内容を読む")
    assert "秘文書" in official.locator("main").inner_text()

    engineer = story.as_("engineer", javascript=javascript)
    engineer.goto("/documents/")
    engineer.get_by_role("link", name=title, exact=True).click()
    engineer.get_by_role("link", name="内容を読む").click()
    first_line = next(line.strip() for line in document.read_text("utf-8").splitlines() if len(line.strip()) > 8)
    assert first_line in engineer.locator("main").inner_text()
    with engineer.expect_download() as download:
        engineer.goto(address)
        engineer.get_by_role("link", name="ダウンロード", exact=True).click()
    assert Path(download.value.path()).read_bytes() == document.read_bytes()

    engineer.goto("/rooms/")
    engineer.get_by_role("link", name=ROOM).first.click()
    engineer.locator("main a[href*='/threads/']:not([href$='/start/'])").first.click()
    engineer.locator("textarea[name=body]").fill(ANSWER)
    engineer.locator("main form:has(textarea[name=body]) button[type=submit]").last.click()
    assert ANSWER in engineer.locator("main").inner_text()

    for stranger in STRANGERS if javascript else STRANGERS[:1]:
        page = story.as_(stranger, javascript=javascript)
        for path in ("/", "/documents/", "/rooms/"):
            page.goto(path)
            assert title not in page.content(), (stranger, path)
        missing = page.request.get("/documents/00000000-0000-7000-8000-000000000000/")
        for path in (address, f"{address}versions/1/", f"{address}versions/1/download", f"{address}readings/"):
            answer = page.request.get(path)
            assert (answer.status, answer.body()) == (404, missing.body()), (stranger, path)

    officer = story.as_("clearance_officer", javascript=javascript)
    decide(officer, "suspend", reason="確認のため一時停止")

    gone = engineer.goto(address)
    assert gone is not None
    assert gone.status == 404
    engineer.goto("/documents/")
    assert title not in engineer.content()

    decide(officer, "resume")
    back = engineer.goto(address)
    assert back is not None
    assert back.status == 200

    auditor = story.as_("auditor", javascript=javascript)
    auditor.goto("/audit/")
    told = auditor.locator("main").inner_text()
    for act in ("文書の受領", "文書の閲覧", "文書のダウンロード", "発言の投稿", "閲覧・操作の拒否"):
        auditor.goto("/audit/")
        assert act in auditor.content()
    assert title not in told
    assert ANSWER not in told


def test_the_log_of_it_verifies(entaku: Launched) -> None:
    time.sleep(2.5)  # sealed each second
    done = subprocess.run(
        [sys.executable, "manage.py", "audit_verify"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**surroundings(), "VAR": str(entaku.var)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
