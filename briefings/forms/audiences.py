"""Opening bureaus and audiences: a name, the highest marking that may lie there, and who is in it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Person
from accounts.sectors import Sector
from clearance.access import Actor
from clearance.forms.markings import CodeChoices
from clearance.markings import marking
from clearance.models import Compartment, Level, ReleaseGroup

from ..models.briefings import HIGHEST_WRITTEN
from .passing import Choices, offer

MOST_PEOPLE = 200
MOST_OFFERED = 50  # organisations at a time


class CeilingForm(forms.Form):
    """The highest marking that may lie in it; leaves its row in `cleaned_data["ceiling"]`."""

    level = forms.TypedChoiceField(
        label=_("取り扱う格付の上限"), coerce=int, widget=forms.RadioSelect,
        help_text=_("後から変えることはできません。"),
    )  # fmt: skip
    compartments = CodeChoices(
        Compartment, label=_("取扱分野"),
        help_text=_("選んだ分野の資格を持つ方だけが、その分野の節を読めます。"),
    )  # fmt: skip
    releasability = CodeChoices(
        ReleaseGroup, label=_("提供可能な国・地域"), help_text=_("選ばなければ、国・地域では制限しません。")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = [level for level in Level if level <= HIGHEST_WRITTEN and actor.reach.cleared_for(level)]
        offer(self, "level", [(level.value, level.label) for level in held])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "level" in cleaned:
            codes = [code.code for code in cleaned.get("compartments") or ()]
            groups = [group.code for group in cleaned.get("releasability") or ()]
            try:
                cleaned["ceiling"] = marking(cleaned["level"], codes, groups)
            except ValidationError as wrong:
                self.add_error("level", wrong)
        return cleaned


class BureauForm(CeilingForm):
    name = forms.CharField(label=_("名称"), max_length=80, help_text=_("班の行政官だけが見ます。"))
    field_order = ["name", "level", "compartments", "releasability"]


class OfficialForm(forms.Form):
    """Which official is to write in a bureau."""

    email = forms.EmailField(
        label=_("加える方のメールアドレス"), widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("行政官として登録されている方のメールアドレスを入力してください。"),
    )  # fmt: skip

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self.person = Person.objects.filter(email__iexact=email, is_active=True).first()
        if self.person is None:
            raise ValidationError(_("このメールアドレスの利用者は登録されていません。"))
        return email


class SectorForm(CeilingForm):
    sector = forms.ChoiceField(
        label=_("業種"), choices=[("", _("選んでください")), *Sector.choices],
        help_text=_("この業種の組織がすべて入ります。公開の節は組織の全員に、それより上の節は社内の取扱者に届きます。"),
    )  # fmt: skip
    field_order = ["sector", "level", "compartments", "releasability"]


class ListForm(CeilingForm):
    """A list of organisations and people."""

    name = forms.CharField(
        label=_("名称"), max_length=80,
        help_text=_("行政官だけが見ます。読み手には、宛先の名称も、ほかの読み手も表示されません。"),
    )  # fmt: skip
    find = forms.CharField(
        label=_("組織を探す"), required=False, max_length=100,
        help_text=_("名称の一部か法人番号を入力して「探す」を押すと、下に候補が並びます。選んだ組織は残ります。"),
    )  # fmt: skip
    organisations = forms.ModelMultipleChoiceField(
        label=_("組織"), queryset=Organisation.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    people = forms.CharField(
        label=_("個人のメールアドレス"), required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("一行に一つずつ入力してください。選んだ組織に所属する方は、その組織の取扱者になります。"),
    )  # fmt: skip
    field_order = ["name", "find", "organisations", "people", "level", "compartments", "releasability"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = Organisation.objects.filter(active=True).exclude(kind=Organisation.Kind.MINISTRY)
        organisations: Any = self.fields["organisations"]
        organisations.queryset = every  # whatever is offered: what was chosen before stays chosen
        chosen = every.filter(pk__in=_keys(self["organisations"].value() or ()))
        wanted = str(self["find"].value() or "").strip()
        named = Q(name__icontains=wanted) | Q(name_en__icontains=wanted) | Q(corporate_number=wanted)
        fitting = (every.filter(named) if wanted else every).order_by("name", "pk")
        found = list(fitting[: MOST_OFFERED + 1])
        self.more = len(found) > MOST_OFFERED
        offered = {each.pk: each.name for each in (*chosen.order_by("name", "pk"), *found[:MOST_OFFERED])}
        organisations.choices = list(offered.items())

    @classmethod
    def typed(cls, data: QueryDict) -> dict[str, Any]:
        """What was typed, to be shown again without being judged."""
        several = ("organisations", "compartments", "releasability")
        return {name: data.getlist(name) if name in several else data.get(name, "") for name in cls.base_fields}

    def clean_people(self) -> list[Person]:
        typed = list(dict.fromkeys(each.strip().lower() for each in self.cleaned_data["people"].split() if each))
        if len(typed) > MOST_PEOPLE:
            raise ValidationError(_("%(most)s人までで入力してください。"), params={"most": MOST_PEOPLE})
        found = {each.email.lower(): each for each in Person.objects.filter(email__in=typed, is_active=True)}
        if missing := [each for each in typed if each not in found]:
            raise ValidationError(
                _("登録されていないメールアドレスです：%(which)s"), params={"which": "、".join(missing)}
            )
        return [found[each] for each in typed]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("organisations") and not cleaned.get("people") and "people" not in self.errors:
            self.add_error("organisations", _("組織か個人を、一つ以上指定してください。"))
        return cleaned


def _keys(given: Iterable[Any]) -> list[UUID]:
    """Those that are keys at all."""
    found = []
    for each in given:
        with suppress(ValueError):
            found.append(UUID(str(each)))
    return found


class RoomPick(forms.Form):
    """Those who take part in a room."""

    room = forms.ChoiceField(label=_("対話の場"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, rooms: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "room", rooms)
