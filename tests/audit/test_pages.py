"""The auditor's pages: everything that happened, no content, labels up to their own authorisation; nobody else's."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Appointment
from audit.acts import Act
from audit.export import safe
from audit.models import Event
from audit.naming import target_words
from audit.services import record
from portal.tasks import seal_audit_log
from tests.audit.conftest import event_at, sealed, sql, tampering
from tests.world import World, agreement, as_owner, as_role, authorise, sign_in

pytestmark = pytest.mark.django_db

OUTSIDE = "（あなたの取扱資格では表示できません）"
LABEL = "HI//SEMICON//TLP:RED"
SECRET = "0190aaaa-bbbb-7ccc-8ddd-eeeeffff0000"
PAGES = ["/audit/", "/audit/seal/", "/audit/export.csv", "/audit/seal/head.json"]


@pytest.fixture
def story(world: World) -> World:
    """A sign-in, an opening at level 1 and one at level 2; the auditor may see level 1."""
    with as_owner():
        authorise(world.auditor, 1)
        agreement(world.ministry)
    record(actor=acting(world, "engineer"), act=Act.SESSION_SIGN_IN, target_type="person", target_id=world.engineer.pk)
    record(
        actor=acting(world, "engineer"), act=Act.DOCUMENT_OPEN, target_type="documents.document",
        target_id="0190aaaa-bbbb-7ccc-8ddd-111111111111", label="SENSITIVE//TLP:AMBER", level=1, detail={"page": 7},
    )  # fmt: skip
    record(
        actor=acting(world, "official"), act=Act.DOCUMENT_DOWNLOAD, target_type="documents.document",
        target_id=SECRET, label=LABEL, level=2, detail={"version": 3},
    )  # fmt: skip
    record(actor=acting(world, "foreign"), act=Act.ACCESS_DENIED, target_type="documents:open", target_id="x")
    return world


class Acting:
    def __init__(self, person: Any) -> None:
        self.person_id, self.organisation_id = person.pk, person.organisation_id


def acting(world: World, name: str) -> Acting:
    return Acting(getattr(world, name))


def words(client: Client, path: str, **query: str) -> str:
    response = client.get(path, query)
    assert response.status_code == 200, response
    body = response.content.decode()
    main = body[body.index("<main") : body.index("</main")].replace("<wbr>", "")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def rows(client: Client, **query: str) -> list[str]:
    """The acts the list shows."""
    page = client.get("/audit/", query).content.decode()
    return re.findall(r'<th scope="row"><a href="/audit/[0-9a-f-]{36}/">([^<]+)</a>', page)


def all_events(act: str) -> list[Event]:
    with as_role("portal_owner"):
        return list(Event.objects.filter(act=act).order_by("at", "id"))


def exported(client: Client, **query: str) -> list[dict[str, str]]:
    response = client.get("/audit/export.csv", query)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
    return list(csv.DictReader(io.StringIO(text[1:])))


# --- who ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["official", "clearance_officer", "secretary", "engineer", "colleague", "expired", "foreign", "outsider"]
)
def test_for_everybody_else_the_pages_do_not_exist(story: World, name: str) -> None:
    sealed(timezone.now())
    (event,) = all_events("session.sign_in")
    client = sign_in(getattr(story, name))
    missing = client.get("/nothing/at/all/")
    for path in [*PAGES, f"/audit/{event.pk}/", f"/audit/{uuid4()}/"]:
        response = client.get(path)
        assert response.status_code == 404, path
        assert plain(response.content) == plain(missing.content), path


def plain(body: bytes) -> bytes:
    """A page without what differs from one request to the next."""
    text = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", body)
    return re.sub(rb'name="next" value="[^"]+"|href="/audit/"( aria-current="\w+")?', b"", text)


def test_whoever_is_not_signed_in_is_asked_to(story: World) -> None:
    for path in PAGES:
        assert Client().get(path).status_code in {302, 404}


def test_a_duty_that_is_over_opens_nothing(story: World) -> None:
    client = sign_in(story.auditor)
    assert client.get("/audit/").status_code == 200
    with as_owner():
        Appointment.objects.filter(person=story.auditor).update(until=timezone.now() - timedelta(hours=1))
    assert client.get("/audit/").status_code == 404


@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_page_stands_in_both_languages(story: World, language: str) -> None:
    sealed(timezone.now())
    client = sign_in(story.auditor)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for path in ["/audit/", "/audit/seal/", f"/audit/{all_events('document.open')[0].pk}/"]:
        page = client.get(path)
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.content.decode()
        assert page.content.decode().count("<h1") == 1


# --- what -----------------------------------------------------------------------------------------------------


def test_the_log_says_who_did_what_newest_first(story: World) -> None:
    client = sign_in(story.auditor)
    assert rows(client)[:4] == ["閲覧・操作の拒否", "文書のダウンロード", "文書の閲覧", "サインイン"]
    page = words(client, "/audit/")
    assert story.engineer.name in page
    assert story.maker.name in page
    assert "SENSITIVE//TLP:AMBER" in page


def test_what_lies_above_the_auditors_levels_keeps_its_label_target_and_detail(story: World) -> None:
    client = sign_in(story.auditor)
    download = all_events("document.download")[0]
    for path in ["/audit/", f"/audit/{download.pk}/"]:
        page = words(client, path)
        assert OUTSIDE in page
        assert SECRET not in page
        assert LABEL not in page
    assert "版" not in words(client, f"/audit/{download.pk}/")


def test_an_authorisation_shows_the_label_and_a_session_that_proved_too_little_does_not(story: World) -> None:
    with as_owner():
        authorise(story.auditor, 2)
    assert SECRET in words(sign_in(story.auditor, level=2), "/audit/")
    assert SECRET not in words(sign_in(story.auditor, level=1), "/audit/")


@pytest.mark.parametrize("query", [{"label": "HI"}, {"label": "semicon"}, {"target": SECRET}])
def test_what_is_not_shown_is_not_found_either(story: World, query: dict[str, str]) -> None:
    assert rows(sign_in(story.auditor), **query) == []
    with as_owner():
        authorise(story.auditor, 2)
    assert rows(sign_in(story.auditor), **query) == ["文書のダウンロード"]


def today(days: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"act": "document"}, ["文書のダウンロード", "文書の閲覧"]),
        ({"act": "document.open"}, ["文書の閲覧"]),
        ({"person": "技 術子"}, ["文書の閲覧", "サインイン"]),
        ({"person": "術"}, ["文書の閲覧", "サインイン"]),
        ({"person": "だれでもない"}, []),
        ({"label": "sensitive//TLP"}, ["文書の閲覧"]),
        ({"target": "0190aaaa-bbbb-7ccc-8ddd-111111111111"}, ["文書の閲覧"]),
        ({"since": today(1)}, []),
        ({"until": today(-1)}, []),
        ({"since": today(), "until": today(), "act": "session.sign_in"}, ["サインイン"]),
        ({"act": "document", "person": "官 一郎"}, ["文書のダウンロード"]),
    ],
)
def test_narrowing(story: World, query: dict[str, str], expected: list[str]) -> None:
    assert rows(sign_in(story.auditor), **query) == expected


def test_a_person_is_found_by_address_and_by_id(story: World) -> None:
    client = sign_in(story.auditor)
    assert rows(client, person=story.engineer.email.upper()) == ["文書の閲覧", "サインイン"]
    assert rows(client, person=str(story.engineer.pk)) == ["文書の閲覧", "サインイン"]


@pytest.mark.parametrize(
    "query",
    [
        {"since": "yesterday"},
        {"since": "2026-11-22", "until": "2026-11-21"},
        {"until": "9999-12-31"},
        {"since": "0001-01-01"},
        {"act": "document.admire"},
        {"person": "a\0b"},
        {"label": "x" * 201},
    ],
)
def test_a_condition_that_makes_no_sense_is_named_beside_its_field(story: World, query: dict[str, str]) -> None:
    client = sign_in(story.auditor)
    page = client.get("/audit/", query).content.decode()
    assert "field-wrong" in page
    assert "条件をご確認ください" in page
    assert rows(client, **query) == []
    assert client.get("/audit/export.csv", query).status_code == 302


def test_an_empty_list_says_what_to_do_next(story: World) -> None:
    page = words(sign_in(story.auditor), "/audit/", person="だれでもない")
    assert "当てはまる記録はありません" in page
    assert "条件を消す" in page


def test_paging_by_key_shows_each_event_once(story: World) -> None:
    for number in range(120):
        record(actor=acting(story, "engineer"), act=Act.THREAD_OPEN, target_type="dialogues.thread", target_id=number)
    client = sign_in(story.auditor)
    seen, query = [], {"act": "thread.open"}
    while True:
        page = client.get("/audit/", query).content.decode()
        seen += re.findall(r'href="/audit/([0-9a-f-]{36})/"', page)
        following = re.search(r'href="/audit/\?([^"]*after[^"]*)"', page)
        if not following:
            break
        query = dict(parse_qsl(following[1].replace("&amp;", "&")))
    assert len(seen) == 120
    assert len(set(seen)) == 120
    assert "記録 120件" in words(client, "/audit/", act="thread.open")


@pytest.mark.parametrize("after", ["", "x", "2026-11-22~x", "2026-11-22T00:00:00~" + SECRET, "~", "\0"])
def test_what_is_no_cursor_begins_at_the_beginning(story: World, after: str) -> None:
    assert rows(sign_in(story.auditor), act="session.sign_in", after=after) == ["サインイン"]


# --- what the auditor does is in the log too ------------------------------------------------------------------


def test_looking_is_an_event_and_names_no_one(story: World) -> None:
    client = sign_in(story.auditor)
    client.get("/audit/", {"person": "技 術子", "act": "document"})
    client.get(f"/audit/{all_events('document.open')[0].pk}/")
    (searched,) = all_events("audit.search")
    assert searched.person_id == story.auditor.pk
    assert searched.detail == {"filters": "act,person", "shown": 1}
    assert [event.target_type for event in all_events("audit.open")] == ["event"]


# --- the export -----------------------------------------------------------------------------------------------


def test_the_export_holds_what_the_page_shows_and_is_an_event(story: World) -> None:
    client = sign_in(story.auditor)
    lines = exported(client, act="document")
    assert [line["操作の記号"] for line in lines] == ["document.download", "document.open"]
    hidden, open_ = lines
    assert {hidden[name] for name in ("格付・取扱制限", "格付の区分", "対象の番号", "記録の詳細")} == {OUTSIDE}
    assert (open_["格付・取扱制限"], json.loads(open_["記録の詳細"])) == ("SENSITIVE//TLP:AMBER", {"page": 7})
    assert open_["氏名"] == story.engineer.name
    (made,) = all_events("audit.export")
    assert made.detail == {"filters": "act"}


def test_the_export_streams_in_chunks_and_stops_at_the_moment_it_was_asked(
    story: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.export.CHUNK", 3)
    for number in range(10):
        record(actor=acting(story, "engineer"), act=Act.THREAD_OPEN, target_type="dialogues.thread", target_id=number)
    client = sign_in(story.auditor)
    response = client.get("/audit/export.csv", {"act": "thread.open"})
    record(actor=acting(story, "engineer"), act=Act.THREAD_OPEN, target_type="dialogues.thread", target_id="later")
    chunks = list(response.streaming_content)  # type: ignore[attr-defined]
    assert len(chunks) == 5
    assert sum(chunk.count(b"thread.open") for chunk in chunks) == 10


def test_an_export_ends_with_the_duty(story: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.export.CHUNK", 1)
    client = sign_in(story.auditor)
    response = client.get("/audit/export.csv", {"act": "document"})
    stream = iter(response.streaming_content)  # type: ignore[attr-defined]
    next(stream)
    assert b"document.download" in next(stream)
    with as_owner():
        Appointment.objects.filter(person=story.auditor).update(until=timezone.now() - timedelta(hours=1))
    rest = b"".join(stream).decode()
    assert "中断" in rest
    assert "document.open" not in rest


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_becomes_a_formula(story: World, start: str) -> None:
    formula = f"{start}HYPERLINK(1)"
    assert safe(formula) == f"'{formula}"
    record(actor=acting(story, "engineer"), act=Act.THREAD_OPEN, target_type="x", target_id=formula)
    (line,) = exported(sign_in(story.auditor), act="thread.open")
    assert line["対象の番号"].startswith("'")


def test_an_ordinary_cell_stays_as_it_is() -> None:
    assert safe("HI//SEMICON") == "HI//SEMICON"
    assert safe("") == ""


# --- the seal -------------------------------------------------------------------------------------------------


def test_an_event_shows_its_proof(story: World) -> None:
    with as_role("portal_worker"):
        seal_audit_log()
    client = sign_in(story.auditor)
    page = words(client, f"/audit/{all_events('document.open')[0].pk}/")
    assert "封印と一致しています" in page
    assert "記録全体の照合値" in page


def test_a_hidden_event_shows_that_it_holds_but_no_hash_to_guess_from(story: World) -> None:
    sealed(timezone.now())
    page = words(sign_in(story.auditor), f"/audit/{all_events('document.download')[0].pk}/")
    assert "封印と一致しています" in page
    assert "記録全体の照合値" not in page


def test_an_altered_event_says_so(story: World) -> None:
    sealed(timezone.now())
    with tampering():
        sql("UPDATE audit_event SET detail = '{}' WHERE act = 'document.open'")
    page = words(sign_in(story.auditor), f"/audit/{all_events('document.open')[0].pk}/")
    assert "封印と一致しません" in page


def test_a_damaged_seal_breaks_the_proof_and_not_the_page(story: World) -> None:
    sealed(timezone.now())
    with tampering():
        sql("UPDATE audit_seal SET leaves = substring(leaves for 32)")
    assert "封印と一致しません" in words(sign_in(story.auditor), f"/audit/{event_at(0).pk}/")


def test_an_event_not_yet_sealed_says_so(story: World) -> None:
    page = words(sign_in(story.auditor), f"/audit/{all_events('document.open')[0].pk}/")
    assert "まだ封印されていません" in page


def test_the_state_of_the_seal(story: World) -> None:
    client = sign_in(story.auditor)
    assert "まだ封印はありません" in words(client, "/audit/seal/")
    assert client.get("/audit/seal/head.json").status_code == 404
    number = sealed(timezone.now())
    page = words(client, "/audit/seal/")
    assert f"封印した記録 {number}" in page
    assert "まだ検証していません" in page
    record(actor=acting(story, "engineer"), act=Act.AUDIT_VERIFY, detail={"findings": 2, "size": number})
    assert "異常 2件" in words(client, "/audit/seal/")
    record(actor=acting(story, "engineer"), act=Act.AUDIT_VERIFY, detail={"findings": 0, "size": number})
    assert "異常なし" in words(client, "/audit/seal/")


def test_a_sealer_that_stopped_is_noticed(story: World) -> None:
    sealed(timezone.now() - timedelta(minutes=5))
    assert "封印が遅れています" not in words(sign_in(story.auditor), "/audit/seal/")
    with tampering():
        sql("UPDATE audit_seal SET at = now() - interval '10 minutes'")
        sql(
            "INSERT INTO audit_event VALUES (gen_random_uuid(), now() - interval '3 minutes', null, null, 'room.list',"
            " '', '', '', 0, '{}')"
        )
    assert "封印が遅れています" in words(sign_in(story.auditor), "/audit/seal/")


def test_the_head_can_be_kept(story: World) -> None:
    sealed(timezone.now())
    response = sign_in(story.auditor).get("/audit/seal/head.json")
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith('attachment; filename="audit-head-')
    assert json.loads(response.content)["format"] == "entaku-audit-head-1"
    assert all_events("audit.export")[0].target_type == "head"


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("register", "取扱者名簿"),
        ("assessment", "適性評価の結果"),
        ("documents:document", "文書"),
        ("documents.document", "文書"),
        ("clearance:people", "画面"),
    ],
)
def test_a_target_is_named_in_words(target: str, words: str) -> None:
    assert target_words(target) == words
