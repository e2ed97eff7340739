"""Machine accounts: whose machine it is and what for; a token's life and what it is for; what is revoked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation

from ..kinds import Kind
from ..models import ServiceToken
from .passing import BureauPick


class AccountForm(forms.Form):
    organisation = forms.ModelChoiceField(
        label=_("組織"), queryset=Organisation.objects.none(), help_text=_("この機械を使う組織です。")
    )
    name = forms.CharField(
        label=_("名称"), max_length=100, help_text=_("例：朝霧精密工業 監視システム。人の名前は使わないでください。")
    )
    purpose = forms.CharField(label=_("用途"), max_length=200, help_text=_("何のために、どこで使うかを書きます。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["organisation"]
        chosen.queryset = Organisation.objects.filter(active=True).order_by("name")


class TakeForm(BureauPick):
    """In which bureau a submission becomes a draft, and as what."""

    kind = forms.ChoiceField(
        label=_("リスクの種類"), choices=Kind.choices, initial=Kind.CYBER, widget=forms.RadioSelect
    )


class TokenForm(forms.Form):
    days = forms.IntegerField(
        label=_("有効な日数"), min_value=1, max_value=365, initial=90, help_text=_("1日から365日までです。")
    )
    scopes = forms.MultipleChoiceField(
        label=_("できること"),
        choices=ServiceToken.Scope.choices,
        initial=[ServiceToken.Scope.READ],
        widget=forms.CheckboxSelectMultiple,
    )
