"""What is chosen when a draft is begun, addressed, put forward and answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from clearance.access import Actor
from clearance.choosing import Choice
from clearance.forms.markings import MarkingChoiceForm, bracketed
from clearance.markings import from_text
from clearance.models import Circle

from ..kinds import Kind
from .offering import offered

Choices = list[tuple[Any, Any]]


def offer(form: forms.Form, name: str, choices: Choices) -> None:
    """Give a choice what may be chosen."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class StartForm(MarkingChoiceForm):
    """A new draft: its kind, and the marking that all of it bears to begin with."""

    kind = forms.ChoiceField(
        label=_("リスクの種類"), choices=Kind.choices, widget=forms.RadioSelect,
        help_text=_("種類ごとに、見出しと書くことの手引きが入った下書きを用意します。"),
    )  # fmt: skip
    field_order = ["kind", "marking_choice", "marking_text"]

    def choices_in(self, actor: Actor, circle: Circle) -> list[Choice]:
        return offered(actor, circle, None, compartments=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "marking" in cleaned:
            cleaned["marking"] = from_text(cleaned["marking"].text)  # one that is offered need not have a row yet
        return cleaned


class BureauPick(forms.Form):
    """In which bureau a correction is written."""

    bureau = forms.TypedChoiceField(label=_("起案の班"), coerce=UUID, widget=forms.RadioSelect)

    def __init__(self, *args: Any, bureaus: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "bureau", bureaus)


class AudiencePick(forms.Form):
    """To whom it goes."""

    audience = forms.ChoiceField(
        label=_("宛先"), widget=forms.RadioSelect,
        help_text=_("同じ宛先でも、節ごとの格付の取扱資格を持つ方だけが、その節を読めます。"),
    )  # fmt: skip

    def __init__(self, *args: Any, audiences: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "audience", audiences)


class SubmitForm(forms.Form):
    """Who looks at it, and when it is to come out."""

    reviewer = forms.TypedChoiceField(
        label=_("確認する方"), coerce=UUID, widget=forms.RadioSelect,
        help_text=_("同じ班の、ほかの行政官から選びます。ご自身では承認できません。"),
    )  # fmt: skip
    release_at = forms.DateTimeField(
        label=_("公表日時"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("空欄にすると、承認と同時に公表します。日本時間で入力してください。"),
    )  # fmt: skip

    def __init__(self, *args: Any, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {person.pk: person for person in people}
        offer(self, "reviewer", [(person.pk, bracketed(person.name, person.organisation)) for person in people])

    def clean_release_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["release_at"]
        if at is not None and at <= timezone.now():
            raise ValidationError(_("これから先の日時を入力してください。"))
        return at


class ApproveForm(forms.Form):
    """That the whole was looked at."""

    confirmed = forms.BooleanField(label=_("それぞれの読み手に見える内容と、届く範囲を確かめました。"))


class ReturnForm(forms.Form):
    """Why it goes back."""

    note = forms.CharField(
        label=_("差戻しの理由"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("どこを、どう直せばよいかを書いてください。起案の班の方だけが読みます。"),
    )  # fmt: skip
