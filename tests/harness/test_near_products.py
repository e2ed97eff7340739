"""What went wrong in the products nearest to this one, class by class: which test shows that it does not happen here.

The table is `near_products.py`. Its tests that stand nowhere else are here: through every middleware, as the personas
of the scene, with forged ids, all verbs, headers of every kind, plain and as htmx asks.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.models import Person
from clearance.markings import marking
from clearance.models import Authorisation, CircleMember, NamedHandler, OrganisationCertification
from documents.models import Document
from tests import world as build
from tests.dialogues import scenes
from tests.documents.acting import hand_over
from tests.harness.looks import AS_HTMX, look, of
from tests.harness.near_products import CLASSES
from tests.harness.routes import Route, routes
from tests.harness.scene import KNOWN, WORDS, Scene, stage
from tests.harness.walk import OF_THE_MINUTE, TOKEN, walk
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# What is written because somebody asked: their session and context, what was refused them, what they have read.
OF_ASKING = {
    "clearance_context", "clearance_session", "clearance_refusals", "documents_reading", "dialogues_readmark"
}  # fmt: skip
# Parameters that name something under HI//SEMICON.
SECRET = {"briefing", "document", "draft", "thread", "message", "request_id"}
HIDDEN = (*sorted(SECRET), "room")
HEADERS: dict[str, dict[str, str]] = {
    "plain": {},
    "as htmx asks": AS_HTMX,
    "a range": {"Range": "bytes=0-0"},
    "from a cache": {"If-None-Match": "*", "If-Modified-Since": "Mon, 01 Jan 2035 00:00:00 GMT"},
    "forwarded": {
        "X-Forwarded-Host": "localhost", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https",
        "X-Original-URL": "/", "X-Rewrite-URL": "/", "X-HTTP-Method-Override": "GET", "X-Remote-User": "official",
    },
    "in English, by a local name": {"Accept-Language": "en", "Host": "localhost"},
    "wanting data": {"Accept": "application/json", "Prefer": "return=minimal", "X-Requested-With": "XMLHttpRequest"},
}  # fmt: skip
VERBS = ("HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


@pytest.fixture
def scene(world: World) -> Scene:
    return stage(world)


def test_each_class_has_its_tests() -> None:
    for kind, named in CLASSES.items():
        for name in named:
            path, _, function = name.partition("::")
            tree = ast.parse((Path(__file__).parents[2] / path).read_text("utf-8"))
            assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, (kind, name)
    assert len(CLASSES) == 24


def nothing(keys: dict[str, Any]) -> dict[str, Any]:
    """The same parameters, of what there is not."""
    return keys | {name: uuid4() for name in HIDDEN}


def same(answer: Any, keys: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """What an answer says, but for the ids that were asked for and what differs between any two."""
    body = TOKEN.sub(rb"\1", answer.getvalue() if not answer.streaming else b"".join(answer.streaming_content))
    for name in HIDDEN:
        body = body.replace(str(keys[name]).encode(), name.encode())
    kept = {k: v for k, v in answer.headers.items() if k.lower() not in {"set-cookie", "date", "expires"}}
    for name in HIDDEN:
        kept = {k: v.replace(str(keys[name]), name) for k, v in kept.items()}
    return answer.status_code, kept, body


@pytest.mark.parametrize("persona", ["colleague", "anonymous"])
def test_hidden_and_missing_answer_alike_to_every_verb_and_header(scene: Scene, persona: str) -> None:
    with build.as_owner():
        there = scene.keys()
    client, missing = scene.client(persona), nothing(there)
    asked = [("GET", name) for name in HEADERS] + [(verb, "plain") for verb in VERBS] + [("POST", "as htmx asks")]
    for route in (route for route in routes() if SECRET & set(route.parameters)):
        for verb, name in asked:
            with transaction.atomic():
                found, absent = (
                    same(client.generic(verb, route.url(keys), headers=HEADERS[name]), keys)
                    for keys in (there, missing)
                )
                transaction.set_rollback(True)
            assert found == absent, (route.name, verb, name)
            assert found[0] in {302, 403, 404, 405}, (route.name, verb, name, found[0])


@pytest.mark.parametrize("persona", ["colleague", "outsider", "clearance officer", "auditor"])
def test_whatever_is_asked_for_brings_no_word(scene: Scene, persona: str) -> None:
    """Every address, searched and narrowed by what somebody outside may have heard of."""
    with build.as_owner():
        keys = scene.keys()
    asked = {
        "q": "qzx", "circle": scene.world.circle.pk, "level": 2, "originator": scene.world.ministry.pk, "kind": "PDF",
        "item": scene.document.pk, "target": str(scene.document.pk), "label": "HI//SEMICON", "person": "官",
        "after": "x", "page": 1, "marking": "HI//SEMICON", "archived": "0", "waiting": "1",
    }  # fmt: skip
    there = {route.name for route in routes()}
    for headers in (HEADERS["plain"], HEADERS["as htmx asks"]):
        answers = dict(walk(scene.client(persona), keys, data=asked, only=there.__contains__, **headers))
        for name, answer in answers.items():
            told = [word for word in WORDS.values() if word.encode() in answer.body + repr(answer.headers).encode()]
            assert not told, (name, told)
        if persona != "outsider":  # who asks for the parts of what is missing too
            there = {name for name, answer in answers.items() if answer.status != 404}
    assert persona not in KNOWN


def test_what_one_runs_leads_to_nothing_of_another_room(scene: Scene) -> None:
    """A steward of one room puts the ids of another's things behind their own room and document."""
    world = scene.world
    with build.as_owner():
        keys = scene.keys()
    room = scenes.room_apart(world, world.outsider)
    paper = hand_over(world, world.outsider, circle=room.circle)
    client = scene.client("outsider")
    forged = keys | {"room": room.pk, "document": paper.pk}
    before = _everything()
    tried = 0
    for route in routes():
        others = set(route.parameters) - {"room", "document", "number", "page_number"}
        if not others or not {"room", "document"} & set(route.parameters):
            continue
        tried += 1
        for verb in ("GET", "POST"):
            given = {"email": world.colleague.email, "role": "STEWARD", "body": "x", "confirm": "on"}
            answer = getattr(client, verb.lower())(route.url(forged), given)
            assert answer.status_code in {404, 405} or not _of(scene, answer), (route.name, verb, answer.status_code)
    assert tried > 8
    after = _everything()
    assert {name for name, rows in before.items() if rows != after[name]} == set()


def _of(scene: Scene, answer: Any) -> list[str]:
    return [word for word in WORDS.values() if word in answer.content.decode()]


def _everything() -> dict[str, str]:
    """What stands in the tables of rooms, circles, documents and registers, each as one hash."""
    tables = [
        name for name in connection.introspection.table_names() if re.match("clearance|dialogues|documents", name)
    ]
    found = {}
    with build.as_owner(), connection.cursor() as cursor:
        for name in tables:
            if name in OF_ASKING:
                continue
            cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{name}" AS t')
            found[name] = cursor.fetchone()[0]
    return found


def test_an_id_in_a_form_reaches_nothing_that_is_not_offered(scene: Scene) -> None:
    """Ids of another room's circle, people, documents and markings in the bodies of forms one may use."""
    world = scene.world
    room = scenes.room_apart(world, world.outsider, world.engineer)
    thread = scenes.thread_in(room, world.outsider)
    client = scene.client("outsider")
    assert client.get(f"/documents/receive/?circle={world.circle.pk}").status_code in {200, 404}
    before = _everything()
    for address, given in (
        (f"/documents/receive/?circle={world.circle.pk}", {"title": "x", "marking_choice": "HI//SEMICON"}),
        (f"/rooms/{room.pk}/threads/{thread.pk}/", {
            "body": "x", "marking": str(world.hi_semicon.pk), "documents": str(scene.document.pk)}),
        (f"/rooms/{room.pk}/organisations/{world.maker.pk}/", {"email": world.colleague.email}),
        (f"/rooms/{room.pk}/organisations/{world.maker.pk}/remove/", {}),
        (f"/rooms/{scene.room.pk}/archive/", {}),
        ("/account/security/end-session/", {"session": "others"}),
    ):  # fmt: skip
        answer = client.post(address, given)
        assert answer.status_code in {200, 302, 404}, (address, answer.status_code)
        assert not _of(scene, answer), address
    after = _everything()
    assert {name for name, rows in before.items() if rows != after[name]} <= {"dialogues_message"}
    with build.as_owner():
        assert not Document.objects.exclude(pk=scene.document.pk).exists()


@pytest.mark.parametrize("form", ["a person of the firm", "a reader by name", "somebody asked in"])
def test_no_form_tells_a_member_of_a_firm_who_has_an_account(world: World, form: str) -> None:
    with build.as_owner():
        mine = build.circle(marking(1), steward=world.engineer)
        build.join_firm(mine, world.maker)
    room = scenes.room_on(mine, world.engineer)
    paper = hand_over(world, world.engineer, circle=mine, marking=marking(1), worked=False)
    address = {
        "a person of the firm": f"/rooms/{room.pk}/organisations/{world.maker.pk}/",
        "a reader by name": f"/documents/{paper.pk}/register/",
        "somebody asked in": f"/rooms/{room.pk}/members/invite/",
    }[form]
    client, told = build.sign_in(world.engineer), []
    for email in ("nobody@example.test", world.outsider.email, world.auditor.email.upper()):
        answer = client.post(address, {"email": email, "role": "PARTICIPANT"})
        told.append(TOKEN.sub(rb"\1", answer.content).replace(email.encode(), b"").replace(email.lower().encode(), b""))
        assert answer.status_code == 200
    assert len(set(told)) == 1


def test_a_poll_tells_nothing_of_what_is_hidden(scene: Scene) -> None:
    """The token of a room that a reader knows by name does not move with what lies above them."""
    client = scene.client("official by password")
    address = f"/rooms/{scene.room.pk}/token"
    before = client.get(address).content
    scenes.say(scene.thread, scene.world.engineer, "さらに一言")
    hand_over(scene.world, scene.world.engineer, worked=False)
    for headers in HEADERS.values():
        assert client.get(address, headers=headers).content in {before, b""}
    assert scene.client("official").get(address).content != before


def test_what_a_browser_kept_is_not_confirmed_after_the_revocation(scene: Scene) -> None:
    """A 304 would say that what the browser kept still stands."""
    world, client = scene.world, scene.client("engineer")
    kept = {}
    for address in (
        f"/documents/{scene.document.pk}/versions/1/download", f"/documents/{scene.document.pk}/versions/1/",
        f"/documents/{scene.document.pk}/state", f"/rooms/{scene.room.pk}/threads/{scene.thread.pk}/token",
        f"/documents/{scene.document.pk}/versions/1/pages/1.png",
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200, address
        kept[address] = answer.headers.get("ETag", "*")
    with build.as_owner():
        Authorisation.objects.filter(person=world.engineer).delete()
    for address, tag in kept.items():
        headers = {"If-None-Match": tag, "If-Range": tag, "Range": "bytes=1-2"}
        assert client.get(address, headers=headers).status_code == 404, address


@pytest.mark.parametrize("persona", [of(name) for name in ("official", "engineer", "clearance officer", "auditor")])
def test_no_answer_to_somebody_signed_in_may_be_kept_for_another(persona: str) -> None:
    seen = look(persona)
    for name, answer in seen.whole.items():
        headers = dict(answer.headers)
        if answer.status == 200 and name not in {"account_inactive", "gallery"}:
            assert {"private", "no-store", "no-cache"} & set(re.split(r"[,\s]+", headers.get("cache-control", ""))), (
                name
            )
        by_itself = name.startswith(("mfa_", "audit:")) or name in OF_THE_MINUTE
        if answer.body != seen.parts[name].body and not by_itself:
            assert "hx-request" in headers.get("vary", "").lower(), name


@pytest.mark.parametrize("persona", ["official", "secretary", "engineer", "auditor"])
def test_no_office_but_the_officers_changes_the_registers(scene: Scene, persona: str) -> None:
    """Filled in as the officer would, addressed to one's own person and firm."""
    world = scene.world
    with build.as_owner():
        keys = scene.keys()
        me = world.people[persona]
        keys |= {"person": me.pk, "organisation": me.organisation_id}
        if held := me.authorisations.first():
            keys["authorisation"] = held.pk
    before, people = _everything(), _people()
    given = {
        "basis": "NDA", "highest": "2", "compartments": "SEMICON", "until": "2030-01-01", "confirmed": "1", "kind":
        "AGREEMENT", "reason": "x", "code": "MINE", "name": "x", "countries": "JP", "email": "x@example.test",
        "language": "ja", "organisation": str(me.organisation_id), "why": "LOST", "as_of": "2026-01-01",
    }  # fmt: skip
    client = scene.client(persona)
    own = {"clearance:builder", "clearance:mine"}
    for route in (route for route in routes() if route.name.startswith("clearance:") and route.name not in own):
        for headers in (HEADERS["plain"], HEADERS["as htmx asks"]):
            assert client.post(route.url(keys), given, headers=headers).status_code == 404, route.name
    assert _everything() == before
    assert _people() == people


def _people() -> list[Any]:
    with build.as_owner():
        held = [Authorisation, OrganisationCertification, CircleMember, NamedHandler]
        kept = Person.objects.order_by("pk").values_list("pk", "email", "name", "organisation", "is_active", "password")
        return [list(kept), *(model.objects.count() for model in held)]


def test_the_cursor_of_any_list_serves_its_reader_alone(scene: Scene) -> None:
    """Lists of threads and messages; that of documents is tried in test_attacks.py."""
    world = scene.world
    with build.as_owner():
        scenes.many_messages(scene.thread, world.official, 70)
    address = f"/rooms/{scene.room.pk}/threads/{scene.thread.pk}/"

    def said(client: Client, after: str = "") -> list[str]:
        return re.findall(r"\d+件目の発言", client.get(address, {"after": after} if after else {}).content.decode())

    mine, theirs = scene.client("engineer"), scene.client("secretary")
    found = re.search(r"after=([^\"&#]+)", mine.get(address).content.decode())
    assert found
    cursor = found[1].replace("%3A", ":")
    assert said(mine, cursor) != said(mine)
    assert said(theirs, cursor) == said(theirs)
    assert said(mine, cursor[:-1] + ("A" if cursor[-1] != "A" else "B")) == said(mine)
    assert scene.client("colleague").get(address, {"after": cursor}).status_code == 404


@pytest.mark.parametrize("persona", ["outsider", "colleague", "expired", "auditor"])
def test_no_page_lists_people_to_whom_they_are_not_known(scene: Scene, persona: str) -> None:
    """An auditor meets people in the log, by name and on its pages alone; nobody meets an address."""
    world = scene.world
    me = world.people[persona]
    strangers = [person for person in world.people.values() if person.organisation_id != me.organisation_id]
    with build.as_owner():
        keys = scene.keys()
    for name, answer in walk(scene.client(persona), keys, data={"q": "a", "person": "@"}):
        if name in {"demo:index", "gallery"}:
            continue
        text = answer.body.decode(errors="replace")
        assert not [person.email for person in strangers if person.email in text], name
        if not name.startswith("audit:"):
            assert not [person.name for person in strangers if person.name in text], name


def test_every_route_is_tried() -> None:
    """The classes above go by parameters: none may come in under a name that they do not know."""
    known = {
        "account", "audience", "authorisation", "briefing", "bureau", "case", "certification", "code", "collection",
        "delivery", "desk", "document", "draft", "entry", "entry_id", "event", "finding", "handler", "holder", "hook",
        "invitation", "item",
        "key", "lift", "machine_token", "member", "message", "number", "officer", "organisation", "page_number",
        "person", "pk", "recovery", "request_id", "room", "size", "status", "stix_id", "submitted", "template",
        "thread", "token", "uidb36",
    }  # fmt: skip
    found: list[Route] = routes()
    assert {parameter for route in found for parameter in route.parameters} <= known
