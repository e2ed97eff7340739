"""Changing a marking: one form for what is done at once and for what is asked for; and the refusal's reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clearance.forms import MarkingChoiceForm


class RelabelForm(MarkingChoiceForm):
    """The new marking; for one that lets more people in, the reason, and the originator's consent."""

    field_order = ("marking_choice", "marking_text", "alike", "reason", "consent")

    alike = forms.BooleanField(
        label=_("同じ共有範囲にある、同じ格付・取扱制限の文書もまとめて変更する"),
        required=False,
        help_text=_("あなたが変更できる文書だけが変わります。読める方が広がる変更は、文書ごとに申請してください。"),
    )

    reason = forms.CharField(
        label=_("変更の理由"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("読める方が広がる変更では必ず入力してください。承認する行政官が読みます。"),
    )
    consent = forms.CharField(
        label=_("情報提供元の同意の記録"),
        max_length=300,
        required=False,
        help_text=_("他の組織の情報で、読める方が広がる場合に入力します。いつ・どなたから・どのように得たか。"),
    )

    def __init__(self, *args: Any, proposing: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not proposing:
            del self.fields["reason"], self.fields["consent"]


class RefusalForm(forms.Form):
    """Why a request is sent back."""

    note = forms.CharField(
        label=_("差戻しの理由"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("申請した行政官が読みます。"),
    )  # fmt: skip
