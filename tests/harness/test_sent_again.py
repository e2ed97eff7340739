"""What somebody sent comes back to them, from every form, when they were signed out or their proof wore off."""

from __future__ import annotations

import ast
import inspect
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import PasswordInput
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import translation

from clearance import sent
from dialogues.models import Message, Room
from documents.models import RelabelRequest
from tests import world as build
from tests.dialogues import scenes
from tests.documents.acting import hand_over
from tests.harness.routes import routes
from tests.world import World

pytestmark = pytest.mark.django_db

HOSTILE = "</textarea><script>alert(1)</script>\"'<b>&amp;"
CHOSEN_AGAIN = "ファイルはこの画面に残せないため、もう一度選んでください。"
FORMS: dict[str, dict[str, str]] = {
    "documents:relabel": {"その他の格付・取扱制限": "marking_text", "変更の理由": "reason",
                          "情報提供元の同意の記録": "consent"},
    "documents:add_version": {"変更点": "change"},
    "documents:record": {"行政文書ファイル名": "record_file"},
    "documents:register": {"メールアドレス": "email", "最終日": "until", "理由": "reason"},
    "documents:answer": {"差戻しの理由": "note"},
    "documents:receive": {"題名": "title", "その他の格付・取扱制限": "marking_text", "閲覧期限": "expires_on",
                          "行政文書ファイル名": "record_file"},
    "dialogues:rename": {"名称": "name", "目的": "purpose", "根拠となる法令": "legal_basis"},
    "dialogues:open": {"名称": "name", "目的": "purpose", "根拠となる法令": "legal_basis"},
    "dialogues:start": {"題名": "title", "本文": "body"},
    "dialogues:thread": {"本文": "body"},
    "dialogues:invite": {"招待する方のメールアドレス": "email"},
    "clearance:person_add": {"氏名": "name", "メールアドレス": "email"},
    "clearance:person_change": {"氏名": "name"},
    "clearance:organisation_add": {"名称": "name"},
    "clearance:grant": {"文書番号": "reference"},
    "clearance:authorisation_revoke": {"理由": "reason"},
}  # fmt: skip
WITH_A_FILE = {"documents:receive", "documents:add_version"}
NEVER_KEPT = {"file", "password", "csrfmiddlewaretoken"}
# What a session on a password may do as well: the form is answered, and what is wrong in it is said on it.
OPEN_ON_A_PASSWORD = {"dialogues:open", "documents:receive"}


class Page(HTMLParser):
    """What a page gives back: the texts shown under their labels, and what its form would send."""

    def __init__(self, answer: Any) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: dict[str, str] = {}
        self.hidden: list[tuple[str, str]] = []
        self.labels: dict[str, str] = {}
        self.at, self.text, self.inside, self.resending = "", "", "", False
        self.html, self.address = answer.content.decode(), answer.wsgi_request.get_full_path()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        key = given.get("id", "")
        if tag == "label":
            self.inside, self.at, self.text = tag, given.get("for", ""), ""
        elif tag == "textarea" and key.startswith("sent-"):
            self.inside, self.at, self.text = tag, key, ""
        elif tag == "input" and key.startswith("sent-"):
            assert "readonly" in given
            self.texts[self.labels[key]] = given["value"]
        elif tag == "input" and given.get("type") == "hidden" and self.resending:
            self.hidden.append((given["name"], given["value"]))
        elif tag == "form":
            self.resending = given.get("action") == self.address

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag != self.inside:
            return
        if tag == "label":
            self.labels[self.at] = self.text.strip()
        else:
            self.texts[self.labels[self.at]] = self.text.removeprefix("\n")
        self.inside = ""


@pytest.fixture
def addresses(world: World) -> dict[str, str]:
    """Each form's address, for something marked HI wherever that can be."""
    document = hand_over(world, world.official)
    room = scenes.room_apart(world, world.official, world.engineer, marking=world.hi_semicon)
    thread = scenes.thread_in(room, world.official, marking=world.hi_semicon)
    with build.as_owner():
        asked = RelabelRequest(
            document=document, present=world.hi_semicon, proposed=scenes.sensitive(), reason="x",
            proposed_by=world.second_official,
        )  # fmt: skip
        asked.save(force_insert=True)
        keys: dict[str, UUID | int] = {
            "document": document.pk, "request_id": asked.pk, "room": room.pk, "thread": thread.pk,
            "person": world.engineer.pk, "authorisation": world.engineer.authorisations.get().pk,
        }  # fmt: skip
    found = {route.name: route.url(keys) for route in routes() if route.name in FORMS}
    found["documents:receive"] += f"?circle={world.circle.pk}"
    return found


def filled(name: str) -> dict[str, Any]:
    """The form as somebody had filled it in, with text that would do harm if it were taken for markup."""
    typed: dict[str, Any] = {field: f"{field} {HOSTILE}\n二行目" for field in FORMS[name].values()}
    if name in WITH_A_FILE:
        typed["file"] = SimpleUploadedFile("a.txt", b"never-kept")
    return typed | {"marking_choice": "other", "answer": "refuse", "csrfmiddlewaretoken": "tok", "password": "pw-kept"}


def shown_for(name: str, page: Page) -> None:
    """Each text is there under its label and does no harm; neither file nor token nor password is."""
    for label, field_name in FORMS[name].items():
        assert page.texts[label].replace("\r\n", "\n") == f"{field_name} {HOSTILE}\n二行目", label
    assert "<script>alert" not in page.html
    assert "<b>&amp;" not in page.html
    assert "never-kept" not in page.html
    assert "pw-kept" not in page.html
    assert 'value="tok"' not in page.html
    assert (CHOSEN_AGAIN in page.html) == (name in WITH_A_FILE)


def test_whoever_was_signed_out_meanwhile_gets_back_what_they_typed(addresses: dict[str, str]) -> None:
    for name, address in addresses.items():
        answer = Client().post(address, filled(name))
        assert answer.status_code == 403, name
        assert "no-store" in answer["Cache-Control"]
        page = Page(answer)
        shown_for(name, page)
        assert page.hidden == []
        assert f'href="{reverse("account_login")}?next={quote(address, safe="")}"' in page.html


def test_what_comes_back_to_the_signed_out_does_not_depend_on_what_there_is(addresses: dict[str, str]) -> None:
    for name, address in addresses.items():
        keys = resolve(address.partition("?")[0]).kwargs
        others = {key: uuid4() for key in keys}
        there, missing = (Client().post(one, filled(name)) for one in (address, _moved(address, keys, others)))
        assert there.status_code == missing.status_code == 403
        assert _named(there, keys) == _named(missing, others), name


def test_whoever_must_prove_more_gets_it_back_to_read_and_to_send_again(
    world: World, client_for: Any, addresses: dict[str, str]
) -> None:
    official, officer = client_for(world.official, level=1), client_for(world.clearance_officer, level=1)
    for name, address in addresses.items():
        if name in OPEN_ON_A_PASSWORD:
            continue
        client, status = (officer, 403) if name.startswith("clearance:") else (official, 404)
        answer = client.post(address, filled(name))
        assert answer.status_code == status, name
        assert "no-store" in answer["Cache-Control"]
        page = Page(answer)
        shown_for(name, page)
        again = {key: value.replace("\r\n", "\n") for key, value in page.hidden if key != "csrfmiddlewaretoken"}
        kept = {key: value for key, value in filled(name).items() if key not in NEVER_KEPT}
        assert again == kept, name
        assert f'action="{address}"' in page.html
        assert "/account/step-up/?level=2" in page.html
        keys = resolve(address).kwargs
        others = {key: uuid4() for key in keys}
        missing = client.post(_moved(address, keys, others), filled(name))
        assert _named(answer, keys) == _named(missing, others), name


def test_a_form_that_a_password_is_enough_for_keeps_what_was_typed_itself(
    world: World, client_for: Any, addresses: dict[str, str]
) -> None:
    client = client_for(world.official, level=1)
    for name in OPEN_ON_A_PASSWORD:
        answer = client.post(addresses[name], filled(name))
        assert answer.status_code == 200
        for field_name in FORMS[name].values():
            assert f"{field_name} &lt;/textarea&gt;&lt;script&gt;" in answer.content.decode(), field_name


@pytest.mark.usefixtures("contexts")
def test_after_stepping_up_in_another_window_it_is_sent_again_and_taken(
    world: World, addresses: dict[str, str]
) -> None:
    client = build.sign_in(world.official, level=1)
    client.handler.enforce_csrf_checks = True
    token = client.get(reverse("dialogues:open")).context["csrf_token"]
    text = {"body": "一行目\r\n二行目", "marking": str(world.hi_semicon.pk), "post": "1", "csrfmiddlewaretoken": token}
    page = Page(client.post(addresses["dialogues:thread"], text))
    session = client.session
    session["account_authentication_methods"] = build.records(2)
    session.save()
    assert client.post(addresses["dialogues:thread"], dict(page.hidden)).status_code == 302
    with build.as_owner():
        assert Message.objects.latest("created").body.splitlines() == ["一行目", "二行目"]


def test_whoever_could_not_do_it_anyway_meets_the_page_that_is_not_there(
    world: World, client_for: Any, addresses: dict[str, str]
) -> None:
    client = client_for(world.auditor, level=1)
    missing = client.get("/documents/none-such/")
    for name, address in addresses.items():
        if name not in OPEN_ON_A_PASSWORD and not name.startswith("clearance:"):
            assert client.post(address, filled(name)).content == missing.content, name


def test_where_nothing_was_typed_one_is_sent_to_sign_in(addresses: dict[str, str]) -> None:
    for data in ({"post": "1"}, {"body": "  "}, {}):
        answer = Client().post(addresses["dialogues:thread"], data)
        assert (answer.status_code, answer["Location"][:15]) == (302, "/account/login/")


def test_each_view_of_the_three_apps_names_the_forms_it_takes() -> None:
    """Or what was typed into them would come back without being shown."""
    checked = 0
    for route in routes():
        if route.name.partition(":")[0] not in {"documents", "dialogues", "clearance"}:
            continue
        kinds = {name: 1 if name in {"number", "page_number"} else uuid4() for name in route.parameters}
        view = resolve(route.url(kinds)).func
        source = ast.parse(inspect.getsource(inspect.unwrap(view)))
        bound = {call.func.id: call for call in ast.walk(source) if isinstance(call, ast.Call)
                 and isinstance(call.func, ast.Name) and call.func.id.endswith("Form")}  # fmt: skip
        asked = {name for name, call in bound.items() if call.args and "request.GET" in ast.unparse(call.args[0])}
        named = {form.__name__ for form in getattr(view, "takes", ())}
        assert set(bound) - asked <= named, route.name
        checked += len(named)
    assert checked >= 27


def test_labels_are_in_the_readers_language_and_no_password_counts_as_typed() -> None:
    request = RequestFactory().post("/rooms/open/", {"name": "在庫", "old_password": "x"})
    request.resolver_match = resolve("/rooms/open/")
    with translation.override("en"):
        found = sent.sent(request)
    assert found == sent.Sent((sent.Text("Name", "在庫", False),), (("name", "在庫"),), False)
    assert not sent.is_typed(Room._meta.get_field("purpose").formfield(widget=PasswordInput))


def _moved(address: str, keys: dict[str, Any], others: dict[str, Any]) -> str:
    for key, value in keys.items():
        address = address.replace(str(value), str(others[key]))
    return address


def _named(answer: Any, keys: dict[str, Any]) -> str:
    """The page, with the ids that were asked for by their names and without its form's token."""
    html = answer.content.decode()
    for key, value in keys.items():
        html = html.replace(str(value), key)
    for part in html.split('name="csrfmiddlewaretoken" value="')[1:]:
        html = html.replace(part.partition('"')[0], "")
    return html
