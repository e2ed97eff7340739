"""Keeping the registers of authorisations and agreements. Dates are days: the last one counts in full."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.dates import DayField
from accounts.models import Organisation

from ..models import Authorisation, Compartment, Level, OrganisationCertification
from .markings import CodeChoices

Basis = Authorisation.Basis
ORDINARY_LEVELS = [(level.value, level.label) for level in (Level.SENSITIVE, Level.HI)]
STATUTORY_LEVELS = [(level.value, level.label) for level in (Level.CESI, Level.SDS)]


class Confirmed(forms.Form):
    """Asks once more: what the page said would happen has been read."""

    confirmed = forms.BooleanField(
        label=_("上記の内容を確認しました。"),
        error_messages={"required": _("内容を確認し、チェックを入れてください。")},
    )


class ReasonForm(Confirmed):
    """Why something is suspended, revoked or struck. It stays in the history, so nothing of an investigation is put."""

    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        help_text=_("履歴に残ります。調査の内容や個人の事情は書かないでください。例：契約の終了、異動"),
    )
    field_order = ("reason", "confirmed")


class AuthorisationForm(forms.Form):
    """A pledge or duty of confidence (levels 1–2)."""

    basis = forms.ChoiceField(
        label=_("根拠"),
        choices=[(basis.value, basis.label) for basis in Authorisation.ORDINARY],
        widget=forms.RadioSelect,
    )
    highest = forms.TypedChoiceField(
        label=_("格付の上限"), choices=ORDINARY_LEVELS, coerce=int, widget=forms.RadioSelect
    )
    compartments = CodeChoices(
        Compartment, label=_("取扱分野"), help_text=_("選ばなければ、分野の指定がない情報だけを読めます。")
    )
    since = DayField(label=_("開始日"))
    until = DayField(
        label=_("終了日"), required=False, help_text=_("この日の終わりまで有効です。空欄の場合は期限を設けません。")
    )
    reference = forms.CharField(label=_("文書番号"), max_length=100, required=False)


class AssessmentForm(forms.Form):
    """The result of a statutory assessment (適性評価): scope and dates, never anything of the investigation."""

    basis = forms.ChoiceField(
        label=_("根拠"),
        choices=[(basis.value, basis.label) for basis in Authorisation.STATUTORY],
        widget=forms.RadioSelect,
    )
    compartments = CodeChoices(Compartment, label=_("取扱分野"))
    ministry = forms.ModelChoiceField(
        label=_("評価を行った行政機関"),
        queryset=Organisation.objects.filter(kind=Organisation.Kind.MINISTRY, active=True),
        required=False,
        help_text=_("重要経済安保情報の適性評価では必ず選んでください。"),
    )
    notified_on = DayField(
        label=_("結果の通知日"), required=False, help_text=_("重要経済安保情報の適性評価では必ず入力してください。")
    )
    since = DayField(label=_("開始日"))
    until = DayField(label=_("有効期限"), help_text=_("重要経済安保情報は通知日から10年以内、特定秘密は5年以内です。"))
    reference = forms.CharField(label=_("文書番号"), max_length=100, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if basis := cleaned.get("basis"):
            cleaned["highest"] = Level.CESI if basis == Basis.CESI else Level.SDS
        return cleaned


class CertificationForm(forms.Form):
    """An organisation's agreement (levels 1–2), or its certification and contract (level 3 or 4)."""

    kind = forms.ChoiceField(label=_("種別"), choices=OrganisationCertification.Kind.choices, widget=forms.RadioSelect)
    highest = forms.TypedChoiceField(
        label=_("格付の上限"),
        choices=[*ORDINARY_LEVELS, *STATUTORY_LEVELS],
        coerce=int,
        widget=forms.RadioSelect,
        help_text=_("契約は機密性2情報か秘文書まで、認定は重要経済安保情報か特定秘密のどちらか1つに及びます。"),
    )
    departments = forms.CharField(
        label=_("対象の部署"),
        max_length=300,
        required=False,
        help_text=_("適合事業者の認定・契約では必ず入力してください。例：設計部、品質保証部"),
    )
    since = DayField(label=_("開始日"))
    until = DayField(
        label=_("終了日"), required=False, help_text=_("この日の終わりまで有効です。空欄の場合は期限を設けません。")
    )
    reference = forms.CharField(label=_("文書番号"), max_length=100, required=False)
