"""Whatever is typed or sent: no error page, no word that is not the sender's, and a message that says what is wrong.

A few hundred random bodies here; ten thousand with HYPOTHESIS_PROFILE=thorough.
"""

from __future__ import annotations

import random
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from accounts.models import Person
from clearance.models import CircleInvitation, Marking
from documents.models import Document, Version
from tests import world as build
from tests.documents.acting import body, work
from tests.harness import junk
from tests.harness.routes import Route, routes
from tests.harness.scene import PERSONAS, WORDS, Scene, stage
from tests.harness.test_route_matrix import table
from tests.harness.test_row_level_security_alone import known
from tests.thorough import THOROUGH
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BODIES = 10_000 if THOROUGH else 120
# Where a wrong guess is counted and then answered by a page that says to wait, and what signs the sender out.
PAST = {"account_logout", "demo:sign_in", "accounts:end_session"}


@pytest.fixture
def scene(world: World) -> Scene:
    return stage(world)


def takers(persona: str) -> list[Route]:
    """The forms the persona may send."""
    open_to = {name for name, row in table("post").items() if row[persona] in {200, 302}} - PAST
    return [route for route in routes() if route.name in open_to]


def test_no_body_of_any_form_makes_an_error_or_tells_a_word(scene: Scene) -> None:
    at = random.Random(2026)
    with build.as_owner():
        keys = scene.keys()
    senders = {persona: scene.client(persona) for persona in ("anonymous", *PERSONAS)}
    cookies = {persona: client.cookies.output(header="", sep=";") for persona, client in senders.items()}
    asked: dict[tuple[str, str], list[str]] = {}
    for number in range(BODIES):
        persona = at.choice(("official", "clearance officer", "engineer", "secretary", *PERSONAS, "anonymous"))
        route, client = at.choice(takers(persona)), senders[persona]
        client.cookies = SimpleCookie(cookies[persona])
        url = route.url(keys)
        if (persona, route.name) not in asked:
            asked[persona, route.name] = junk.names_in(client.get(url).content)
        names = asked[persona, route.name]
        with transaction.atomic():
            if at.random() < 0.2:
                answer = client.get(
                    f"{url}?{urlencode(junk.fields(at, [*names, 'after', 'q', 'page', 'level', 'next']))}"
                )
            else:
                answer = client.generic("POST", url, **junk.request(at, names))
            text = body(answer)
            transaction.set_rollback(True)
        assert answer.status_code < 500, (number, persona, route.name)
        told = [what for what, word in WORDS.items() if word.encode() in text and what not in known(persona)]
        assert not told, (number, persona, route.name)


def test_every_list_takes_any_question(scene: Scene) -> None:
    """Each value in each of a list's questions, by address, as somebody whose lists are long; a fifth of them to each
    list unless all are asked for."""
    with build.as_owner():
        keys = scene.keys()
    for persona, lists in (
        ("official", ("documents:index", "dialogues:index", "dialogues:room", "documents:view", "accounts:step_up")),
        ("clearance officer", ("clearance:people", "clearance:organisations", "clearance:statutory",
                               "clearance:handlers", "clearance:ending", "clearance:person_add",
                               "clearance:person_factors")),
        ("auditor", ("audit:index", "audit:export")),
    ):  # fmt: skip
        client = scene.client(persona)
        for number, route in enumerate(route for route in routes() if route.name in lists):
            url = route.url(keys)
            names = {*junk.names_in(body(client.get(url))), "after", "page", "q", "level", "since", "until", "item"}
            for value in junk.VALUES if THOROUGH else junk.VALUES[number % 5 :: 5]:
                with transaction.atomic():
                    answer = client.get(f"{url}?{urlencode(dict.fromkeys(sorted(names), value))}")
                    transaction.set_rollback(True)
                assert answer.status_code < 500, (route.name, value)


def test_no_content_type_or_charset_makes_an_error(scene: Scene) -> None:
    client = scene.client("official")
    for kind in junk.TYPES:
        for address in ("/documents/", "/account/login/", f"/rooms/{scene.room.pk}/threads/start/", "/"):
            for verb in ("GET", "POST"):
                with transaction.atomic():
                    answer = client.generic(verb, f"{address}?q=%E3%81%82", b"title=x", content_type=kind)
                    transaction.set_rollback(True)
                assert answer.status_code < 500, (verb, address, kind)


def test_what_is_wrong_is_said(scene: Scene) -> None:
    """An empty or senseless form comes back with its summary of errors, in both languages."""
    with build.as_owner():
        keys = scene.keys()
    for persona, name in (
        ("official", "dialogues:start"), ("official", "dialogues:invite"), ("official", "dialogues:rename"),
        ("official", "documents:register"), ("official", "documents:relabel"), ("official", "documents:add_version"),
        ("clearance officer", "clearance:person_add"), ("clearance officer", "clearance:grant"),
        ("clearance officer", "clearance:organisation_add"), ("clearance officer", "clearance:compartment_add"),
    ):  # fmt: skip
        route = next(route for route in routes() if route.name == name)
        client = scene.client(persona)
        names = junk.names_in(client.get(route.url(keys)).content)
        for value in ("", "\0", "あ" * 10_000):
            for language in ("ja", "en"):
                with transaction.atomic():
                    given = dict.fromkeys(names, value)
                    answer = client.post(route.url(keys), given, headers={"Accept-Language": language})
                    transaction.set_rollback(True)
                assert answer.status_code == 200, (name, value[:5])
                assert "error-summary" in answer.content.decode(), (name, value[:5])


LOOKALIKES = (
    "HI//ЅЕМІСОΝ",  # Cyrillic and Greek
    "ＨＩ//ＳＥＭＩＣＯＮ", "HI//SEMI\u200bCON",
    "\u202eNOCIMES//IH", "HI//SEMICON\u2060", "HI∕∕SEMICON", "HI//ſEMICON", "ΗΙ//SEMICON",
    "HI//SEMİCON", "PUBLIC\u00ad", "PUBLIС",
)  # fmt: skip


@pytest.mark.parametrize("text", LOOKALIKES)
def test_a_marking_in_other_letters_is_none(scene: Scene, text: str) -> None:
    client = scene.client("official")
    with build.as_owner():
        before = set(Marking.objects.values_list("text", flat=True))
    answer = client.post(
        f"/documents/receive/?circle={scene.world.circle.pk}",
        {"title": "x", "marking_choice": "other", "marking_text": text, "originator": str(scene.world.ministry.pk),
         "file": SimpleUploadedFile("a.txt", b"x")},
    )  # fmt: skip
    assert answer.status_code == 200
    assert "error-summary" in answer.content.decode()
    with build.as_owner():
        assert set(Marking.objects.values_list("text", flat=True)) == before
        assert Document.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda email: email.replace("s", "ſ"), lambda email: email.replace("p", "р"), lambda email: email + "\u200b",
        lambda email: email.replace("e", "ｅ"), lambda email: "\u202e" + email[::-1],
        lambda email: email.replace("o", "o\u0301"), lambda email: email.replace("@", "＠"),
    ],
    ids=["long s", "Cyrillic", "zero width", "full width", "turned round", "combining", "full-width at"],
)  # fmt: skip
def test_an_address_in_other_letters_is_nobodys(scene: Scene, change: Any) -> None:
    """Neither found as the one it looks like, nor entered beside it."""
    world = scene.world
    looks = change(world.outsider.email)
    steward, officer = scene.client("official"), scene.client("clearance officer")
    for address in (f"/rooms/{scene.room.pk}/members/invite/", f"/documents/{scene.document.pk}/register/"):
        answer = steward.post(address, {"email": looks, "scope": "person", "role": "PARTICIPANT"})
        assert answer.status_code == 200, address
        assert "error-summary" in answer.content.decode(), address
    given = {"email": looks, "name": "似た人", "organisation": str(world.maker.pk), "language": "ja", "title": ""}
    answer = officer.post("/clearance/people/add/", given)
    assert answer.status_code == 200
    assert "error-summary" in answer.content.decode()
    with build.as_owner():
        assert not Person.objects.filter(name="似た人").exists()
        assert not CircleInvitation.objects.filter(person=world.outsider).exists()


NAMES = (
    "../../../etc/cron.d/x.svg", "..\\..\\x.html", "/etc/passwd", "a\0.html", "CON", ".htaccess", "x.svg\u202etxt",
    "%2e%2e%2fx",
    "x.html;.txt", "a" * 4000 + ".svg", "\u200b.svg", "x.svg ", '"><script>.svg', "\r\nX-Evil: 1.svg",
    "~/x", "|rm -rf", "-rf",
)  # fmt: skip
PAGES = (
    b"<!doctype html><script>alert(1)</script>", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    b"\xef\xbb\xbf<html><body onload=x>", b'<?xml version="1.0"?><!DOCTYPE svg><svg><script/></svg>',
    b"GIF89a/*<svg/onload=x>*/=1;<html>", b"%PDF-1.4<script>x</script>", b"<?xml-stylesheet href='x'?><a/>",
    "<script>x</script>".encode("utf-16"),
)  # fmt: skip


@pytest.mark.parametrize("content", PAGES, ids=range(len(PAGES)))
def test_what_a_browser_would_obey_is_handed_out_as_bytes_under_a_harmless_name(scene: Scene, content: bytes) -> None:
    client = scene.client("official")
    address = f"/documents/receive/?circle={scene.world.circle.pk}"
    for name in NAMES if content is PAGES[1] else NAMES[:1]:
        with transaction.atomic():
            upload = SimpleUploadedFile("x", content, content_type="text/html")
            upload._name = name  # type: ignore[attr-defined]  # as a client sends it, not as Django's own would
            answer = client.post(
                address,
                {
                    "title": "x",
                    "marking_choice": "HI//SEMICON",
                    "originator": str(scene.world.ministry.pk),
                    "file": upload,
                },
            )
            assert answer.status_code in ({200, 302} if len(name) < 1000 else {400}), name
            if answer.status_code == 302:
                with build.as_owner():
                    found = Version.objects.exclude(document=scene.document).select_related("document").get()
                work(found.document)
                _harmless(client.get(f"/documents/{found.document_id}/versions/1/download"))
                shown = client.get(f"/documents/{found.document_id}/versions/1/")
                assert shown.status_code in {200, 302, 404}, name
                assert b"<script>alert" not in shown.content
                assert b"onload=" not in shown.content.replace(b"onload=x&gt;", b"").replace(b"onload=&quot;", b"")
            transaction.set_rollback(True)


def _harmless(answer: Any) -> None:
    body(answer)
    assert answer.status_code in {200, 404}
    if answer.status_code == 404:
        return  # refused by the check: handed out to nobody
    kind, told = answer.headers["Content-Type"], answer.headers["Content-Disposition"]
    assert kind.partition(";")[0] not in {"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml"}, kind
    assert told.startswith("attachment;"), told
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Evil" not in answer.headers
    for part in ("/", "\\", "..", "%2F", "%5C", "%00", "%0D", "%0A", "%E2%80%AE"):
        assert part not in told, told
