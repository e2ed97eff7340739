"""The form of a concern: read the same way when it is typed, when it is repeated, and when it is sent."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from intake import draft
from intake.consents import Consent
from intake.directory import Office
from intake.themes import QUESTIONS, THEMES

MOST_TEXT = 8000
MOST_ANSWER = 1000
NONCE_LENGTH = len(draft.begun())


@dataclass(frozen=True)
class Fault:
    """A line of the summary: what is wrong, and where."""

    target: str
    label: Any
    message: str


class Text(forms.CharField):
    """Several lines, counted as they are read: a browser sends two characters for the end of each."""

    widget = forms.Textarea

    def __init__(self, *, most: int, **more: Any) -> None:
        super().__init__(**more)
        self.most = most

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > self.most:
            message = ngettext_lazy(
                "%(most)s文字までです。%(over)s文字へらしてください。",
                "%(most)s文字までです。%(over)s文字へらしてください。",
                "over",
            )
            over = len(value) - self.most
            raise ValidationError(message, params={"most": f"{self.most:,}", "over": over})


class WithFiles(forms.Form):
    """`kept` are the files that wait already; `refused` says why others do not."""

    begun = forms.CharField(required=False)
    attached = forms.CharField(label=_("写真やファイル"), required=False, disabled=True)

    def __init__(
        self, data: MultiValueDict[str, Any] | None = None, *, kept: Sequence[draft.File] = (),
        refused: Iterable[str] = (), **more: Any,
    ) -> None:  # fmt: skip
        super().__init__(data, **more)
        self.chosen = list({file.code or file.packed: file for file in kept}.values())  # one twice would be sent twice
        self.refused = list(refused)
        self.kept = [file for file in self.chosen if file.pending]

    def clean_begun(self) -> str:
        """The number of the form this was typed into; a new one for what was typed into none of ours."""
        given: str = self.cleaned_data["begun"]
        return given if len(given) == NONCE_LENGTH and given.isascii() else draft.begun()

    def clean_attached(self) -> None:
        for message in self.refused:
            self.add_error("attached", message)
        if len(self.kept) < len(self.chosen):
            self.add_error("attached", _("時間がたったため、消えたファイルがあります。もう一度選んでください。"))
        if len(self.kept) > settings.INTAKE_FILES:
            self.add_error("attached", _("ファイルは5つまでです。多い分を「やめる」にしてください。"))

    @property
    def digests(self) -> list[str]:
        """Of what was chosen, not of where it waits, which changes each time a page is loaded."""
        return [file.digest for file in self.chosen]

    @abstractmethod
    def content(self) -> dict[str, Any]:
        """What was typed, as `packed` keeps it."""

    @property
    def packed(self) -> str:
        """The whole form in one field."""
        kept = [file.packed for file in self.chosen]
        return draft.pack({**self.content(), "begun": self.cleaned_data["begun"], "kept": kept})

    @property
    def entropy(self) -> bytes:
        return draft.entropy(self.cleaned_data["begun"], {**self.content(), "files": self.digests})

    def faults(self) -> list[Fault]:
        places = ["theme", "text", *map(answer, QUESTIONS), "attached", "exclude"]  # from the top of the page
        target = {"theme": f"theme-{THEMES[0].code}", "attached": "files"}
        return [
            Fault(target.get(name, name), self.fields[name].label, str(message))
            for name, messages in sorted(self.errors.items(), key=lambda each: [*places, each[0]].index(each[0]))
            for message in messages
        ]


class ReplyForm(WithFiles):
    """Something more that a sender says."""

    text = Text(label=_("続きを書く"), most=MOST_TEXT, required=False)

    def clean(self) -> None:
        if not self.errors and not self.cleaned_data["text"] and not self.chosen:
            self.add_error("text", _("文章を書くか、ファイルを選んでください。"))

    def content(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["text"]}

    @property
    def token(self) -> str:
        """What names the entry: the same content of the same form is one entry."""
        return self.entropy.hex()


class ConcernForm(WithFiles):
    """What somebody wants to say. `offices` are the desks that may read it."""

    theme = forms.ChoiceField(
        label=_("何についての相談ですか"),
        choices=[(theme.code, theme.label) for theme in THEMES],
        error_messages={
            "required": _("近いものを一つ選んでください。どれでもなければ「ほかのこと」を選んでください。")
        },
    )
    text = Text(
        label=_("相談したいこと"),
        most=MOST_TEXT,
        error_messages={"required": _("相談したいことを書いてください。一言でもかまいません。")},
    )
    exclude = forms.MultipleChoiceField(label=_("読ませたくない窓口"), required=False)
    urgent = forms.BooleanField(label=_("急ぎですか"), required=False)
    consent = forms.ChoiceField(
        label=_("どこまで使ってよいですか"),
        choices=[(consent.value, consent.label) for consent in Consent],
        required=False,
        initial=Consent.LISTEN.value,
    )

    def __init__(
        self, data: MultiValueDict[str, Any] | None = None, *, offices: Sequence[Office], **more: Any
    ) -> None:  # fmt: skip
        super().__init__(data, **more)
        self.offices = offices
        choices: Any = [(str(office.id), office.name) for office in offices]
        self.fields["exclude"].choices = choices  # type: ignore[attr-defined] # of a choice field
        for question in QUESTIONS.values():
            self.fields[answer(question.code)] = Text(label=question.label, most=MOST_ANSWER, required=False)

    def clean_consent(self) -> str:
        return self.cleaned_data["consent"] or Consent.LISTEN.value

    def clean_exclude(self) -> list[str]:
        excluded: list[str] = self.cleaned_data["exclude"]
        barred = {key for office in self.offices if str(office.id) in excluded for key in office.readers}
        open_to = {key for office in self.offices if str(office.id) not in excluded for key in office.readers} - barred
        if len(excluded) == len(self.offices) and excluded:
            raise ValidationError(_("これでは、だれも読めません。どれか一つの窓口は、しるしを外してください。"))
        if excluded and not open_to:
            raise ValidationError(
                _(
                    "残りの窓口の担当者は、外した窓口も受け持っているため、読める人がいません。"
                    "ほかの窓口のしるしを外すか、何日かあとに、もう一度来てください。"
                )
            )
        return sorted(excluded)

    def clean(self) -> None:
        """All that was typed is as long as the text alone may be: then the preview still is of the one size."""
        over = sum(len(self.cleaned_data.get(name) or "") for name in ["text", *map(answer, QUESTIONS)]) - MOST_TEXT
        if over > 0 and not self.errors:
            message = ngettext(
                "質問への答えと合わせて、%(most)s文字までです。%(over)s文字へらしてください。",
                "質問への答えと合わせて、%(most)s文字までです。%(over)s文字へらしてください。",
                over,
            )
            self.add_error("text", message % {"most": f"{MOST_TEXT:,}", "over": over})

    @property
    def answers(self) -> dict[str, str]:
        given = {code: self.cleaned_data[answer(code)] for code in QUESTIONS}
        return {code: text for code, text in given.items() if text}

    @property
    def excluded(self) -> list[UUID]:
        return [UUID(each) for each in self.cleaned_data["exclude"]]

    def content(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {
            "theme": said["theme"],
            "text": said["text"],
            "answers": self.answers,
            "exclude": said["exclude"],
            "urgent": said["urgent"],
            "consent": said["consent"],
        }


def answer(code: str) -> str:
    """The name of a question's field."""
    return f"answer-{code}"


def unpacked(packed: str) -> tuple[MultiValueDict[str, Any], list[draft.File]]:
    """A packed form of a concern as the form takes it, and its files. Raises `draft.Mangled`."""

    def fields(said: dict[str, Any]) -> dict[str, list[Any]]:
        return {
            "theme": [said["theme"]],
            "text": [said["text"]],
            "exclude": list(said["exclude"]),
            "urgent": ["on"] if said["urgent"] else [],
            "consent": [said["consent"]],
            **{answer(code): [text] for code, text in dict(said["answers"]).items()},
        }

    return _unpacked(packed, fields)


def unpacked_reply(packed: str) -> tuple[MultiValueDict[str, Any], list[draft.File]]:
    """The same of a reply."""
    return _unpacked(packed, lambda said: {"text": [said["text"]]})


def _unpacked(
    packed: str, fields: Callable[[dict[str, Any]], dict[str, list[Any]]]
) -> tuple[MultiValueDict[str, Any], list[draft.File]]:
    said = draft.unpack(packed)
    try:
        data = MultiValueDict({"begun": [said["begun"]], **fields(said)})
        kept = list(said["kept"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise draft.Mangled from None
    if not all(isinstance(each, str) for each in [*kept, *(value for values in data.lists() for value in values[1])]):
        raise draft.Mangled
    return data, [draft.File.unpacked(each) for each in kept]
