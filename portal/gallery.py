"""Every component with its states on one page, on made-up words. Routed in the embedded settings alone."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

MARKINGS = (
    "PUBLIC//TLP:CLEAR",
    "SENSITIVE//TLP:GREEN",
    "HI//SEMICON//TLP:AMBER",
    "CESI//BATTERY,SEMICON//REL:ALLIES//TLP:AMBER+STRICT",
    "SDS//SEMICON//TLP:RED",
)
MOMENT = datetime(2026, 11, 22, 0, 5, tzinfo=UTC)
ICONS = (
    "plus minus search filter download upload file folder room people person building lock shield bell info success "
    "warning error up down sort first next back calendar clock check close inbox edit trash leave language link eye "
    "history key mail list more message"
)


class SampleForm(forms.Form):
    """One field of each kind."""

    title = forms.CharField(label=_("題名"), max_length=100, help_text=_("一覧に表示されます。100文字まで。"))
    body = forms.CharField(label=_("本文"), required=False, widget=forms.Textarea)
    room = forms.ChoiceField(
        label=_("対話の場"), choices=[("", _("選んでください")), ("1", _("半導体の供給網")), ("2", _("蓄電池の供給網"))]
    )
    level = forms.ChoiceField(
        label=_("格付"),
        choices=[("0", _("公開")), ("1", _("機密性2情報（関係者限り）")), ("2", _("秘文書"))],
        widget=forms.RadioSelect,
        help_text=_("迷うときは、高い方を選んで事務局にご相談ください。"),
    )
    sectors = forms.MultipleChoiceField(
        label=_("取扱分野"),
        choices=[("SEMICON", _("半導体")), ("BATTERY", _("蓄電池")), ("MINERALS", _("重要鉱物"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    until = forms.DateField(
        label=_("閲覧期限"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    file = forms.FileField(label=_("ファイル"), help_text=_("2GBまで。送信中に暗号化して保存します。"))
    agreed = forms.BooleanField(label=_("提供する権限があることを確認しました"))


def gallery(request: HttpRequest) -> HttpResponse:
    """The page; its forms go nowhere."""
    wrong = SampleForm({"wrong-level": "9", "wrong-body": _("入力した内容は残ります。")}, prefix="wrong")
    context: dict[str, Any] = {
        "markings": MARKINGS,
        "moment": MOMENT,
        "day": MOMENT.date(),
        "icons": ICONS.split(),
        "form": SampleForm(),
        "wrong": wrong,
        "filter_form": SampleForm(prefix="narrow"),
        "step_names": [_("提供元の確認"), _("格付の選択"), _("ファイルの選択"), _("確認")],
        "passkey_data": {"request_options": {"publicKey": {"challenge": "AA"}}},
        "bars": [(_("半導体"), 1280), (_("蓄電池"), 640), (_("重要鉱物"), 87)],
    }
    return render(request, "gallery/index.html", context)
