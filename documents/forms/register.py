"""Letting one more person know of a document, by name."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.dates import DayField
from clearance.clock import end_of


class GrantForm(forms.Form):
    """Whom, until when, why."""

    email = forms.EmailField(
        label=_("メールアドレス"),
        max_length=254,
        help_text=_("この方が登録に使っているメールアドレス。"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    until = DayField(
        label=_("最終日"),
        required=False,
        help_text=_("この日の終わりまで。空欄なら期限はありません。"),
    )
    reason = forms.CharField(label=_("理由"), max_length=200, required=False)

    @property
    def until_moment(self) -> datetime | None:
        day = self.cleaned_data.get("until")
        return end_of(day) if day else None
