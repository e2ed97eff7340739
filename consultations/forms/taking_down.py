"""What an officer types who takes a concern down for somebody on the telephone, or from a letter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from intake.consents import Consent
from intake.models import Case, Desk
from intake.receipt import ENTROPY, Receipt
from intake.themes import THEMES

LONGEST = 8000  # characters, as whoever writes themselves may


class Explained:
    """A consent as it is read out: its label, and below that what it means."""

    def __init__(self, consent: Consent) -> None:
        self.consent = consent

    def __str__(self) -> SafeString:
        return format_html('{}<br><span class="small quiet">{}</span>', self.consent.label, self.consent.explanation)

    def __html__(self) -> SafeString:
        return self.__str__()


class TakeDownForm(forms.Form):
    """`receipt` is made with the empty form: sent twice, it is one concern."""

    receipt = forms.CharField(widget=forms.HiddenInput)
    way = forms.ChoiceField(
        label=_("受け付けた方法"), widget=forms.RadioSelect,
        choices=[
            (Case.Way.TELEPHONE.value, _("電話")),
            (Case.Way.POST.value, pgettext_lazy("way a concern came", "郵便")),
        ],
    )  # fmt: skip
    theme = forms.ChoiceField(
        label=_("何についての相談か"), widget=forms.RadioSelect, choices=[(each.code, each.label) for each in THEMES]
    )
    text = forms.CharField(
        label=_("相談の内容"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("話された言葉のまま書いてください。名前、電話番号、会社名など、誰が話したか分かることは書かないでください。"),
    )  # fmt: skip
    exclude = forms.MultipleChoiceField(
        label=_("見せてはいけない窓口"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("相談者に尋ねてください。ここで選んだ窓口の担当者には、鍵が作られません。"),
    )  # fmt: skip
    urgent = forms.BooleanField(label=_("急ぎです"), required=False)
    consent = forms.ChoiceField(
        label=_("どこまで使ってよいか"), widget=forms.RadioSelect, initial=Consent.LISTEN.value,
        choices=[(each.value, Explained(each)) for each in Consent],
        help_text=_("相談者に一つずつ読み上げて、選んでもらってください。答えがなければ、いちばん上を選びます。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["exclude"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(desk.pk), desk.name) for desk in Desk.objects.filter(active=True)]

    def clean_receipt(self) -> Receipt:
        try:
            raw = bytes.fromhex(self.cleaned_data["receipt"])
        except ValueError:
            raw = b""
        if len(raw) != ENTROPY:
            raise ValidationError(_("フォームを開き直してください。"))
        return Receipt(raw)

    @property
    def excluded(self) -> list[UUID]:
        return [UUID(each) for each in self.cleaned_data["exclude"]]
