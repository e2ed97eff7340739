"""The forms that other apps ask for a marking with."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
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


def by(person: Any, level: int = 2) -> Any:
    return acting(person=person.pk, assurance=build.proved(level))


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


def test_a_choice_that_needs_a_fresh_proof_says_so(world: World) -> None:
    set_presets(world)
    form = form_of(world, "engineer", {"title": "x", "marking_choice": "HI//SEMICON"}, level=1)
    assert {error.code for error in form.errors.as_data()["marking_choice"]} == {"step_up"}


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


def test_refusing_makes_no_row(world: World) -> None:
    form = form_of(world, "foreign", {"title": "x", "marking_choice": "other", "marking_text": "SENSITIVE//BATTERY"})
    assert form.errors
    assert not Marking.objects.filter(text="SENSITIVE//BATTERY").exists()
