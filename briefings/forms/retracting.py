"""Why a published briefing is taken back."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from ..kinds import Retraction


class RetractForm(forms.Form):
    """The log keeps the reason; readers are told that it was retracted, and not why."""

    reason = forms.ChoiceField(label=_("取り消す理由"), choices=Retraction.choices, widget=forms.RadioSelect)
