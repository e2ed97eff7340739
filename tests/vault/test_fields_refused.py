"""What is refused of sealed fields: questions to the database, and values that do not fit; and what forms say of it."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Count, F, Max, Q, Value
from django.db.models.functions import Concat, Length, Lower

from tests.vault.letters.models import Enclosure, Letter, Page
from vault import Unreadable
from vault.cells import Sealed
from vault.fields import SealedJSONField, SealedTextField
from vault.models import SealedModel

pytestmark = pytest.mark.django_db


def letter(**fields: Any) -> Letter:
    return Letter.objects.create(**{"title": "調達計画", "body": "本文", "early": "先", **fields})


# --- refused --------------------------------------------------------------------------------------------------

REFUSED = {
    "filter": lambda rows: rows.filter(title="調達計画"),
    "filter by part": lambda rows: rows.filter(title__contains="調達"),
    "filter by none": lambda rows: rows.filter(facts=None),
    "Q": lambda rows: rows.exclude(Q(note="") | Q(body="")),
    "get": lambda rows: rows.get(title="調達計画"),
    "get_or_create": lambda rows: rows.get_or_create(title="調達計画"),
    "across a relation": lambda _: Enclosure.objects.filter(letter__title="調達計画"),
    "JSON key": lambda rows: rows.filter(facts__国="JP"),
    "order_by": lambda rows: list(rows.order_by("title")),
    "order_by descending": lambda rows: list(rows.order_by("-title")),
    "order_by expression": lambda rows: list(rows.order_by(F("title").asc(nulls_last=True))),
    "order_by across a relation": lambda _: list(Enclosure.objects.order_by("letter__title")),
    "distinct on": lambda rows: list(rows.distinct("title")),
    "F in a filter": lambda rows: list(rows.filter(note=F("title"))),
    "function": lambda rows: list(rows.annotate(x=Lower("title"))),
    "length": lambda rows: list(rows.annotate(x=Length("title"))),
    "concatenation": lambda rows: list(rows.annotate(x=Concat("note", "title"))),
    "aggregate": lambda rows: rows.aggregate(Max("title")),
    "count": lambda rows: rows.aggregate(Count("title")),
    "update": lambda rows: rows.update(title="改訂"),
    "update with bytes": lambda rows: rows.update(title=b"\x01"),
    "update with another row's": lambda rows: rows.update(title=rows.values_list("title", flat=True)[0]),
    "update from a column": lambda rows: rows.update(title=F("note")),
    "update from itself": lambda rows: rows.update(note=F("title")),
    "update from a value": lambda rows: rows.update(title=Value("改訂")),
    "bulk_update": lambda rows: rows.bulk_update(list(rows), ["title"]),
    "values shown": lambda rows: str(rows.values("title")[0]["title"]),
    "values formatted": lambda rows: f"{rows.values_list('title', flat=True)[0]}",
    "values compared": lambda rows: rows.values("title")[0]["title"] == "調達計画",
    "values tested": lambda rows: bool(rows.values("title")[0]["title"]),
    "annotation shown": lambda rows: str(rows.annotate(x=F("title"))[0].x),
}


@pytest.mark.parametrize("attempt", REFUSED.values(), ids=REFUSED)
def test_the_database_is_never_asked_about_sealed_values(attempt: Any) -> None:
    letter(facts={"国": "JP"})
    with pytest.raises(FieldError, match="sealed"), transaction.atomic():
        attempt(Letter.objects.all())
    assert Letter.objects.get().title == "調達計画"


def test_whether_a_value_is_missing_may_be_asked() -> None:
    letter(), letter(facts={})
    assert Letter.objects.filter(facts__isnull=True).count() == 1
    assert Letter.objects.exclude(facts__isnull=True).count() == 1


def test_ordinary_queries_are_untouched() -> None:
    first, second = letter(note="a"), letter(note="b")
    Enclosure.objects.create(letter=first, name="別紙")
    rows = Letter.objects.annotate(n=Count("enclosures")).order_by("-note")
    assert [(row.note, row.n, row.title) for row in rows] == [("b", 0, "調達計画"), ("a", 1, "調達計画")]
    assert Letter.objects.filter(enclosures__in=Enclosure.objects.all()).distinct().count() == 1
    assert [row.pk for row in Letter.objects.filter(note="a").union(Letter.objects.filter(note="b"))]
    assert Letter.objects.filter(pk=first.pk).update(note="c", facts=None) == 1
    assert Letter.objects.in_bulk([second.pk])[second.pk].title == "調達計画"


def test_serialising_is_refused() -> None:
    from django.core import serializers

    with pytest.raises(FieldError, match="sealed"):
        serializers.serialize("json", [letter()])


def test_a_sealed_cell_from_elsewhere_cannot_be_saved_into_a_row() -> None:
    row = letter()
    cell: Any = Letter.objects.filter(pk=row.pk).values_list("title", flat=True)[0]
    assert isinstance(cell, Sealed)
    with pytest.raises(Unreadable):
        letter(title=cell)


# --- forms and validation -------------------------------------------------------------------------------------


class LetterForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Letter
        fields = ["title", "body", "facts"]


def test_a_model_form_shows_and_saves_sealed_fields() -> None:
    form = LetterForm(instance=letter(facts={"国": "JP"}))
    assert isinstance(form.fields["title"], forms.CharField)
    assert isinstance(form.fields["title"].widget, forms.TextInput)
    assert isinstance(form.fields["body"].widget, forms.Textarea)
    assert 'value="調達計画"' in str(form["title"])
    assert 'maxlength="20"' in str(form["title"])
    assert "file_key" not in form.fields
    form = LetterForm({"title": "改訂", "body": "", "facts": "[1]"}, instance=form.instance)
    assert form.is_valid(), form.errors
    again = Letter.objects.get(pk=form.save().pk)
    assert (again.title, again.body, again.facts) == ("改訂", "", [1])


def test_a_form_refuses_what_is_missing_or_too_long() -> None:
    form = LetterForm({"title": "", "body": "長" * 5001, "facts": ""})
    assert not form.is_valid()
    assert set(form.errors) == {"title", "body"}


def test_a_value_too_long_never_reaches_the_database() -> None:
    with pytest.raises(ValidationError) as on_clean:
        Letter(title="長" * 21).full_clean()
    assert on_clean.value.error_dict["title"][0].code == "max_length"
    with pytest.raises(ValidationError) as on_save, transaction.atomic():
        Letter.objects.create(title="長" * 21)
    assert "21" in str(on_save.value)
    with pytest.raises(ValidationError), transaction.atomic():
        letter(file_key=bytes(65))
    letter(title="長" * 20, file_key=bytes(64))


def test_a_value_of_the_wrong_type_is_refused() -> None:
    for wrong in ({"title": 5}, {"title": b"bytes"}, {"facts": object()}, {"file_key": "text"}, {"title": F("note")}):
        with pytest.raises((TypeError, AttributeError)), transaction.atomic():
            letter(**wrong)
    with pytest.raises(IntegrityError, match="not-null"), transaction.atomic():
        Letter(title=None).save()  # type: ignore[misc]


def test_declarations_are_checked() -> None:
    class Orphan(models.Model):  # noqa: DJ008 -- never shown
        title = SealedTextField()
        lost = SealedTextField(via="nowhere")
        facts = SealedJSONField(unique=True)

        class Meta:
            app_label = "vault_tests_declarations"

    class Unlabelled(SealedModel):
        class Meta:
            app_label = "vault_tests_declarations"

    assert [error.id for error in Orphan.check(databases=[])] == [
        "vault.E001",
        "vault.E001",
        "vault.E001",
        "vault.E002",
    ]
    assert [error.id for error in Unlabelled.check(databases=[])] == ["vault.E003"]
    assert not [error for model in (Letter, Enclosure, Page) for error in model.check(databases=[])]


def test_migrations_carry_the_declaration() -> None:
    field = Letter._meta.get_field("title")
    _name, path, args, kwargs = field.deconstruct()
    assert (path, kwargs) == ("vault.fields.SealedTextField", {"max_plain_length": 20})
    assert Page._meta.get_field("text").deconstruct()[3] == {"via": "enclosure.letter"}
    assert field.clone().deconstruct() == (None, path, args, kwargs)
    assert Letter._meta.get_field("file_key").clone().editable is False
