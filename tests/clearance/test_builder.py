"""The marking builder: what it writes, counts and refuses."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from clearance.forms.markings import bracketed
from clearance.markings import marking
from clearance.models import Marking
from tests import world as build
from tests.world import World

pytestmark = pytest.mark.django_db


def built(client: Client, **query: Any) -> str:
    answer = client.get(reverse("clearance:builder"), query)
    assert answer.status_code == 200
    html: str = answer.content.decode()
    return html


def test_it_writes_the_canonical_text_shows_the_banner_and_counts_readers(world: World, client_for: Any) -> None:
    html = built(
        client_for(world.official), circle=world.circle.pk, level=2, compartments=["SEMICON"], tlp="AMBER",
        next="/documents/new/?circle=7",
    )  # fmt: skip
    assert "<code>HI//SEMICON//TLP:AMBER</code>" in html
    assert "秘文書" in html
    assert "3組織の4名" in html  # two officials, the secretary and the engineer; not her colleague nor the expired
    assert 'href="/documents/new/?circle=7&amp;marking=HI%2F%2FSEMICON%2F%2FTLP%3AAMBER"' in html


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"level": 0}, "4組織の7名"),
        ({"level": 1}, "4組織の5名"),
        ({"level": 1, "releasability": ["LIKEMINDED"]}, "4組織の5名"),
        ({"level": 2}, "3組織の4名"),
        ({"level": 1, "compartments": ["SEMICON"]}, "3組織の4名"),
    ],
)
def test_the_count_follows_the_rule(world: World, client_for: Any, query: dict[str, Any], count: str) -> None:
    assert count in built(client_for(world.official), circle=world.circle.pk, **query)


def test_a_count_of_what_no_country_of_a_member_may_have_leaves_it_out(world: World, client_for: Any) -> None:
    with build.as_owner():
        build.release_group("JP-ONLY", "JP")
    html = built(client_for(world.official), circle=world.circle.pk, level=1, releasability=["JP-ONLY"])
    assert "3組織の4名" in html


REFUSED = [
    ("official", {"level": 3}, "重要経済安保情報と特定秘密は、このシステムに入れられません"),
    (
        "official",
        {"level": 4, "compartments": ["SEMICON"]},
        "重要経済安保情報と特定秘密は、このシステムに入れられません",
    ),
    ("official", {"level": 1, "compartments": ["BATTERY"]}, "この対話の場では扱えない取扱分野が含まれています"),
    ("secretary", {"level": 2, "compartments": ["BATTERY"]}, "ご自身が資格を持たない取扱分野が含まれています"),
    ("foreign", {"level": 2}, "ご自身の取扱資格がこの格付に及んでいません"),
    ("colleague", {"level": 1}, "ご自身の取扱資格がこの格付に及んでいません"),
    ("expired", {"level": 2}, "ご自身の取扱資格がこの格付に及んでいません"),
    ("foreign", {"level": 1, "releasability": ["JP-ONLY"]}, "提供可能な範囲に含まれていません"),
    (
        "official",
        {"level": 0, "compartments": ["SEMICON"]},
        "公開の情報には取扱分野や提供可能な国・地域を付けられません",
    ),
]


@pytest.mark.parametrize(("who", "query", "sentence"), REFUSED)
def test_what_exceeds_a_bound_is_refused_in_words(
    world: World, client_for: Any, who: str, query: dict[str, Any], sentence: str
) -> None:
    with build.as_owner():
        build.release_group("JP-ONLY", "JP")
    html = built(client_for(getattr(world, who)), circle=world.circle.pk, next="/rooms/", **query)
    assert "この格付・取扱制限は使えません" in html
    assert sentence in html
    assert "いま読める方" not in html
    assert "marking=" not in html


def test_a_level_above_the_room_is_refused(world: World, client_for: Any) -> None:
    with build.as_owner():
        low = build.circle(marking(1), steward=world.official)
    assert "この対話の場で取り扱える格付の上限を超えています" in built(
        client_for(world.official), circle=low.pk, level=2
    )


def test_release_wider_than_the_rooms_is_refused(world: World, client_for: Any) -> None:
    with build.as_owner():
        narrow = build.circle(marking(2, [], ["LIKEMINDED"]), steward=world.official)
    client = client_for(world.official)
    assert "場の範囲より広げられません" in built(client, circle=narrow.pk, level=1)
    assert "<code>SENSITIVE//REL:LIKEMINDED</code>" in built(
        client, circle=narrow.pk, level=1, releasability=["LIKEMINDED"]
    )


def test_what_only_a_fresh_proof_is_missing_for_asks_to_step_up(world: World, client_for: Any) -> None:
    html = built(client_for(world.official, level=1), circle=world.circle.pk, level=2, compartments=["SEMICON"])
    assert "追加の本人確認が必要です" in html
    assert "/account/step-up/?level=2" in html


@pytest.mark.parametrize("circle", ["other", "99999999999999999999", "-1", "x", "1"])
def test_a_circle_one_is_not_in_does_not_exist(world: World, client_for: Any, circle: str) -> None:
    asked = str(world.other_circle.pk) if circle == "other" else circle
    answer = client_for(world.engineer).get(reverse("clearance:builder"), {"circle": asked, "level": 1})
    assert answer.status_code == 404


def test_a_reader_who_writes_nothing_there_gets_no_count(world: World, client_for: Any) -> None:
    html = built(client_for(world.colleague), circle=world.circle.pk, level=0)
    assert "<code>PUBLIC</code>" in html
    assert "組織の7名" in html  # a named handler writes
    with build.as_owner():
        build.join(world.circle, world.outsider, "OBSERVER")
    html = built(client_for(world.outsider), circle=world.circle.pk, level=0)
    assert "<code>PUBLIC</code>" in html
    assert "組織の8名" not in html


def test_without_a_circle_it_still_checks_the_writer(world: World, client_for: Any) -> None:
    assert "<code>HI//BATTERY</code>" in built(client_for(world.official), level=2, compartments=["BATTERY"])
    assert "資格を持たない取扱分野" in built(client_for(world.secretary), level=2, compartments=["BATTERY"])


def test_a_statutory_level_is_read_by_its_register(world: World, client_for: Any, settings: Any) -> None:
    settings.CEILING = 3
    with build.as_owner():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clearance_deployment SET ceiling = 3")
        build.authorise(world.official, 3, "SEMICON", basis="CESI", ministry=world.ministry)
        room = build.circle(marking(3, ["SEMICON"]), steward=world.official)
    html = built(client_for(world.official, level=3), circle=room.pk, level=3, compartments=["SEMICON"])
    assert "情報ごとの取扱者名簿に記載された方だけが読めます" in html
    assert html.count("いま読める方") == 1


@pytest.mark.parametrize("where", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "x"])
def test_it_leads_back_into_the_portal_only(world: World, client_for: Any, where: str) -> None:
    assert "この格付・取扱制限を使う" not in built(client_for(world.official), level=0, next=where)


def test_looking_makes_no_row(world: World, client_for: Any) -> None:
    before = Marking.objects.count()
    built(client_for(world.official), level=2, compartments=["SEMICON", "BATTERY"], tlp="RED")
    assert Marking.objects.count() == before


@pytest.mark.parametrize(
    "query", [{"level": "9"}, {"level": "x"}, {"level": "2", "compartments": "NONE"}, {"level": ""}]
)
def test_what_is_no_choice_is_said_beside_its_field(world: World, client_for: Any, query: dict[str, str]) -> None:
    html = built(client_for(world.official), **query)
    assert "_error" in html
    assert "<code>" not in html


def test_a_level_this_deployment_may_not_hold_says_so_before_it_is_chosen(world: World, client_for: Any) -> None:
    html = client_for(world.official).get(reverse("clearance:builder")).content.decode()
    assert html.count("（このシステムでは扱えません）") == 2
    assert "「文書を提供する」から開いたときに表示されます" in html
    with override("en"):
        assert bracketed("Public", "PUBLIC") == "Public (PUBLIC)"
