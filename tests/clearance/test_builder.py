"""The marking builder, and the forms that other apps ask for a marking with."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from clearance.context import acting
from clearance.forms import MarkingChoiceForm, MarkingField, marking_choices
from clearance.markings import marking
from clearance.models import Marking
from clearance.services import presets
from clearance.services.presets import Named
from tests import world as build
from tests.world import World

pytestmark = pytest.mark.django_db


def built(client: Client, **query: Any) -> str:
    answer = client.get(reverse("clearance:builder"), query)
    assert answer.status_code == 200
    html: str = answer.content.decode()
    return html


def by(person: Any, level: int = 2) -> Any:
    return acting(person=person.pk, assurance=build.proved(level))


# --- the page -----------------------------------------------------------------------------------------------


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
    ("official", {"level": 3}, "このシステムで取り扱える格付の上限を超えています"),
    ("official", {"level": 4, "compartments": ["SEMICON"]}, "このシステムで取り扱える格付の上限を超えています"),
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


def test_refusing_makes_no_row(world: World) -> None:
    form = form_of(world, "foreign", {"title": "x", "marking_choice": "other", "marking_text": "SENSITIVE//BATTERY"})
    assert form.errors
    assert not Marking.objects.filter(text="SENSITIVE//BATTERY").exists()


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


# --- forms for other apps -----------------------------------------------------------------------------------


class NoteForm(MarkingChoiceForm):
    """As an app of ours would write it."""

    title = forms.CharField()


def set_presets(world: World) -> None:
    with by(world.official) as actor:
        presets.set_presets(
            actor=actor,
            circle=world.circle,
            choices=[
                Named("この企業群限り", "This group of firms", marking(2, ["SEMICON"])),
                Named("会員企業限り", "Member firms", marking(1)),
                Named("公開", "Public", marking(0)),
            ],
        )


def form_of(world: World, who: str, data: dict[str, str] | None = None, *, level: int = 2, **more: Any) -> NoteForm:
    """The form, validated while the writer's context stands."""
    with by(getattr(world, who), level) as actor:
        made = NoteForm(data, actor=actor, circle=world.circle, **more)
        made.is_valid()
        return made


@pytest.mark.parametrize(
    ("who", "texts"),
    [
        ("official", ["HI//SEMICON", "SENSITIVE", "PUBLIC"]),
        ("engineer", ["HI//SEMICON", "SENSITIVE", "PUBLIC"]),
        ("foreign", ["SENSITIVE", "PUBLIC"]),
        ("colleague", ["PUBLIC"]),
    ],
)
def test_a_writer_chooses_among_what_they_may_use(world: World, who: str, texts: list[str]) -> None:
    set_presets(world)
    with by(getattr(world, who)) as actor:
        choices = marking_choices(actor, world.circle)
    assert [choice.text for choice in choices] == texts
    assert choices[-1].label == "公開"


def test_a_circle_without_presets_offers_the_usual_ones(world: World) -> None:
    with by(world.official) as actor:
        assert [choice.text for choice in marking_choices(actor, world.circle)] == [
            "HI//SEMICON", "SENSITIVE//SEMICON", "PUBLIC",
        ]  # fmt: skip


def test_a_preset_cleans_to_its_row(world: World) -> None:
    set_presets(world)
    form = form_of(world, "engineer", {"title": "x", "marking_choice": "SENSITIVE", "marking_text": "not looked at"})
    assert not form.errors
    assert form.cleaned_data["marking"].text == "SENSITIVE"


@pytest.mark.parametrize("typed", ["HI//SEMICON//TLP:RED", " hi//semicon//tlp:red "])
def test_another_marking_is_typed_as_text(world: World, typed: str) -> None:
    form = form_of(world, "engineer", {"title": "x", "marking_choice": "other", "marking_text": typed})
    assert form.cleaned_data["marking"].text == "HI//SEMICON//TLP:RED"


@pytest.mark.parametrize(
    ("who", "text", "code"),
    [
        ("engineer", "", None),
        ("engineer", "SECRET", "shape"),
        ("engineer", "HI//NONE-SUCH", "unknown_code"),
        ("engineer", "CESI", "above_ceiling"),
        ("engineer", "HI//BATTERY", "above_circle"),
        ("colleague", "HI//SEMICON", "not_authorised"),
        ("foreign", "SENSITIVE//SEMICON", "compartment"),
    ],
)
def test_text_is_refused_with_the_same_sentences(world: World, who: str, text: str, code: str | None) -> None:
    form = form_of(world, who, {"title": "x", "marking_choice": "other", "marking_text": text})
    assert code in {error.code for error in form.errors.as_data()["marking_text"]}
    assert "marking" not in form.cleaned_data


def test_a_choice_that_needs_a_fresh_proof_says_which_level(world: World) -> None:
    set_presets(world)
    form = form_of(world, "engineer", {"title": "x", "marking_choice": "HI//SEMICON"}, level=1)
    assert {error.code for error in form.errors.as_data()["marking_choice"]} == {"step_up"}
    assert form.needs_step_up == 2
    assert form_of(world, "engineer", {"title": "", "marking_choice": "SENSITIVE"}, level=1).needs_step_up == 0


@pytest.mark.parametrize(
    ("offered", "chosen", "text"),
    [("SENSITIVE", "SENSITIVE", ""), ("HI//SEMICON//TLP:RED", "other", "HI//SEMICON//TLP:RED")],
)
def test_what_the_builder_sends_back_is_filled_in(world: World, offered: str, chosen: str, text: str) -> None:
    set_presets(world)
    form = form_of(world, "engineer", offered=offered)
    assert (form["marking_choice"].initial, form["marking_text"].initial) == (chosen, text)
    assert form.builder_url("/rooms/x/?a=b") == (
        f"/clearance/marking/?circle={world.circle.pk}&next=%2Frooms%2Fx%2F%3Fa%3Db"
    )


def test_a_field_by_itself_checks_the_writer(world: World) -> None:
    class CeilingForm(forms.Form):
        def __init__(self, *args: Any, actor: Any) -> None:
            super().__init__(*args)
            self.fields["ceiling"] = MarkingField(actor=actor)

    with by(world.secretary) as actor:
        good, bad = (
            CeilingForm({"ceiling": "HI//SEMICON"}, actor=actor),
            CeilingForm({"ceiling": "HI//BATTERY"}, actor=actor),
        )
        assert good.is_valid()
        assert good.cleaned_data["ceiling"].text == "HI//SEMICON"
        assert not bad.is_valid()


def test_the_name_of_a_preset_follows_the_language(world: World, client_for: Any) -> None:
    set_presets(world)
    with by(world.engineer) as actor, translation.override("en"):
        assert marking_choices(actor, world.circle)[0].label == "This group of firms"
