"""Where one wants to be told that something waits, of what, and how letters come."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from ..delivery.addresses import check_address
from ..models import MailWish, Told
from ..models.hooks import LONGEST_ADDRESS


class KindsForm(forms.Form):
    """What a hook is told of."""

    kinds = forms.MultipleChoiceField(
        label=_("知らせること"),
        choices=Told.choices,
        initial=[kind.value for kind in Told],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("一つ以上選んでください。")},
    )


class HookForm(KindsForm):
    """A new hook."""

    address = forms.CharField(
        label=_("送信先の住所"),
        max_length=LONGEST_ADDRESS,
        help_text=_("https:// で始まり、インターネットから届く住所です。例：https://hooks.example.jp/entaku"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("address", "kinds")

    def clean_address(self) -> str:
        """Told together with whatever else is wrong; the service holds the same."""
        address = str(self.cleaned_data["address"]).strip()
        check_address(address)
        return address


class WishForm(forms.Form):
    """How letters come."""

    wish = forms.ChoiceField(label=_("通知メール"), choices=MailWish.Wish.choices, widget=forms.RadioSelect)
