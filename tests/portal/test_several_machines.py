"""Two web servers and two workers behind nginx, the database elsewhere and files in S3: one portal to its people.

The tests go on from one another, in their order: each leaves the stage to the next as a day at work would.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest

from portal.embedded.processes import wait_for
from tests.portal.machines.stage import PATIENCE, POOL, Stage
from tests.portal.machines.visitor import Visitor

pytestmark = pytest.mark.slow

CONTENT = os.urandom(1_300_000)  # five chunks, and nothing that could be shown: read as a download


@dataclass
class Play:
    """The stage, and what has been handed over on it so far."""

    stage: Stage
    documents: dict[str, bytes] = field(default_factory=dict)
    signed_in: dict[str, Visitor] = field(default_factory=dict)

    def who(self, name: str) -> Visitor:
        """The person's browser: signed in once, through nginx, and never asked again whatever the test."""
        if name not in self.signed_in:
            self.signed_in[name] = self.stage.signed_in(name)
        return self.signed_in[name]

    def hand_over(self, who: Visitor, content: bytes, *, at: int = 0) -> str:
        """The new document's address."""
        answer = who.post(
            f"/documents/receive/?circle={self.stage.world['circle']}",
            {"title": "部材の一覧", "marking_choice": "other", "marking_text": self.stage.world["marking"]},
            file=("list.bin", content), at=at,
        )  # fmt: skip
        assert answer.status == 302, answer.text[:3000]
        self.documents[answer.location] = content
        return answer.location

    def download(self, who: Visitor, document: str, *, at: int = 0, **headers: str) -> tuple[int, bytes]:
        answer = who.get(f"{document}versions/1/download", at=at, **headers)
        return answer.status, answer.body

    def until_ready(self, who: Visitor, document: str) -> None:
        assert wait_for(lambda: self.download(who, document, Range="bytes=0-0")[0] == 206, PATIENCE), self.stage.logs()


@pytest.fixture(scope="module")
def play() -> Iterator[Play]:
    stage = Stage()
    try:
        stage.open()
        yield Play(stage)
    finally:
        stage.close()


def test_the_database_is_elsewhere_on_the_network(play: Play, request: pytest.FixtureRequest) -> None:
    elsewhere, processes = play.stage.elsewhere, play.stage.processes
    ours = Path("/proc/self/ns/net").readlink()
    namespaces = {name: Path(f"/proc/{processes[name].pid}/ns/net").readlink() for name in ("postgres", "pooler")}
    if elsewhere.why_not:
        said = f"PostgreSQL on our own loopback: no network namespace may be made here ({elsewhere.why_not})"
        request.node.user_properties.append(("said", said))
        assert set(namespaces.values()) == {ours}
    else:
        assert len(set(namespaces.values())) == 1
        assert ours not in namespaces.values()


def test_a_session_is_one_session_on_both_web_servers(play: Play) -> None:
    first, second = play.stage.webs
    visitor = play.stage.signed_in("engineer", at=first)
    assert [visitor.get("/documents/", at=at).status for at in (first, second, 0)] == [200, 200, 200]
    visitor.post("/account/logout/", {}, at=second)
    assert visitor.get("/documents/", at=first).location.startswith("/account/login/")

    through_nginx = play.stage.signed_in("engineer")
    kept = dict(through_nginx.cookies)
    assert {through_nginx.get("/documents/", at=at).status for at in play.stage.webs} == {200}
    through_nginx.post("/account/logout/", {}, at=first)
    through_nginx.cookies = kept  # as somebody who copied them would
    for at in (second, first, 0):
        assert through_nginx.get("/documents/", at=at).location.startswith("/account/login/")


def test_nginx_asks_both_web_servers(play: Play) -> None:
    visitor = play.who("engineer")
    before = [play.stage.asked(web) for web in ("web1", "web2")]
    assert {visitor.get("/documents/").status for _ in range(8)} == {200}
    after = [play.stage.asked(web) for web in ("web1", "web2")]
    assert all(later > earlier for earlier, later in zip(before, after, strict=True)), (before, after)


def test_what_is_handed_over_through_either_is_read_through_both(play: Play) -> None:
    visitor, reader = play.who("engineer"), play.who("colleague")
    for at in (*play.stage.webs, 0):
        document = play.hand_over(visitor, CONTENT, at=at)
        play.until_ready(visitor, document)
        for by in (*play.stage.webs, 0):
            assert play.download(reader, document, at=by) == (200, CONTENT)
            assert play.download(reader, document, at=by, Range="bytes=700000-700999") == (206, CONTENT[700000:701000])


def test_only_ciphertext_lies_anywhere(play: Play) -> None:
    planted = (CONTENT[1_000_000:1_000_032], "部材の一覧".encode())
    read = 0
    for path in play.stage.folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            read += len(content)
            assert not any(word in content for word in planted), path
    assert read > 3 * len(CONTENT)  # what the bucket holds was among it
    assert not (play.stage.folder / "var" / "blobs").exists()


def test_both_workers_take_their_share(play: Play) -> None:
    visitor = play.who("engineer")

    def both() -> bool:
        return all('"task": "documents.tasks' in play.stage.log(worker) for worker in ("worker1", "worker2"))

    for _ in range(30):
        if both():
            break
        play.until_ready(visitor, play.hand_over(visitor, b"\0" + os.urandom(20)))
    assert both(), play.stage.logs()


def test_a_tasks_lines_name_the_request_that_asked_for_it(play: Play) -> None:
    def ids(names: tuple[str, ...], of: str) -> set[str]:
        found = [line for name in names for line in play.stage.log(name).splitlines() if of in line]
        return {match[1] for line in found if (match := re.search(r'"request": "([0-9a-f]{16})"', line))}

    worked = ids(("worker1", "worker2"), '"task": "documents.tasks.process"')
    assert worked
    assert worked <= ids(("web1", "web2"), '"view": "documents:receive"')


def test_keys_are_exchanged_while_both_serve(play: Play) -> None:
    """Readers on both, a writer through nginx, and an operator who exchanges the marking's key meanwhile."""
    stage, done = play.stage, Event()
    reader = play.who("engineer")
    writer = play.who("colleague")
    before = dict(play.documents)

    def read(at: int) -> int:
        count = 0
        while not done.is_set() or count < len(before):
            document, content = list(before.items())[count % len(before)]
            assert play.download(reader, document, at=at) == (200, content)
            count += 1
            done.wait(0.1)
        return count

    def write() -> int:
        count = 0
        while not done.is_set():
            play.hand_over(writer, b"\0" + os.urandom(300_000))
            count += 1
            done.wait(0.2)
        return count

    with ThreadPoolExecutor(3) as pool:
        at_work = [*(pool.submit(read, at) for at in stage.webs), pool.submit(write)]
        try:
            stage.command("manage.py", "rotate_keys", "marking", stage.world["marking"])
        finally:
            done.set()
        counts = [work.result() for work in at_work]
    assert all(counts), counts
    versions = {
        f"/documents/{key}/": version for key, version in stage.rows("SELECT id, key_version FROM documents_document")
    }
    assert {versions[document] for document in before} == {2}
    # What was written meanwhile may be under the key before: a process keeps it in memory for a minute.
    assert set(versions.values()) <= {1, 2}
    for document, content in play.documents.items():
        play.until_ready(writer, document)
        for at in stage.webs:
            assert play.download(reader, document, at=at) == (200, content)


def test_a_revocation_is_seen_at_the_next_click_on_both(play: Play) -> None:
    first, second = play.stage.webs
    document = next(iter(play.documents))
    colleague = play.who("colleague")
    engineer = play.who("engineer")
    steward = play.who("official")
    assert {colleague.get(document, at=at).status for at in (first, second, 0)} == {200}
    members = f"/rooms/{play.stage.world['room']}/members/"
    removal = steward.post(f"{members}{play.stage.world['members']['colleague']}/remove/", {}, at=second)
    assert removal.location == members, removal.text[:2000]
    for at in (first, second, 0):
        assert colleague.get(document, at=at).status == 404
        assert play.download(colleague, document, at=at)[0] == 404
        assert engineer.get(document, at=at).status == 200


def test_people_share_the_poolers_connections_and_nothing_else(play: Play) -> None:
    """Two connections, transaction by transaction, for whoever asks: what one left behind the next would have."""
    stage = play.stage
    document = next(iter(play.documents))
    inside, outside, nobody = play.who("engineer"), play.who("colleague"), stage.visitor()

    def ask(number: int) -> None:
        at = (*stage.webs, 0)[number % 3]
        who, status = ((inside, 200), (outside, 404), (nobody, 302))[number // 3 % 3]
        visitor = stage.visitor()
        visitor.cookies = dict(who.cookies)
        assert visitor.get(document, at=at).status == status
        name = {200: "技 術子", 404: "同 僚男"}.get(status)
        others = {"技 術子", "同 僚男", "官 一郎"} - {name}
        page = visitor.get("/account/", at=at).text
        assert name is None or name in page
        assert not any(other in page for other in others)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(ask, range(36)))
    rows = stage.rows("SELECT usename, count(*) FROM pg_stat_activity WHERE usename LIKE 'portal%' GROUP BY usename")
    connections = dict(rows)
    assert 1 <= connections["portal_app"] <= POOL
    assert connections.get("portal_worker", 0) <= POOL


def test_nginx_goes_on_without_one_of_them(play: Play) -> None:
    stage = play.stage
    visitor = play.who("engineer")
    stage.kill("web1")
    stage.kill("worker1")
    document = next(iter(play.documents))
    for _ in range(10):
        assert visitor.get(document).status == 200
        assert play.download(visitor, document) == (200, CONTENT)
    made = play.hand_over(visitor, b"\0" + os.urandom(600_000))
    play.until_ready(visitor, made)
    assert play.download(visitor, made) == (200, play.documents[made])


def test_nobody_asks_by_another_name_or_says_who_they_are(play: Play) -> None:
    """nginx sets what it is believed for, and hands on no header that says otherwise."""
    visitor = play.stage.visitor()
    sent = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "Forwarded": "for=203.0.113.9"}
    assert visitor.ask("GET", "/account/login/", at=0, headers=sent).status == 200  # else: a redirect to https
    visitor.post("/account/login/", {"login": "x@example.test", "password": "not the password"})
    text = "".join(path.read_text() for path in (play.stage.folder / "var" / "security").iterdir())
    assert '"127.0.0.1"' in text
    assert "203.0.113.9" not in text
    assert re.search(r"\b192\.0\.2\.7\b", text)  # a web server asked as nginx would ask it
    assert visitor.ask("GET", "/", at=0, headers={"Host": "elsewhere.example"}).status == 421
