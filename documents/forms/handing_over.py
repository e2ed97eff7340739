"""Handing over a document, a version of it, and its record data."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.dates import DayField
from accounts.models import Organisation
from clearance.access import Actor
from clearance.clock import end_of
from clearance.forms import MarkingChoiceForm
from clearance.models import Circle
from vault.uploads import SealedUpload

from ..models import Disposal, Retention
from ..models.documents import TITLE_MOST
from ..services.receiving import RecordData


class SealedFileField(forms.FileField):
    """A file that was sealed as it arrived. What kept it from being stored is said beside the field."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("ファイル"))
        kwargs.setdefault(
            "error_messages",
            {
                "required": _("ファイルを選んでください。"),
                "missing": _("ファイルを選んでください。"),
                "empty": _("空のファイルです。中身のあるファイルを選んでください。"),
            },
        )
        super().__init__(**kwargs)
        limit = filesizeformat(settings.UPLOAD_MAX_BYTES)
        self.help_text = format_lazy(
            _(
                "{limit}まで。受信しながら暗号化して保存します。画面で読めるのは、PDF・テキストなどです。ほかのファイルはダウンロードだけになります。"
            ),
            limit=limit,
        )

    def clean(self, data: Any, initial: Any = None) -> Any:
        if isinstance(data, SealedUpload) and data.refusal:
            raise ValidationError(data.refusal, code="refused")
        return super().clean(data, initial)


class RecordFields(forms.Form):
    """行政文書ファイル名・保存期間・満了時の措置. Asked of officials, all three or none."""

    record_file = forms.CharField(label=_("行政文書ファイル名"), max_length=200, required=False)
    record_retention = forms.ChoiceField(label=_("保存期間"), choices=Retention.choices, required=False)
    record_disposal = forms.ChoiceField(label=_("満了時の措置"), choices=Disposal.choices, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        names = ("record_file", "record_retention", "record_disposal")
        given = [bool(cleaned.get(name)) for name in names]
        if any(given) and not all(given):
            for name, there in zip(names, given, strict=True):
                if not there and name not in self.errors:
                    self.add_error(name, _("行政文書として登録する場合は、3項目すべてを入力してください。"))
        return cleaned

    def record(self) -> RecordData:
        given = self.cleaned_data
        return RecordData(
            given.get("record_file", ""), given.get("record_retention", ""), given.get("record_disposal", "")
        )


class RecordForm(RecordFields):
    """The record data of a document that is there already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = True


class ReceiveForm(MarkingChoiceForm, RecordFields):
    """A document for a circle. Officials say whose information it is and enter the record data."""

    field_order = (
        "file", "title", "marking_choice", "marking_text", "originator", "expires_on",
        "record_file", "record_retention", "record_disposal",
    )  # fmt: skip

    file = SealedFileField()
    title = forms.CharField(
        label=_("題名"), max_length=TITLE_MOST, help_text=_("読む方の一覧に表示されます。200文字まで。")
    )
    originator = forms.ModelChoiceField(
        label=_("情報提供元"),
        queryset=Organisation.objects.none(),
        help_text=_("どの組織の情報かを選びます。提供の範囲を広げるときは、この組織の同意が必要になります。"),
    )
    expires_on = DayField(
        label=_("閲覧期限"),
        required=False,
        help_text=_("この日の終わりまで閲覧できます。空欄なら期限はありません。"),
    )

    def __init__(self, *args: Any, actor: Actor, circle: Circle, originators: Any, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, circle=circle, **kwargs)
        if actor.official or actor.secretary:
            self.fields["originator"].queryset = originators  # type: ignore[attr-defined]
            self.initial.setdefault("originator", actor.organisation_id)
        else:
            del self.fields["originator"]
        if not actor.official:
            for name in RecordFields.base_fields:
                del self.fields[name]

    @property
    def expires_at(self) -> Any:
        day = self.cleaned_data.get("expires_on")
        return end_of(day) if day else None


class VersionForm(forms.Form):
    """A newer file of a document."""

    file = SealedFileField()
    change = forms.CharField(
        label=_("変更点"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("前の版から何が変わったかを、読む方のために書いてください。"),
    )
