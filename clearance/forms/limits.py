"""Asking to lift somebody's daily limit, and the second officer's answer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .entitlements import Confirmed, ReasonForm

APPROVE, REFUSE = "approve", "refuse"


class AskLiftForm(ReasonForm):
    """Why somebody has to open more today."""

    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        help_text=_("履歴に残ります。例：協議会の前に、過去の発言をまとめて確認するため"),
    )


class AnswerLiftForm(Confirmed):
    """Yes or no, having made sure."""

    answer = forms.ChoiceField(
        label=_("回答"),
        choices=[(APPROVE, _("承認する")), (REFUSE, _("差し戻す"))],
        widget=forms.RadioSelect,
    )
    field_order = ("answer", "confirmed")
