"""Input that is well-formed HTTP and makes no sense: a clear answer, never a broken page, and nothing kept of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from clearance.models import Authorisation
from tests import world as build
from tests.documents.acting import hand_over
from tests.world import World

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
NO_END = "9999-12-31"
BEGINNING = "0001-01-01"
BOUNDS = "2000年1月1日から2999年12月31日まで"


@pytest.mark.parametrize("field", ["since", "until"])
@pytest.mark.parametrize("day", [NO_END, BEGINNING])
@pytest.mark.parametrize("name", ["grant", "assess", "certification_add"])
def test_an_entitlement_begins_and_ends_within_reason(
    world: World, client_for: SignIn, name: str, field: str, day: str
) -> None:
    client = client_for(world.clearance_officer)
    key = world.maker.pk if name == "certification_add" else world.outsider.pk
    days = {"since": "2026-01-01", "until": "2026-12-31", "notified_on": "2026-01-01", field: day}
    given = {"basis": "CESI" if name == "assess" else "NDA", "kind": "AGREEMENT", "highest": "1", "confirmed": "1"}
    answer = client.post(reverse(f"clearance:{name}", args=[key]), given | days)
    assert answer.status_code == 200
    assert BOUNDS in answer.content.decode()
    with build.as_owner():
        assert not Authorisation.objects.filter(person=world.outsider, recorded_by=world.clearance_officer).exists()


@pytest.mark.parametrize("day", [NO_END, BEGINNING])
def test_a_document_is_looked_for_granted_and_ended_within_reason(world: World, client_for: SignIn, day: str) -> None:
    document = hand_over(world, world.official, b"text", name="a.txt", title="題名")
    client = client_for(world.official)
    for field in ("since", "until"):
        assert client.get(reverse("documents:index"), {field: day}).status_code == 200
    register = reverse("documents:register", args=[document.pk])
    answer = client.post(register, {"email": world.outsider.email, "until": day, "reason": "調整のため"})
    assert BOUNDS in answer.content.decode()
    assert "調整のため" in answer.content.decode()
    receive = f"{reverse('documents:receive')}?circle={document.circle_id}"
    answer = client.post(receive, {"title": "残る題名", "expires_on": day})
    assert BOUNDS in answer.content.decode()
    assert "残る題名" in answer.content.decode()


@pytest.mark.parametrize("name", ["people", "organisations", "statutory"])
@pytest.mark.parametrize("text", ["\0", "a\0b", "x" * 5000, "％", "'"])
def test_whatever_is_looked_for_the_list_answers(world: World, client_for: SignIn, name: str, text: str) -> None:
    client = client_for(world.clearance_officer)
    assert client.get(reverse(f"clearance:{name}"), {"q": text, "state": text, "kind": text}).status_code == 200


@pytest.mark.parametrize("key", ["", "a\0b", "é" * 64, "0" * 64, "others "])
def test_a_session_that_is_none_ends_none(world: World, client_for: SignIn, key: str) -> None:
    answer = client_for(world.engineer).post(reverse("accounts:end_session"), {"session": key})
    assert answer["Location"] == reverse("accounts:security")


@pytest.mark.parametrize("level", ["²", "-1", "9" * 5000, "٣", "1e3", "\0"])
def test_a_level_that_is_none_asks_for_the_least(world: World, client_for: SignIn, level: str) -> None:
    answer = client_for(world.engineer, level=1).get(reverse("accounts:step_up"), {"level": level})
    assert answer.status_code == 200


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "shift_jis"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_a_form_in_another_character_set_is_refused(
    world: World, client_for: SignIn, signed_in: bool, charset: str
) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if signed_in:
        client.cookies = client_for(world.official).cookies
    client.get(reverse("account_reset_password"))  # for its token
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    answer = client.generic("POST", reverse("account_login"), b"login=x", content_type=kind)
    assert answer.status_code == 400
    assert "ご要望を受け取れませんでした" in answer.content.decode()
