"""Entering codes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.sectors import COUNTRIES

from ..models.markings import code_validator


class CompartmentForm(forms.Form):
    """A compartment. Its code stands in markings, so it is never changed afterwards."""

    code = forms.CharField(
        label=_("符号"),
        max_length=20,
        validators=[code_validator],
        help_text=_("英大文字で始まる2～20文字。格付・取扱制限の中に表示されます。登録した後は変更できません。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )
    name = forms.CharField(label=_("名称"), max_length=100)
    name_en = forms.CharField(label=_("英語名称"), max_length=100, required=False)


class ReleaseGroupForm(CompartmentForm):
    """A named group of countries."""

    countries = forms.MultipleChoiceField(
        label=_("国・地域"), choices=list(COUNTRIES.items()), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("例：LIKEMINDED。登録した後は、符号も国・地域も変更できません。")
