"""Desks, the people there, and passphrases."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from accounts.password_words import PortalWordsValidator
from clearance.forms.entitlements import Confirmed
from intake.models import Desk

from ..queries import custody as queries

SHORTEST, WORDS, LETTERS, DIFFERENT = 16, 5, 10, 6


def acceptable(phrase: str, person: Person | None) -> None:
    """Sixteen characters, or five words of ten letters together; not the portal's own words alone.

    Raises ValidationError. Whoever has the database and the root key may try as many as they can pay for: it is the
    passphrase that protects the cases, so it is longer than a password.
    """
    plain = unicodedata.normalize("NFKC", phrase)
    words = plain.split()
    letters = sum(map(len, words))
    if len(plain.strip()) < SHORTEST and (len(words) < WORDS or letters < LETTERS):
        raise ValidationError(_("16文字以上か、空白で区切った5語以上にしてください。"), code="short")
    if len(set(plain)) < DIFFERENT:
        raise ValidationError(_("同じ文字の繰り返しは使えません。"), code="same")
    PortalWordsValidator().validate(phrase, person)


def phrase_field(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=False)
    return forms.CharField(label=label, help_text=help_text, strip=False, max_length=1000, widget=widget)


class UnlockForm(forms.Form):
    """The passphrase of one's key."""

    password = phrase_field(_("パスフレーズ（鍵を開ける言葉）"))


class NewPhraseForm(forms.Form):
    """A passphrase, twice."""

    password1 = phrase_field(
        _("新しいパスフレーズ"),
        _("16文字以上か、空白で区切った5語以上。ほかで使っていないものにしてください。パスワードとは別のものです。"),
    )
    password2 = phrase_field(_("新しいパスフレーズ（もう一度）"))

    def __init__(self, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password1(self) -> str:
        phrase: str = self.cleaned_data["password1"]
        acceptable(phrase, self.person)
        return phrase

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        first, second = given.get("password1"), given.get("password2")
        if first and second and first != second:
            self.add_error("password2", ValidationError(_("二つのパスフレーズが違います。"), code="differ"))
        return given


class ChangePhraseForm(NewPhraseForm):
    """And the present one."""

    password = phrase_field(_("今のパスフレーズ"))
    field_order = ("password", "password1", "password2")


class ReplaceForm(NewPhraseForm, Confirmed):
    """A new key, having understood what is lost."""

    field_order = ("password1", "password2", "confirmed")


class CodeForm(Confirmed):
    """The number that the asker reads out."""

    code = forms.CharField(
        label=_("確認の番号"),
        max_length=40,
        help_text=_("依頼した方に、電話か対面で12桁の番号を読み上げてもらい、入力してください。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    field_order = ("code", "confirmed")


if TYPE_CHECKING:
    _DeskModelForm = forms.ModelForm[Desk]
else:
    _DeskModelForm = forms.ModelForm


class DeskForm(_DeskModelForm):
    """How a desk is named and described, to whoever writes."""

    class Meta:
        model = Desk
        fields = ("name_ja", "name_en", "about_ja", "about_en", "place")
        help_texts = {
            "about_ja": _("相談する方が読みます。中学生にも分かる言葉で、どのような相談を受けるかを書いてください。"),
            "place": _("小さい数から順に並びます。"),
        }


class PersonForm(forms.Form):
    """Somebody to be chosen."""

    person = forms.ChoiceField(label=_("氏名"))

    def __init__(self, *args: Any, reading: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = queries.candidates(reading=reading)
        choices = [(str(one.pk), f"{one.name}（{one.organisation.name}）") for one in people]
        self.fields["person"].choices = [("", _("選んでください")), *choices]  # type: ignore[attr-defined]

    def chosen(self) -> Person:
        return Person.objects.select_related("organisation").get(pk=UUID(self.cleaned_data["person"]))
