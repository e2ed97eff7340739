"""What readers fill in: how to narrow the feed, and what their firm answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.dates import DayField
from accounts.sectors import Sector

from ..kinds import Kind, Severity
from ..models import Reply
from ..queries.narrowing import Narrowing
from .content import LONGEST_LINE, STEPS

ALL = ("", _("すべて"))


class NarrowingForm(forms.Form):
    """The feed's filters, all of them optional."""

    q = forms.CharField(
        label=_("題名・本文の言葉"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    kind = forms.ChoiceField(label=_("リスクの種類"), required=False, choices=[ALL, *Kind.choices])
    severity = forms.TypedChoiceField(
        label=_("影響の大きさ（これ以上）"),
        required=False,
        choices=[ALL, *Severity.choices],
        coerce=int,
        empty_value=None,
    )
    sector = forms.ChoiceField(label=_("業種"), required=False, choices=[ALL, *Sector.choices])
    commodity = forms.CharField(
        label=_("品目"), required=False, max_length=LONGEST_LINE, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    step = forms.ChoiceField(label=_("供給網での段階"), required=False, choices=[ALL, *STEPS])
    since = DayField(label=_("公表日（から）"), required=False)
    until = DayField(label=_("公表日（まで）"), required=False)
    outstanding = forms.BooleanField(label=_("まだ確認していないものだけ"), required=False)

    def narrowing(self) -> Narrowing:
        """What was asked for, as far as it makes sense."""
        self.is_valid()
        given = self.cleaned_data
        return Narrowing(
            words=given.get("q", "").strip(), kind=given.get("kind", ""), severity=given.get("severity"),
            sector=given.get("sector", ""), commodity=given.get("commodity", "").strip(),
            step=given.get("step", ""), outstanding=bool(given.get("outstanding")), since=given.get("since"),
            until=given.get("until"),
        )  # fmt: skip


class ReplyForm(forms.Form):
    """What a firm answers, and in its own words."""

    kind = forms.ChoiceField(label=_("返答"), choices=Reply.Kind.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("補足・質問の内容"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "この情報を担当する行政官と、この情報を読める自社の方が読みます。読める方が限られた節の内容は、書き写さないでください。質問の場合は必ず入力してください。"
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["autocomplete"] = "off"
