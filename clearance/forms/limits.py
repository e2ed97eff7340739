"""The second officer's answer to a request to lift somebody's daily limit."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .entitlements import Confirmed

APPROVE, REFUSE = "approve", "refuse"


class AnswerLiftForm(Confirmed):
    """Yes or no, having made sure."""

    answer = forms.ChoiceField(
        label=_("回答"),
        choices=[(APPROVE, _("承認する")), (REFUSE, _("差し戻す"))],
        widget=forms.RadioSelect,
    )
    field_order = ("answer", "confirmed")
