"""A day as people enter it in a form."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

# What lies outside is a slip of the finger or 9999-12-31 for “no end”; some of it no calendar of ours can hold.
FIRST, LAST = date(2000, 1, 1), date(2999, 12, 31)
OUTSIDE = _("2000年1月1日から2999年12月31日までの日付を入力してください。期限がない場合は、空欄のままにしてください。")


class DayField(forms.DateField):
    """A date as the browser's own picker gives it, within FIRST to LAST."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)
        self.validators += [MinValueValidator(FIRST, OUTSIDE), MaxValueValidator(LAST, OUTSIDE)]
