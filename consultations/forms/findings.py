"""What an officer writes of several cases together, and where it goes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.sectors import Region, Sector
from clearance.choosing import Choice
from clearance.models import Marking
from dialogues.models import Room

from ..findings.releasing import DOCUMENT, MESSAGE
from ..findings.sealing import Draft

TITLE_MOST, TEXT_MOST = 80, 8000
Choices = list[tuple[Any, Any]]


def offer(form: forms.Form, name: str, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class FindingForm(forms.Form):
    """The text, with coarse facts alone; and who could be meant at all, which the rule weighs."""

    title = forms.CharField(label=_("題名"), max_length=TITLE_MOST)
    text = forms.CharField(
        label=_("本文"), max_length=TEXT_MOST, widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("どの相談も述べていることだけを、自分の言葉で書いてください。相談者の文章をそのまま写さず、社名、部品番号、日付、場所、人数は書かないでください。"),
    )  # fmt: skip
    industry = forms.ChoiceField(label=_("業種"), required=False, choices=[("", _("示さない")), *Sector.choices])
    region = forms.ChoiceField(label=_("地域"), required=False, choices=[("", _("示さない")), *Region.choices])
    firms = forms.IntegerField(
        label=_("当てはまりうる企業の数"), required=False, min_value=0,
        help_text=_("この部素材を作る企業が何社あるかなど、外から分かる範囲で入力してください。少ないと、だれのことか分かってしまいます。"),
    )  # fmt: skip
    people = forms.IntegerField(label=_("当てはまりうる人の数"), required=False, min_value=0)

    @property
    def draft(self) -> Draft:
        given = self.cleaned_data
        return Draft(
            title=given["title"], text=given["text"], industry=given["industry"], region=given["region"],
            firms=given["firms"], people=given["people"],
        )  # fmt: skip


class DraftForm(FindingForm):
    """With the cases it is drawn from."""

    cases = forms.TypedMultipleChoiceField(
        label=_("もとになる事案"), coerce=UUID, widget=forms.CheckboxSelectMultiple,
        help_text=_("使ってよいと相談者が答えた相談だけを表示しています（新しいものから200件まで）。「聞くだけにしてほしい」の相談を使いたいときは、その事案の画面の「使ってよい範囲の同意を求める」から、先に同意を求めてください。"),
    )  # fmt: skip
    field_order = ["cases", "title", "text", "industry", "region", "firms", "people"]

    def __init__(self, *args: Any, cases: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "cases", cases)


class AskSenderForm(forms.Form):
    """What the sender is told before the text itself."""

    text = forms.CharField(
        label=_("相談者への説明"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("何のために、どこへ出すのかを書いてください。知見の本文が、この後にそのまま付きます。"),
    )  # fmt: skip


class ApproveForm(forms.Form):
    """That one has read it, in this revision."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    confirmed = forms.BooleanField(label=_("本文と注意を読み、相談者が分からないことを確認しました"))


class RoomForm(forms.Form):
    """Into which room."""

    room = forms.TypedChoiceField(label=_("公開する対話の場"), coerce=UUID)
    way = forms.ChoiceField(
        label=_("公開のしかた"), widget=forms.RadioSelect, initial=MESSAGE,
        choices=[(MESSAGE, _("話題として投稿する")), (DOCUMENT, _("文書として登録する"))],
    )  # fmt: skip

    def __init__(self, *args: Any, rooms: list[Room], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rooms = {room.pk: room for room in rooms}
        offer(self, "room", [(room.pk, room.name) for room in rooms])


class ReleaseForm(RoomForm):
    """The same with a marking that the room offers."""

    marking = forms.TypedChoiceField(label=_("格付・取扱制限"), coerce=UUID, widget=forms.RadioSelect)
    confirmed = forms.BooleanField(label=_("注意を読み、公開してよいことを確認しました"))

    def __init__(self, *args: Any, choices: list[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.markings: dict[UUID, Marking] = {choice.marking.pk: choice.marking for choice in choices}
        offer(self, "marking", [(choice.marking.pk, f"{choice.label} {choice.text}") for choice in choices])
