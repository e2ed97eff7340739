"""Requests as an attacker sends them, to every URL: without the form's token, from another site, to lead elsewhere,
with headers of the attacker's, with a session that the attacker chose."""

from __future__ import annotations

import encodings
import io
import re
import sys
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from accounts.models import Session
from accounts.sessions import hashed
from portal.content_types import Handler
from tests import world as build
from tests.accounts.conftest import PASSWORD, post_password
from tests.documents.acting import TEXT
from tests.harness.looks import look, of
from tests.harness.routes import routes
from tests.harness.scene import Scene, stage
from tests.harness.walk import walk
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EVIL = (
    "https://evil.test/", "//evil.test/", "/\\evil.test/", "\\\\evil.test", "https:evil.test", "///evil.test",
    "/\t/evil.test/", " //evil.test", "http://testserver@evil.test/", "javascript:alert(1)//evil.test",
    "/%0d%0aSet-Cookie:%20evil.test=1", "/\r\nSet-Cookie: evil=1\r\n\r\n<script>evil.test</script>",
)  # fmt: skip
LINK = re.compile(rb'(?:href|action|formaction|src|content)="([^"]*)"')


@pytest.fixture
def scene(world: World) -> Scene:
    return stage(world)


def test_nothing_is_done_without_the_forms_token(scene: Scene) -> None:
    with build.as_owner():
        keys = scene.keys()
    for persona in ("official", "anonymous"):
        client = scene.client(persona)
        client.handler.enforce_csrf_checks = True
        answered = {name: answer.status for name, answer in walk(client, keys, "post")}
        # No cookie opens the machines' addresses: there is no session that another site could make use of.
        by_token = {name: status for name, status in answered.items() if name.startswith("taxii:")}
        assert set(by_token.values()) == {401}
        assert {name: status for name, status in answered.items() if name not in by_token and status != 403} == {}


def test_nor_with_a_token_from_another_site(scene: Scene) -> None:
    client = scene.client("official")
    client.handler.enforce_csrf_checks = True
    page = client.get("/account/").content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    for headers, status in (
        ({}, 200), ({"Origin": "https://evil.test"}, 403), ({"Origin": "null"}, 403),
        ({"Origin": "http://testserver.evil.test"}, 403), ({"Origin": "http://testserver:81"}, 403),
    ):  # fmt: skip
        answer = client.post("/account/", {"csrfmiddlewaretoken": token[1]}, headers=headers)
        assert answer.status_code == status, headers


def test_a_file_sent_without_the_token_leaves_nothing(scene: Scene, settings: object) -> None:
    client = scene.client("official")
    client.handler.enforce_csrf_checks = True
    blobs = Path(settings.STORAGES["blobs"]["OPTIONS"]["location"])  # type: ignore[attr-defined]
    before = {path for path in blobs.rglob("*") if path.is_file()}
    address = f"/documents/receive/?circle={scene.world.circle.pk}"
    answer = client.post(address, {"title": "x", "file": SimpleUploadedFile("a.txt", TEXT)})
    assert answer.status_code == 403
    answer.close = lambda: None  # type: ignore[method-assign]
    del answer
    assert {path for path in blobs.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("persona", [of(name) for name in ("official", "colleague", "anonymous")])
def test_every_answer_forbids_frames_sniffing_and_foreign_scripts(persona: str) -> None:
    for name, answer in look(persona).whole.items():
        headers = dict(answer.headers)
        policy = headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY", name
        assert headers["x-content-type-options"] == "nosniff", name
        assert headers["referrer-policy"] == "same-origin", name
        assert "unsafe" not in policy, name
        # A file that is handed out may not even run what would be the portal's own.
        assert {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy.split("; ")), name
        assert policy.endswith("; sandbox") or {"script-src 'self'", "report-uri /csp-report"} <= set(
            policy.split("; ")
        ), name
        assert headers["cross-origin-resource-policy"] == headers["cross-origin-opener-policy"] == "same-origin", name


def test_no_address_leads_to_another_site(scene: Scene) -> None:
    """Whatever stands in `next` or what else sounds like it, asked or posted: neither the answer nor a link in it."""
    with build.as_owner():
        keys = scene.keys()
    for persona, method in (
        ("official", "get"),
        ("official", "post"),
        ("anonymous", "get"),
    ):
        client = scene.client(persona)
        for number, evil in enumerate(EVIL):
            asked = dict.fromkeys(("next", "redirect_to", "url", "return", "continue", "q"), evil)
            takes = None if number == 0 else _takes_one_on
            for name, answer in walk(client, keys, method, asked | {"level": "2", "language": "ja"}, only=takes):
                headers = dict(answer.headers)
                assert "evil" not in headers.get("set-cookie", ""), name
                assert not _elsewhere(headers.get("location", "")), (name, evil, headers["location"])
                links = [unescape(link.decode()) for link in LINK.findall(answer.body)]
                assert not [link for link in links if _elsewhere(link)], (name, evil)


def _takes_one_on(name: str) -> bool:
    """The addresses whose pages lead on to somewhere."""
    return name in {
        "account_login", "account_logout", "account_reauthenticate", "accounts:step_up", "accounts:profile", "home",
        "clearance:builder", "set_language", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_authenticate",
        "mfa_login_webauthn", "demo:index", "demo:step_up", "dialogues:room", "documents:receive",
    }  # fmt: skip


def _elsewhere(link: str) -> bool:
    """Whether a browser that follows it leaves: it reads a backslash as a slash and passes by blanks and tabs."""
    read = re.sub(r"[\t\r\n]", "", link).strip().replace("\\", "/")
    try:
        parts = urlsplit(read)
    except ValueError:
        return True
    return parts.scheme not in ("", "http", "https", "mailto", "data") or (
        bool(parts.netloc) and parts.netloc not in ("testserver", "localhost:8000")
    ) or (parts.scheme in ("http", "https") and not parts.netloc)  # fmt: skip


def test_no_host_but_ours_is_answered_and_none_is_believed(scene: Scene) -> None:
    client = scene.client("official")
    for host in ("evil.test", "testserver.evil.test", "testserver@evil.test", "testserver/evil", "[::1", "a\tb"):
        assert client.get("/", headers={"Host": host}).status_code == 400, host
    for headers in (
        {"X-Forwarded-Host": "evil.test"}, {"X-Forwarded-Server": "evil.test"}, {"Forwarded": "host=evil.test"},
        {"X-Host": "evil.test"}, {"X-Original-URL": "//evil.test/"}, {"X-Forwarded-Prefix": "//evil.test"},
    ):  # fmt: skip
        for address in ("/", f"/documents/{scene.document.pk}/", "/account/login/", "/account/step-up/?level=4&next=/"):
            answer = client.get(address, headers=headers)
            assert "evil.test" not in answer.content.decode() + repr(answer.headers), (address, headers)


FORMS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b")
# Codecs of Python's that are no text's, that fail whatever they are given, that nobody has, and text in another shape.
CHARSETS = (
    "rot13", "rot_13", "hex", "base64", "quopri", "uu", "zip", "bz2", "idna", "punycode", "undefined",
    "unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "utf-8-sig", "shift_jis", "latin-1", "nonsense", "",
    "a b", "é", "9" * 3000,
)  # fmt: skip
UNREADABLE = (
    *(f"{form}; charset={charset}" for form in FORMS for charset in CHARSETS),
    *(f"{FORMS[1]}; charset*{said}" for said in ("=utf-8''%00", "=hex''hex", "=undefined''x", "0=rot; charset*1=13")),
    "text/plain; charset=rot13", "application/json; charset=undefined", "; charset=hex", f"{FORMS[0]}; x*=nonsense''y",
)  # fmt: skip


def served(verb: str, address: str, kind: str, **environ: str) -> tuple[int, dict[str, str], str]:
    """What the web server would be answered by: the process's own handler, with what only it does to a request."""
    answered: list[Any] = []
    path, _, query = address.partition("?")
    answer = Handler()({
        "REQUEST_METHOD": verb, "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_TYPE": kind, "CONTENT_LENGTH": "7",
        "SERVER_NAME": "testserver", "SERVER_PORT": "80", "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b"title=x"), "wsgi.errors": sys.stderr, **environ,
    }, lambda status, headers: answered.extend((int(status[:3]), dict(headers))))  # fmt: skip
    body = b"".join(answer)
    answer.close()
    return answered[0], answered[1], body.decode()


def test_a_charset_but_ours_is_refused_in_the_readers_language(scene: Scene) -> None:
    official = scene.client("official")
    senders = [{}, {"HTTP_COOKIE": official.cookies.output(header="", sep=";", attrs=[])}]
    words = {"ja": "ご要望を受け取れませんでした", "en": "We could not accept your request"}
    for number, kind in enumerate(UNREADABLE):
        for verb in ("GET", "POST"):
            language = ("ja", "en")[number % 2]
            address = ("/account/login/?next=/", "/documents/?q=%E3%81%82", f"/documents/{scene.document.pk}/")[
                number % 3
            ]
            told = {"HTTP_ACCEPT_LANGUAGE": language, **senders[number // 2 % 2]}
            status, headers, page = served(verb, address, kind, **told)
            assert status == 400, (verb, kind)
            assert f'<html lang="{language}">' in page, (verb, kind)
            assert f"<h1>{words[language]}</h1>" in page, (verb, kind)
            assert headers["X-Frame-Options"] == "DENY", (verb, kind)


def test_no_name_of_a_charset_is_remembered() -> None:
    """Python keeps each name of a codec that was asked for: strangers would fill the memory of the server with them."""
    before = len(encodings._cache)  # type: ignore[attr-defined]
    for number in range(20):
        assert served("GET", "/account/login/", f"text/plain; charset=unheard-of-{number}")[0] == 400
    assert len(encodings._cache) == before  # type: ignore[attr-defined]


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF8", '; charset="UTF-8"'])
def test_ours_is_taken_however_it_is_written(scene: Scene, charset: str) -> None:
    del scene
    for verb in ("GET", "POST"):
        assert served(verb, "/account/login/?next=/", f"multipart/form-data; boundary=b{charset}")[0] in {200, 403}


def test_an_override_changes_no_verb(scene: Scene) -> None:
    """A GET stays a GET, whatever it calls itself: nothing is done by following a link."""
    client = scene.client("official")
    address = f"/documents/{scene.document.pk}/withdraw/"
    for headers in ({"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "POST"}, {"X-HTTP-Method": "DELETE"}):
        client.get(address, {"_method": "POST", "confirm": "on"}, headers=headers)
    assert client.get(f"/documents/{scene.document.pk}/").status_code == 200


def test_a_session_that_somebody_else_chose_is_not_taken_up(world: World) -> None:
    """Neither a key made up by an attacker nor one they were given before the sign-in is worth anything after it."""
    with build.as_owner():
        world.engineer.set_password(PASSWORD)
        world.engineer.save()
    for chosen in ("a" * 32, "attacker", "../../x", "a" * 3000, "\x00"):
        client = Client()
        client.cookies["entaku_session"] = chosen
        assert client.get("/account/login/").status_code == 200, chosen
        assert post_password(client, world.engineer.email, PASSWORD).status_code == 302
        key = client.session.session_key
        assert key
        assert key != chosen
        assert not Session.objects.filter(session_key__in=[chosen[:40].replace("\x00", ""), hashed(chosen)]).exists()
        stranger = Client()
        stranger.cookies["entaku_session"] = chosen
        assert stranger.get("/documents/").status_code == 302


def test_the_key_changes_with_every_sign_in_and_the_former_opens_nothing(world: World) -> None:
    with build.as_owner():
        world.engineer.set_password(PASSWORD)
        world.engineer.save()
    client = Client()
    client.get("/account/login/?next=/documents/")
    before = client.cookies.get("entaku_session")
    given = before.value if before else "none"
    assert post_password(client, world.engineer.email, PASSWORD).status_code == 302
    first = client.cookies["entaku_session"].value
    assert first != given
    assert client.get("/documents/").status_code == 200
    client.post("/account/logout/")
    for old in (given, first):
        stranger = Client()
        stranger.cookies["entaku_session"] = old
        assert stranger.get("/documents/").status_code == 302


def test_every_route_is_undone_by_the_walk(scene: Scene) -> None:
    """The walks above post to every route: what they did must not outlast them, or they would prove less and less."""
    with build.as_owner():
        keys = scene.keys()
    with transaction.atomic():
        list(walk(scene.client("official"), keys, "post", {"confirm": "on"}))
    assert scene.client("official").get(f"/documents/{scene.document.pk}/").status_code == 200
    assert len(routes()) > 100
