"""The forms of rooms: what may be typed and chosen; what it leads to is the services' business."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from clearance.access import Actor
from clearance.choosing import Choice
from clearance.markings import marking
from clearance.models import Compartment, Level, Marking, ReleaseGroup, Role
from clearance.models.markings import Code

from .models import Room
from .models.threads import LONGEST_BODY, LONGEST_TITLE
from .queries.threads import Beside

KNOWN_TO_MEMBERS, KNOWN_TO_ALL_OF_THEM, KNOWN_AS_CEILING = "members", "public", "ceiling"
MARKDOWN_HINT = _("見出し（#）、箇条書き（-）、強調（**）、表、リンクが使えます。画像は使えません。")


class FindingForm(forms.Form):
    """What is looked for in what was said, and in which room; in all of them without one."""

    q = forms.CharField(
        label=_("発言の言葉"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}),
        help_text=_("空白で区切ると、すべての言葉を含む発言を探します。"),
    )  # fmt: skip
    room = forms.UUIDField(required=False, widget=forms.HiddenInput)


class RenameForm(forms.Form):
    """What a room is called and for."""

    name = forms.CharField(label=_("名称"), max_length=80)
    purpose = forms.CharField(
        label=_("目的"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("参加者と招待を受けた方が読みます。何を話し合い、何に役立てるかを書いてください。"),
    )  # fmt: skip
    legal_basis = forms.CharField(
        label=_("根拠となる法令"), max_length=200, required=False,
        help_text=_("官民協議会では必須です。法令名と条項を書いてください。法律上の守秘義務は、この記載がある場合に限り案内します。"),
    )  # fmt: skip


class RoomForm(RenameForm):
    """Opening a room: kind, name, and the highest marking that may lie in it."""

    kind = forms.ChoiceField(label=_("種別"), choices=Room.Kind.choices, widget=forms.RadioSelect)
    level = forms.TypedChoiceField(
        label=_("取り扱う格付の上限"), coerce=int, widget=forms.RadioSelect,
        help_text=_("この場に置ける文書と発言の、最も高い格付です。後から変えることはできません。"),
    )  # fmt: skip
    compartments = forms.MultipleChoiceField(
        label=_("取扱分野"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("選んだ分野の資格を持つ方だけが、その分野の文書と発言を読めます。"),
    )  # fmt: skip
    releasability = forms.MultipleChoiceField(
        label=_("提供可能な国・地域"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("選ばなければ、国・地域による制限はありません。"),
    )  # fmt: skip
    known_to = forms.ChoiceField(
        label=_("この場があることを知ってよい方"), widget=forms.RadioSelect, initial=KNOWN_TO_MEMBERS,
        choices=[
            (KNOWN_TO_MEMBERS, _("参加者のうち、機密性2情報の取扱資格を持つ方")),
            (KNOWN_TO_ALL_OF_THEM, _("参加組織の全員（名称と目的を公開の情報として扱う）")),
            (KNOWN_AS_CEILING, _("参加者のうち、上限の格付の取扱資格を持つ方")),
        ],
    )  # fmt: skip
    field_order = ["kind", "name", "purpose", "legal_basis", "level", "compartments", "releasability", "known_to"]

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reach = actor.reach
        # Each level by what is held there alone: an assessment takes nothing from levels 0–2 and gives them nothing.
        # Whether the codes picked are held at the level picked is for clearance.choosing to say.
        held = [level for level in Level if level <= settings.CEILING and reach.cleared_for(level)]
        self.choose("level", [(level.value, level.label) for level in held])
        codes = [code for code in Compartment.objects.all() if any(reach.has(code.bit, level) for level in held)]
        self.choose("compartments", _codes(codes))
        self.choose("releasability", _codes(list(ReleaseGroup.objects.all())))

    def choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        if not choices:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        codes, groups = cleaned.get("compartments", []), cleaned.get("releasability", [])
        try:
            cleaned["ceiling"] = marking(cleaned["level"], codes, groups)
        except ValidationError as wrong:
            self.add_error("level", wrong)
            return cleaned
        cleaned["marking"] = self._known(cleaned["known_to"], cleaned["ceiling"], groups)
        return cleaned

    def _known(self, known_to: str, ceiling: Marking, groups: list[str]) -> Marking:
        if known_to == KNOWN_TO_ALL_OF_THEM:
            return marking(Level.PUBLIC)
        if known_to == KNOWN_AS_CEILING and ceiling.level <= Level.HI:
            return ceiling
        return marking(Level.SENSITIVE, (), groups)


class MessageForm(forms.Form):
    """Something to be said: text, marking, documents beside it."""

    body = forms.CharField(
        label=_("本文"), max_length=LONGEST_BODY, widget=forms.Textarea(attrs={"rows": 8}), help_text=MARKDOWN_HINT
    )
    marking = forms.TypedChoiceField(
        label=_("格付・取扱制限"), coerce=UUID, widget=forms.RadioSelect,
        help_text=_("この格付の取扱資格を持つ参加者だけが読めます。"),
    )  # fmt: skip
    documents = forms.TypedMultipleChoiceField(
        label=_("添付文書"), coerce=UUID, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("この場にある文書から選びます。発言の格付の区分・取扱分野を超える文書は添付できません（TLPは文書の表示に従ってください）。"),
    )  # fmt: skip

    def __init__(self, *args: Any, choices: Sequence[Choice], documents: Sequence[Beside], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.markings = {choice.marking.pk: choice.marking for choice in choices}
        self.attachable = {beside.document.pk: beside.document for beside in documents}
        self._offer("marking", [(choice.marking.pk, _with(choice.label, choice.text)) for choice in choices])
        self._offer(
            "documents",
            [(beside.document.pk, _with(beside.title, beside.document.marking.text)) for beside in documents],
        )
        if not documents:
            del self.fields["documents"]

    def _offer(self, name: str, choices: list[tuple[UUID, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def said(self) -> dict[str, Any]:
        """The cleaned form as the services take it."""
        cleaned = self.cleaned_data
        return {
            "body": cleaned["body"],
            "marking": self.markings[cleaned["marking"]],
            "documents": [self.attachable[key] for key in cleaned.get("documents", [])],
        }


class ThreadForm(MessageForm):
    """A new thread: a title besides."""

    title = forms.CharField(label=_("題名"), max_length=LONGEST_TITLE)
    field_order = ["title", "body", "marking", "documents"]

    def said(self) -> dict[str, Any]:
        return {"title": self.cleaned_data["title"]} | super().said()


class InviteForm(forms.Form):
    """Whom a steward asks in, in which role."""

    PERSON, ORGANISATION = "person", "organisation"

    email = forms.EmailField(
        label=_("招待する方のメールアドレス"), widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("このシステムに登録されているメールアドレスを入力してください。"),
    )  # fmt: skip
    scope = forms.ChoiceField(
        label=_("招待の対象"), widget=forms.RadioSelect, initial=PERSON,
        choices=[
            (PERSON, _("この方だけ")),
            (ORGANISATION, _("この方の所属組織（この方が窓口となり、社内の取扱者を指名します）")),
        ],
    )  # fmt: skip
    role = forms.ChoiceField(
        label=_("役割"), widget=forms.RadioSelect, choices=Role.choices, initial=Role.PARTICIPANT,
        help_text=_("運営担当は、参加者の招待と削除、名称の変更、終了ができます。組織全体を運営担当にはできません。"),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("scope") == self.ORGANISATION and cleaned.get("role") == Role.STEWARD:
            self.add_error("role", _("組織全体を運営担当にすることはできません。ほかの役割を選んでください。"))
        return cleaned


class HandlerForm(forms.Form):
    """Which of the organisation's people is named."""

    email = forms.EmailField(
        label=_("取扱者にする方のメールアドレス"), widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("この組織の利用者として登録されているメールアドレスを入力してください。"),
    )  # fmt: skip


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(label=_("役割"), widget=forms.RadioSelect, choices=Role.choices)


def _codes(codes: Sequence[Code]) -> list[tuple[str, str]]:
    english = (get_language() or "ja").startswith("en")
    return [(code.code, _with((english and code.name_en) or code.name, code.code)) for code in codes]


def _with(name: str, code: str) -> str:
    return gettext("%(name)s（%(code)s）") % {"name": name, "code": code}
