"""The forms of a draft: what is said of the whole, and of each section. A draft may be saved unfinished; what is there
has to be right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.sectors import Sector
from clearance.access import Actor
from clearance.choosing import Choice, refuse
from clearance.forms.markings import OTHER, MarkingField, bracketed
from clearance.markings import draft as drafted
from clearance.markings import parse
from clearance.models import Circle, Tlp
from dialogues.forms import MARKDOWN_HINT

from ..content import Action, Concerns, Named, Section, Source
from ..kinds import Confidence, Kind, Likelihood, Severity, Thing
from ..models.briefings import HIGHEST_WRITTEN, LONGEST_BODY, LONGEST_HEADING, LONGEST_TITLE
from ..services.checking import MOST_SECTIONS
from .typed import with_tlp

MOST_LINES, LONGEST_LINE = 40, 80
STEPS = [choice for choice in Organisation.Step.choices if choice[0]]


class DayField(forms.DateField):
    """A day, by the browser's own calendar where it has one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class LinesField(forms.CharField):
    """Names, each on a line of its own; cleans to a tuple of them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), **kwargs)

    def clean(self, value: Any) -> tuple[str, ...]:
        lines = tuple(dict.fromkeys(line.strip() for line in str(super().clean(value)).splitlines() if line.strip()))
        if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
            raise ValidationError(
                _("一行に%(long)s文字まで、%(most)s行までで入力してください。"),
                params={"long": LONGEST_LINE, "most": MOST_LINES},
            )
        return lines


class Marks(forms.Form):
    """A form that asks for a marking: one of the usual ones, or another by its text."""

    marking = forms.ChoiceField(label=_("格付・取扱制限"), required=False)
    marking_text = forms.CharField(label=_("「その他」を選んだときの格付・取扱制限"), required=False)
    tlp = forms.ChoiceField(
        label=_("どこまで伝えてよいか（TLP）"), choices=Tlp.choices, required=False,
        help_text=_("読み手が、読んだ内容をだれにまで伝えてよいかを示します。読み手には文で説明します。"),
    )  # fmt: skip

    def offer(self, actor: Actor, circle: Circle, choices: Sequence[Choice], *, present: str) -> None:
        """Offer `choices`; what is marked so at `present` stays among them."""
        self.actor, self.circle = actor, circle
        offered = {choice.text: bracketed(choice.label, choice.text) for choice in choices}
        if present and present != OTHER and present not in offered:
            offered[present] = present
        pick: forms.ChoiceField = self.fields["marking"]  # type: ignore[assignment]
        pick.choices = [*offered.items(), (OTHER, _("その他（下の欄に入力）"))]
        self.fields["marking_text"] = MarkingField(
            actor=actor, circle=circle, required=False, label=self.fields["marking_text"].label
        )

    @property
    def chosen(self) -> str:
        """The canonical text of the marking that was chosen; empty where there is none."""
        picked, tlp = self.cleaned_data.get("marking") or "", self.cleaned_data.get("tlp") or ""
        if picked != OTHER:
            return with_tlp(picked, tlp)
        other = self.cleaned_data.get("marking_text")
        return with_tlp(other.text, tlp) if other else ""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "marking" not in self.fields:
            return cleaned
        picked = cleaned.get("marking") or ""
        if picked and picked != OTHER:
            self.errors.pop("marking_text", None)  # what is typed beside one that was chosen does not matter
            try:
                refuse(actor=self.actor, circle=self.circle, marking=drafted(parse(picked)))
            except ValidationError as refused:
                self.add_error("marking", refused)
        elif not picked and "marking" not in self.errors:
            self.add_error("marking", _("格付・取扱制限を選んでください。"))
        elif picked == OTHER and not cleaned.get("marking_text") and "marking_text" not in self.errors:
            self.add_error("marking_text", _("格付・取扱制限を入力してください。"))
        if self.chosen and parse(self.chosen).level > HIGHEST_WRITTEN:
            self.add_error("marking", _("脅威・リスク情報に書けるのは、秘文書までです。"))
        return cleaned

    def unmarked(self) -> None:
        """Ask for no marking here."""
        del self.fields["marking"], self.fields["marking_text"], self.fields["tlp"]


class AboutForm(Marks):
    """What is said of the whole."""

    title = forms.CharField(
        label=_("題名"), max_length=LONGEST_TITLE, required=False,
        help_text=_("読み手の全員が見る題名です。確認を依頼するまでに入力してください。"),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("リスクの種類"), choices=Kind.choices, widget=forms.RadioSelect)
    severity = forms.TypedChoiceField(
        label=_("影響の大きさ"), choices=Severity.choices, coerce=int, widget=forms.RadioSelect
    )
    likelihood = forms.TypedChoiceField(
        label=_("起きる見込み"), choices=Likelihood.choices, coerce=int, widget=forms.RadioSelect
    )
    confidence = forms.TypedChoiceField(
        label=_("評価の確かさ"), choices=Confidence.choices, coerce=int, widget=forms.RadioSelect
    )
    sectors = forms.MultipleChoiceField(
        label=_("関係する業種"), choices=Sector.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    steps = forms.MultipleChoiceField(
        label=_("供給網での段階"), choices=STEPS, required=False, widget=forms.CheckboxSelectMultiple
    )
    commodities = LinesField(label=_("関係する品目"), required=False, help_text=_("一行に一つずつ入力してください。"))
    technologies = LinesField(label=_("関係する技術"), required=False, help_text=_("一行に一つずつ入力してください。"))
    regions = LinesField(label=_("関係する国・地域"), required=False, help_text=_("一行に一つずつ入力してください。"))
    acknowledge_by = DayField(
        label=_("確認の期限"), required=False,
        help_text=_("読み手に、この日までに「確認した」を押すようお願いします。"),
    )  # fmt: skip
    expires_on = DayField(
        label=_("閲覧期限"), required=False, help_text=_("この日を過ぎると、読み手は見られなくなります。")
    )
    by_section = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = [
        "title", "kind", "severity", "likelihood", "confidence", "sectors", "steps", "commodities", "technologies",
        "regions", "acknowledge_by", "expires_on", "by_section", "marking", "marking_text", "tlp",
    ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        due, expiry = cleaned.get("acknowledge_by"), cleaned.get("expires_on")
        if due and expiry and due > expiry:
            self.add_error("acknowledge_by", _("確認の期限を、閲覧期限より前の日付にしてください。"))
        return cleaned

    def said(self) -> dict[str, Any]:
        """What `Content` takes, but for the sections."""
        given = self.cleaned_data
        lists = ("sectors", "steps", "commodities", "technologies", "regions")
        return {
            **{name: given[name] for name in ("title", "kind", "severity", "likelihood", "confidence")},
            "concerns": Concerns(**{name: tuple(given[name]) for name in lists}),
            "acknowledge_by": _iso(given["acknowledge_by"]),
            "expires_on": _iso(given["expires_on"]),
        }


class RowForm(forms.Form):
    """One row of a section's list; one left blank is left out."""

    makes: ClassVar[type[Any]]

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, empty_permitted=True, use_required_attribute=False, **kwargs)

    def has_changed(self) -> bool:
        """Whether anything was typed; what is merely picked beside nothing says nothing."""
        return any(
            str(self.data.get(self.add_prefix(name), "")).strip()
            for name, each in self.fields.items()
            if not isinstance(each, forms.ChoiceField)
        )

    @property
    def row(self) -> Any:
        """The row, or None for a blank one."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if not given or not self.has_changed():
            return None
        return self.makes(**{name: _iso(value) if isinstance(value, date) else value for name, value in given.items()})


class ActionForm(RowForm):
    makes = Action

    what = forms.CharField(label=_("すること"), max_length=300)
    who = forms.CharField(label=_("だれが"), max_length=120, required=False)
    by = DayField(label=_("いつまでに"), required=False)


class NamedForm(RowForm):
    makes = Named

    thing = forms.ChoiceField(label=_("何の名前か"), choices=Thing.choices, initial=Thing.THREAT_ACTOR)
    name = forms.CharField(label=_("名前"), max_length=120)
    about = forms.CharField(label=_("説明"), max_length=600, required=False)


class SourceForm(RowForm):
    makes = Source

    what = forms.CharField(label=_("出典"), max_length=300)
    reliability = forms.CharField(label=_("どのくらい信頼できるか"), max_length=200, required=False)


class SectionForm(Marks):
    """One section: heading, text, marking, what is attached."""

    key = forms.CharField(required=False, widget=forms.HiddenInput)
    heading = forms.CharField(label=_("見出し"), max_length=LONGEST_HEADING, required=False)
    body = forms.CharField(
        label=_("本文"), max_length=LONGEST_BODY, required=False, widget=forms.Textarea(attrs={"rows": 10}),
        help_text=MARKDOWN_HINT,
    )  # fmt: skip
    documents = forms.MultipleChoiceField(
        label=_("添付文書"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("宛先の方が読める文書から選びます。節の格付を超える文書は添付できません。"),
    )  # fmt: skip
    ask_again = forms.BooleanField(label=_("この節の読み手に、もう一度確認をお願いする"), required=False)
    field_order = ["key", "heading", "marking", "marking_text", "tlp", "body", "documents", "ask_again"]

    def section(self, *, slot: UUID, marking: str, rows: dict[str, tuple[Any, ...]]) -> Section:
        given = self.cleaned_data
        return Section(
            heading=given["heading"], body=given["body"], marking=marking, slot=str(slot),
            documents=tuple(given.get("documents", ())), ask_again=given.get("ask_again", False), **rows,
        )  # fmt: skip


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


# What an address that takes a draft names, so that texts typed by somebody who was signed out are given back.
EveryField = type(
    "EveryField",
    (AboutForm,),
    {
        f"s{number}-{name}": forms.CharField(
            label=format_lazy("{} {} {}", _("節"), number + 1, label), required=False, widget=widget
        )
        for number in range(MOST_SECTIONS)
        for name, label, widget in (("heading", _("見出し"), forms.TextInput), ("body", _("本文"), forms.Textarea))
    },
)
