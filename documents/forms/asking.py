"""Narrowing the list, and going to a page: forms that ask, by GET. What makes no sense in them is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.dates import DayField
from clearance.models import Level

from ..kinds import Kind
from ..places import Place, circle_of
from ..queries.listing import Narrowing


class NarrowingForm(forms.Form):
    """By words of the title, place, level, originator, kind and period."""

    q = forms.CharField(label=_("題名に含まれる言葉"), required=False, max_length=100)
    circle = forms.TypedChoiceField(label=_("共有先"), required=False, coerce=int, empty_value=None)
    level = forms.TypedChoiceField(label=_("格付の区分"), required=False, coerce=int, empty_value=None)
    originator = forms.TypedChoiceField(label=_("情報提供元"), required=False, coerce=UUID, empty_value=None)
    kind = forms.ChoiceField(label=_("種類"), required=False, choices=[("", _("すべて")), *Kind.choices])
    since = DayField(label=_("登録日（から）"), required=False)
    until = DayField(label=_("登録日（まで）"), required=False)

    def __init__(self, *args: Any, places: Mapping[int, Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = ("", _("すべて"))
        levels = [(str(value), label) for value, label in Level.choices if value <= settings.CEILING]
        self.fields["circle"].choices = [every, *((str(key), place.name) for key, place in places.items())]  # type: ignore[attr-defined]
        self.fields["level"].choices = [every, *levels]  # type: ignore[attr-defined]
        self.offer_originators({})

    def offer_originators(self, names: Mapping[UUID, str]) -> None:
        """The originators to choose from: those of the list at hand, and the one chosen."""
        chosen = str(self.data.get("originator", ""))
        offered = {str(key): name for key, name in names.items()}
        if chosen and chosen not in offered and _is_key(chosen):
            offered[chosen] = str(_("選択中の情報提供元"))
        ordered = sorted(offered.items(), key=lambda pair: pair[1])
        self.fields["originator"].choices = [("", _("すべて")), *ordered]  # type: ignore[attr-defined]

    def narrowing(self) -> Narrowing:
        """What was asked for, as far as it makes sense."""
        self.is_valid()
        given = self.cleaned_data
        return Narrowing(
            words=given.get("q", "").strip(), circle=self._circle(), level=given.get("level"),
            originator=given.get("originator"), kind=given.get("kind", ""), since=given.get("since"),
            until=given.get("until"),
        )  # fmt: skip

    def _circle(self) -> int | None:
        """A circle that nobody names can be asked for by its number: the list then holds what is readable there."""
        if (chosen := self.cleaned_data.get("circle")) is not None:
            return int(chosen)
        return circle_of(str(self.data.get("circle", "")))


class PageForm(forms.Form):
    """Which page to go to."""

    page = forms.IntegerField(label=_("ページ"), min_value=1, widget=forms.NumberInput(attrs={"inputmode": "numeric"}))


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
