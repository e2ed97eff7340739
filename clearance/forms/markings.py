"""Choosing a marking: from the circle's presets, as text, or in the builder. The rule itself is clearance.choosing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ..actor import Actor
from ..choosing import Choice, choices_for, refuse
from ..markings import draft, of, parse
from ..models import Circle, Compartment, Level, Marking, ReleaseGroup, Tlp
from ..models.markings import Code

OTHER = "other"


def marking_choices(actor: Actor, circle: Circle) -> list[Choice]:
    """The circle's presets (six at most) that the actor may write under, each with its text, label and level."""
    return choices_for(actor, circle)


class MarkingField(forms.CharField):
    """A marking as text; cleans to its row. Refuses what the writer may not use there, one sentence for each reason."""

    def __init__(self, *, actor: Actor, circle: Circle | None = None, **kwargs: Any) -> None:
        self.actor, self.circle = actor, circle
        kwargs.setdefault("label", _("格付・取扱制限"))
        kwargs.setdefault("help_text", _("例：HI//SEMICON//TLP:AMBER"))
        widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"})
        super().__init__(max_length=400, widget=kwargs.pop("widget", widget), **kwargs)

    def clean(self, value: Any) -> Marking | None:
        text = "".join(str(super().clean(value)).split())
        if not text:
            return None
        found = parse(text.upper() if text.isascii() else text)  # the capital of some other letters is one of ours
        refuse(actor=self.actor, circle=self.circle, marking=draft(found))
        return of(found)


class MarkingChoiceForm(forms.Form):
    """Inherit from this: it asks for a marking and leaves its row in `cleaned_data["marking"]`.

    Radio buttons for the circle's presets and one for 「その他」, whose text the builder makes. `offered` is the text a
    builder's link came back with (?marking=…): it is then chosen and filled in.
    """

    marking_choice = forms.ChoiceField(label=_("格付・取扱制限"), widget=forms.RadioSelect)
    marking_text = forms.CharField(label=_("その他の格付・取扱制限"), required=False)

    def __init__(self, *args: Any, actor: Actor, circle: Circle, offered: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.circle = actor, circle
        self.choices = self.choices_in(actor, circle)
        self.fields["marking_text"] = MarkingField(
            actor=actor, circle=circle, required=False, label=self.fields["marking_text"].label
        )
        self.order_fields(["marking_choice", "marking_text"] if self.field_order is None else self.field_order)
        choice: forms.ChoiceField = self.fields["marking_choice"]  # type: ignore[assignment]
        choice.choices = [
            *((each.text, bracketed(each.label, each.text)) for each in self.choices),
            (OTHER, _("その他（下の欄に入力）")),
        ]
        if offered:
            preset = any(each.text == offered for each in self.choices)
            self.initial = {
                **self.initial,
                "marking_choice": offered if preset else OTHER,
                "marking_text": "" if preset else offered,
            }

    def choices_in(self, actor: Actor, circle: Circle) -> list[Choice]:
        """What is offered there."""
        return marking_choices(actor, circle)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        chosen = cleaned.get("marking_choice")
        if chosen == OTHER:
            if cleaned.get("marking_text") is not None:
                cleaned["marking"] = cleaned["marking_text"]
            elif "marking_text" not in self.errors:
                self.add_error("marking_text", _("格付・取扱制限を入力してください。"))
        elif chosen:
            self._clean_preset(cleaned, chosen)
        return cleaned

    def _clean_preset(self, cleaned: dict[str, Any], chosen: str) -> None:
        self.errors.pop("marking_text", None)  # what is typed beside a preset that was chosen does not matter
        marking = next(each.marking for each in self.choices if each.text == chosen)
        try:
            refuse(actor=self.actor, circle=self.circle, marking=marking)
        except ValidationError as refused:
            self.add_error("marking_choice", refused)
        else:
            cleaned["marking"] = marking

    def builder_url(self, next: str) -> str:
        """Where the builder is; it comes back to the local path `next` with the text it has made."""
        return reverse("clearance:builder") + "?" + urlencode({"circle": str(self.circle.pk), "next": next})


def bracketed(label: object, more: object) -> str:
    """`公開（PUBLIC）`, with the brackets of the reader's language."""
    return f"{label} ({more})" if _english() else f"{label}（{more}）"


def named(code: Code) -> str:
    """`SEMICON（半導体）`, in the reader's language."""
    return bracketed(code.code, (code.name_en or code.name) if _english() else code.name)


def _english() -> bool:
    return (get_language() or "ja").startswith("en")


def _levels() -> list[tuple[str, str]]:
    """The levels; those above this deployment's ceiling say so."""
    return [
        (
            str(level.value),
            str(level.label) if level <= settings.CEILING else bracketed(level.label, _("このシステムでは扱えません")),
        )
        for level in Level
    ]


class CodeChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Codes by their text, each named; an address can carry them."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, model: type[Code], **kwargs: Any) -> None:
        super().__init__(model._default_manager.all(), to_field_name="code", required=False, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return named(obj)


class BuilderForm(forms.Form):
    """The parts of a marking, by GET: what is built can be linked to."""

    level = forms.TypedChoiceField(
        label=_("格付の区分"), choices=_levels, coerce=int, widget=forms.RadioSelect, initial=str(Level.SENSITIVE.value)
    )
    compartments = CodeChoices(
        Compartment, label=_("取扱分野"), help_text=_("選んだ分野すべての資格を持つ方だけが読めます。")
    )
    releasability = CodeChoices(
        ReleaseGroup, label=_("提供可能な国・地域"), help_text=_("選ばなければ、国・地域では制限しません。")
    )
    tlp = forms.ChoiceField(
        label=_("TLP（読んだ方がさらに伝えてよい範囲）"), choices=Tlp.choices, required=False, widget=forms.RadioSelect
    )
    circle = forms.IntegerField(required=False, widget=forms.HiddenInput)
    next = forms.CharField(required=False, widget=forms.HiddenInput)
