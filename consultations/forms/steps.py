"""What an officer types and chooses about a case; what it leads to is the services' business."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from documents.forms import RecordForm
from intake.consents import Consent
from intake.models import Entry

from ..models.cases import AnswerTemplate, CaseFile, Classed, Outcome

LONGEST = 10_000  # characters of an answer or a note


class SayForm(forms.Form):
    """An answer or a question to the sender."""

    kind = forms.ChoiceField(
        label=_("種類"), widget=forms.RadioSelect, initial=Entry.Kind.ANSWER,
        choices=[
            (Entry.Kind.ANSWER.value, _("相談者に返事をする")),
            (Entry.Kind.QUESTION.value, _("相談者に質問する")),
        ],
    )  # fmt: skip
    text = forms.CharField(
        label=_("本文"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("相談者は匿名です。名前や会社名を尋ねず、相談者が書いた固有の名称をくり返さないでください。"),
    )  # fmt: skip

    def write_in(self, language: str) -> None:
        """Say it where the sender writes in another language than the office."""
        if language == "en":
            hint = f"{_('相談者は英語で書いています。英語で返事を書いてください。')} {self.fields['text'].help_text}"
            self.fields["text"].help_text = self["text"].help_text = hint


class NoteForm(forms.Form):
    """A note of the office's own; beside the other form, so its fields have ids of their own."""

    kind = forms.CharField(widget=forms.HiddenInput, initial=Entry.Kind.NOTE.value)
    text = forms.CharField(
        label=_("内部メモ"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("相談者には見えません。この事案を読める担当者だけが読めます。"),
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="note_%s")


class Pace(models.TextChoices):
    """What was decided when somebody looked whether a case can wait."""

    NOW = "NOW", _("すぐに対応する")
    ORDINARY = "ORDINARY", _("通常の順で対応する")


class TriageForm(forms.Form):
    pace = forms.ChoiceField(label=_("どう対応しますか"), choices=Pace.choices, widget=forms.RadioSelect)
    mine = forms.BooleanField(label=_("自分が担当する"), required=False)


class TickForm(forms.Form):
    """That one has read what it leads to."""

    confirmed = forms.BooleanField(label=_("内容を確認しました"))


class ClassForm(forms.Form):
    classed = forms.ChoiceField(label=_("区分"), choices=Classed.choices, widget=forms.RadioSelect)


class ReaderForm(forms.Form):
    """One of the people who read the case."""

    to = forms.ChoiceField(label=_("担当者"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, readers: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.readers = {str(person.pk): person for person in readers}
        self.choose(list(self.readers.items()))

    def choose(self, people: list[tuple[str, Person]]) -> None:
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*self.besides(), *((key, f"{each.name} {each.organisation.name}") for key, each in people)]

    def besides(self) -> list[tuple[str, Any]]:
        return []

    @property
    def person(self) -> Person | None:
        return self.readers.get(self.cleaned_data["to"])


class AssignForm(ReaderForm):
    """Somebody, or nobody."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].required = False

    def besides(self) -> list[tuple[str, Any]]:
        return [("", _("担当者を決めない"))]


class HandOverForm(ReaderForm):
    text = forms.CharField(
        label=_("引継ぎの内容"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("内部メモとして、暗号化して保存します。相談者には見えません。"),
    )  # fmt: skip


class RecuseForm(ReaderForm):
    """Who is to read the case no more."""

    reason = forms.CharField(
        label=_("理由"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("内部メモとして、暗号化して保存します。"),
    )  # fmt: skip
    confirmed = forms.BooleanField(label=_("内容を確認しました"))


class ConsentForm(forms.Form):
    """How far the sender is asked to agree: further than now."""

    wanted = forms.ChoiceField(label=_("お願いする範囲"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("本文"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("何のために、どのように使うのかを書いてください。選んだ範囲の説明が、本文の後に自動で付きます。"),
    )  # fmt: skip

    def __init__(self, *args: Any, now: Consent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["wanted"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.value, each.label) for each in Consent if each > now]


class CaseForm(forms.Form):
    """Another case that the officer reads."""

    case = forms.TypedChoiceField(
        label=_("事案"), coerce=UUID, empty_value=None,
        help_text=_("あなたが読める、ほかの事案です。新しいものから200件までを表示しています。"),
        error_messages={"invalid_choice": _("この事案は見つかりません。一覧から選び直してください。")},
    )  # fmt: skip

    def __init__(self, *args: Any, cases: dict[CaseFile, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["case"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("選んでください")), *((file.pk, label) for file, label in cases.items())]
        self.by_id = {file.pk: file for file in cases}

    @property
    def found(self) -> CaseFile | None:
        return self.by_id.get(self.cleaned_data["case"])


class RepeatForm(CaseForm):
    """The same; left empty, the case is no repeat any more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["case"]
        assert isinstance(field, forms.TypedChoiceField)
        field.required = False
        _none, *others = field.choices  # type: ignore[misc]
        field.choices = [("", _("同じ件の事案はない")), *others]


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("結果の区分"), widget=forms.RadioSelect,
        choices=[choice for choice in Outcome.choices if choice[0] not in {"", Outcome.MERGED}],
    )  # fmt: skip
    text = forms.CharField(
        label=_("相談者への結果の連絡"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("対応の結果を、相談者に伝わる言葉で書いてください。相談者は、次に訪れたときに読みます。"),
    )  # fmt: skip


class TakeUpForm(RecordForm):
    """行政文書ファイル名・保存期間・満了時の措置."""


class RedactForm(forms.Form):
    text = forms.CharField(
        label=_("伏せ字にした本文"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("名前、社名、部品番号、日付、場所、人数など、相談者が分かってしまう部分を「●●」などに置き換えてください。"),
    )  # fmt: skip


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    """A desk's own wording."""

    class Meta:
        model = AnswerTemplate
        fields = ("desk", "title", "body_ja", "body_en")
        widgets = {
            "body_ja": forms.Textarea(attrs={"rows": 8}),
            "body_en": forms.Textarea(attrs={"rows": 8}),
        }

    def __init__(self, *args: Any, desks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["desk"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset, field.empty_label = desks, None


class DestructionConsentForm(forms.Form):
    """By which consent a case is destroyed, for the desks' manager."""

    case = forms.TypedChoiceField(label=_("事案"), coerce=UUID)
    reference = forms.CharField(
        label=_("廃棄の同意の文書番号"), max_length=100,
        help_text=_("公文書等の管理に関する法律 第8条第2項の、内閣総理大臣の同意を示す文書番号です。"),
    )  # fmt: skip

    def choose(self, cases: list[tuple[UUID, str]]) -> None:
        field = self.fields["case"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = cases
