"""What a firm says it deals in: the same lists as a briefing's, for the same words have to meet."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..content import Concerns
from .content import STEPS, LinesField

LISTS = ("commodities", "technologies", "regions")


class InterestsForm(forms.Form):
    commodities = LinesField(
        label=_("自社が扱う・調達する品目"), required=False,
        help_text=_("一行に一つずつ入力してください。例：感光材、ガリウム、リチウムイオン蓄電池"),
    )  # fmt: skip
    technologies = LinesField(
        label=_("自社の技術"), required=False, help_text=_("一行に一つずつ入力してください。例：微細加工、積層造形")
    )
    steps = forms.MultipleChoiceField(
        label=_("供給網での段階"), choices=STEPS, required=False, widget=forms.CheckboxSelectMultiple
    )
    regions = LinesField(
        label=_("拠点・調達先のある国・地域"), required=False, help_text=_("一行に一つずつ入力してください。")
    )

    @classmethod
    def of(cls, said: Concerns | None, data: Any = None) -> InterestsForm:
        """Filled with what was said before."""
        known = said or Concerns()
        initial: dict[str, Any] = {name: "\n".join(getattr(known, name)) for name in LISTS}
        return cls(data, initial=initial | {"steps": list(known.steps)})

    def said(self) -> Concerns:
        given = self.cleaned_data
        return Concerns(steps=tuple(given["steps"]), **{name: tuple(given[name]) for name in LISTS})
