"""The officer's pages of organisations, their agreements, and the codes of markings."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from clearance.models import Compartment, ReleaseGroup
from tests import world as build
from tests.clearance.acts import recorded
from tests.clearance.test_services_authorisations import levels
from tests.clearance.test_services_certifications import agreement_of
from tests.world import World

pytestmark = pytest.mark.django_db


def page(client: Client, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(f"clearance:{name}", args=args), query)
    assert answer.status_code == 200
    html: str = answer.content.decode()
    return html


def send(client: Client, view: str, *args: Any, **sent: Any) -> Any:
    return client.post(reverse(f"clearance:{view}", args=args), sent)


def names_in(html: str) -> set[str]:
    return set(re.findall(r'<th scope="row"><a href="/clearance/organisations/[^"]+">([^<]+)</a>', html))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "朝霧"}, {"maker"}),
        ({"q": "delta"}, {"partner"}),
        ({"kind": "MINISTRY"}, {"ministry"}),
        ({"kind": "ASSOCIATION"}, {"association"}),
        ({"state": "suspended"}, {"maker"}),
        ({"state": "none", "kind": "MINISTRY"}, {"ministry"}),
        ({"q": "どこにもない"}, set()),
        ({"kind": "ALIEN", "q": "朝霧"}, {"maker"}),
    ],
)
def test_organisations_are_found(world: World, officer: Client, query: dict[str, str], found: set[str]) -> None:
    send(officer, "certification_suspend", agreement_of(world.maker).pk, reason="契約の見直し", confirmed="on")
    assert names_in(page(officer, "organisations", **query)) == {getattr(world, each).name for each in found}


def test_an_organisation_is_registered_and_changed(world: World, officer: Client) -> None:
    fields = {"kind": "COMPANY", "name": "新組織（架空）", "country": "JP", "step": "", "region": "", "size": ""}
    wrong = send(officer, "organisation_add", **fields, corporate_number="1234567890123")
    assert 'id="id_corporate_number_error"' in wrong.content.decode()
    assert "新組織（架空）" in wrong.content.decode()
    answer = send(officer, "organisation_add", **fields)
    made = Organisation.objects.get(name="新組織（架空）")
    assert answer["Location"] == reverse("clearance:organisation", args=[made.pk])
    assert "契約・認定は登録されていません" in page(officer, "organisation", made.pk)
    send(officer, "organisation_change", made.pk, **{**fields, "name": "改組織（架空）"})
    made.refresh_from_db()
    assert made.name == "改組織（架空）"


def test_an_agreement_is_recorded_suspended_resumed_and_revoked(world: World, officer: Client) -> None:
    with build.as_owner():
        who = build.person(build.organisation("新規参入（架空）"))
        build.authorise(who, 2)
    today = timezone.localdate()
    terms = {"kind": "AGREEMENT", "highest": "2", "since": today.isoformat(), "reference": "契約第7号"}
    wrong = send(officer, "certification_add", who.organisation_id, **terms | {"highest": "3"})
    assert 'id="id_highest_error"' in wrong.content.decode()
    assert "契約第7号" in wrong.content.decode()
    send(officer, "certification_add", who.organisation_id, **terms, until=(today + timedelta(days=9)).isoformat())
    assert levels(who) == [0, 1, 2]
    held = agreement_of(who.organisation)
    assert "この組織で取扱資格が有効な方：1名" in page(officer, "certification_suspend", held.pk)
    for act, after in (("suspend", [0]), ("resume", [0, 1, 2]), ("revoke", [0])):
        answer = send(officer, f"certification_{act}", held.pk, reason="見直し", confirmed="on")
        assert answer["Location"] == reverse("clearance:organisation", args=[who.organisation_id])
        assert levels(who) == after
    html = page(officer, "organisation", who.organisation_id)
    assert re.findall(r'event-title">([^<]+)：', html) == ["取消し", "効力の再開", "効力の停止", "登録"]


def test_facts_of_foreign_control_are_added_never_changed(world: World, officer: Client) -> None:
    today = timezone.localdate().isoformat()
    empty = send(officer, "foreign_control", world.maker.pk, as_of=today, source="申告")
    assert "議決権、役員、出向者のいずれか" in empty.content.decode()
    for share in ("4.5", "6.25"):
        send(officer, "foreign_control", world.maker.pk, as_of=today, voting_share=share, source="申告")
    html = page(officer, "organisation", world.maker.pk)
    assert "4.50%" in html
    assert "6.25%" in html


def test_what_ends_within_60_days_is_on_one_page(world: World, officer: Client) -> None:
    with build.as_owner():
        world.maker.certifications.update(until=timezone.now() + timedelta(days=30))
        world.partner.certifications.update(until=timezone.now() + timedelta(days=90))
        world.engineer.authorisations.update(until=timezone.now() + timedelta(days=20))
    html = page(officer, "ending")
    assert world.maker.name in names_in(html)
    assert world.partner.name not in names_in(html)
    assert world.engineer.name in html
    assert world.outsider.name not in html


def test_codes_are_entered_on_their_pages(world: World, officer: Client) -> None:
    assert "SEMICON" in page(officer, "codes")
    wrong = send(officer, "compartment_add", code="semi con", name="半導体")
    assert 'id="id_code_error"' in wrong.content.decode()
    taken = send(officer, "compartment_add", code="SEMICON", name="半導体")
    assert 'id="id_code_error"' in taken.content.decode()
    send(officer, "compartment_add", code="MINERALS", name="重要鉱物", name_en="Critical minerals")
    assert Compartment.objects.get(code="MINERALS").name_en == "Critical minerals"
    none = send(officer, "release_group_add", code="QUAD", name="日米豪印")
    assert 'id="id_countries_error"' in none.content.decode()
    send(officer, "release_group_add", code="QUAD", name="日米豪印", countries=["JP", "US", "AU", "IN"])
    assert ReleaseGroup.objects.get(code="QUAD").countries == ["AU", "IN", "JP", "US"]
    html = page(officer, "codes")
    assert "オーストラリア、インド、日本、米国" in html
    assert "あと59件登録できます" in html
    assert len(recorded("code.release_group")) == 1
