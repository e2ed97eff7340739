"""Taking away the proofs of somebody who has lost theirs."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.services import Why


class RevokeFactorsForm(forms.Form):
    """Why, from a list: nothing of the person's circumstances is written down. And that it was they who asked."""

    why = forms.TypedChoiceField(label=_("理由"), choices=Why.choices, coerce=Why, widget=forms.RadioSelect)
    identified = forms.BooleanField(
        label=_("対面または電話で、ご本人であることを確認しました。"),
        help_text=_("電話のときは、名簿や名刺などで以前から分かっている番号に、こちらからかけてください。"),
        error_messages={"required": _("ご本人であることを確認し、チェックを入れてください。")},
    )
