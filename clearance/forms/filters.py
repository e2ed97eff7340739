"""Narrowing the officer's lists, by GET. What an address holds that is no choice counts as none."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation

from ..queries.states import State


def any_of(choices: list[tuple[str, object]]) -> list[tuple[str, object]]:
    return [("", _("すべて")), *choices]


class Narrowing(forms.Form):
    """What a list is narrowed by. A condition that is none (a choice there is not, a NUL) narrows nothing."""

    def asked(self, name: str) -> str:
        """The condition as it was asked for, stripped; empty for none."""
        self.is_valid()
        return str(self.cleaned_data.get(name, "")).strip()


class PeopleFilterForm(Narrowing):
    q = forms.CharField(label=_("氏名・組織・メールアドレス"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("取扱資格の状態"), required=False, choices=any_of(list(State.choices)))


class OrganisationFilterForm(Narrowing):
    q = forms.CharField(label=_("名称・法人番号"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("種別"), required=False, choices=any_of(list(Organisation.Kind.choices)))
    state = forms.ChoiceField(label=_("契約の状態"), required=False, choices=any_of(list(State.choices)))


class RegisterFilterForm(forms.Form):
    item = forms.CharField(
        label=_("情報の番号"),
        required=False,
        max_length=36,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("文書のアドレス（URL）に含まれる番号です。例：019c2f6e-5b1a-7d3e-8f00-3a5c9d1e2b47"),
    )
