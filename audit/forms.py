"""Narrowing the log, by GET."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.acts import GROUPS, acts_in, label_of
from audit.naming import people_called
from audit.queries import Narrowing

DAY = partial(forms.DateInput, attrs={"type": "date"}, format="%Y-%m-%d")
IN_REASON = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31))]


def act_choices() -> list[tuple[Any, Any]]:
    """All acts, by group; a whole group can be chosen too."""
    groups = [
        (label, [(group, _("%(group)s：すべて") % {"group": label}), *((act, label_of(act)) for act in acts_in(group))])
        for group, label in GROUPS.items()
    ]
    return [("", _("すべて")), *groups]


class NarrowingForm(forms.Form):
    """By period, act, person, target and label."""

    since = forms.DateField(label=_("期間（から）"), required=False, widget=DAY(), validators=IN_REASON)
    until = forms.DateField(label=_("期間（まで）"), required=False, widget=DAY(), validators=IN_REASON)
    act = forms.ChoiceField(label=_("操作の内容"), required=False, choices=act_choices)
    person = forms.CharField(
        label=_("操作した人"), required=False, max_length=100, help_text=_("氏名の一部、メールアドレスまたは番号")
    )
    target = forms.CharField(label=_("対象の番号"), required=False, max_length=100)
    label = forms.CharField(label=_("格付・取扱制限"), required=False, max_length=200, help_text=_("例：HI//SEMICON"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", _("「まで」には「から」以降の日付を入力してください。"))
        return given

    def narrowing(self) -> Narrowing:
        """What was asked for. Call on a valid form."""
        given = self.cleaned_data
        person = given["person"].strip()
        return Narrowing(
            since=_beginning(given["since"]) if given["since"] else None,
            until=_beginning(given["until"] + timedelta(days=1)) if given["until"] else None,
            act=given["act"],
            people=people_called(person) if person else None,
            target=given["target"].strip(),
            label=given["label"].strip(),
        )

    @property
    def used(self) -> list[str]:
        """The names of the conditions that were given."""
        return [name for name, value in self.cleaned_data.items() if value]

    @property
    def more(self) -> bool:
        """Whether anything but the period was asked for, or is wrong: the fold then stands open."""
        folded = ("act", "person", "target", "label")
        return any(self.errors.get(name) or self.data.get(name) for name in folded)


def _beginning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
