"""Opening a case with the officer's own key: what was said in it, what the office noted, which files came with it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from intake.agreement import agreed
from intake.consents import Consent
from intake.former import open_any
from intake.models import Case, Entry, Envelope
from intake.sealing import Header, Keys, open_as_reader, open_header
from intake.themes import BY_CODE, QUESTIONS
from vault import Unreadable

from ..custody import UnlockedKey
from ..models.cases import CaseFile
from . import consents

TARGET = "intake.case"


@dataclass(frozen=True)
class Attached:
    """A file of an entry, as its sealed entry tells of it. `cleaned`: whether what could give the sender away was
    removed from it; what could not be is opened on an officer's express wish."""

    number: int
    name: str
    kind: str
    size: int
    cleaned: bool
    blob: str
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Said:
    """One entry, opened."""

    entry: Entry
    content: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.content.get("text", ""))

    @property
    def what(self) -> str:
        """What a note of the office's is about: "" for a plain one."""
        return str(self.content.get("what", ""))

    @property
    def answers(self) -> list[tuple[str | Promise, str]]:
        """The guided questions that were answered."""
        given = self.content.get("answers") or {}
        return [(QUESTIONS[code].label if code in QUESTIONS else code, str(text)) for code, text in given.items()]

    @property
    def whole(self) -> str:
        """The text with the guided questions' answers, as one text."""
        return "\n\n".join([self.text, *(f"{label}\n{text}" for label, text in self.answers)]).strip()

    @cached_property
    def files(self) -> list[Attached]:
        return [_attached(number, file) for number, file in enumerate(self.content.get("files") or [])]

    @property
    def asked(self) -> Consent | None:
        """How far the office asked to use what was told."""
        return consent(self.content.get("consent"))

    @property
    def answer(self) -> str:
        """To a request for consent: "yes" or "no"."""
        return str(self.content.get("answer", ""))


@dataclass(frozen=True)
class Opened:
    """A case, opened. `keys` stay in memory alone."""

    file: CaseFile
    keys: Keys = field(repr=False)
    header: Header
    said: tuple[Said, ...]

    @property
    def theme(self) -> str:
        return theme_label(self.header)

    @property
    def shared(self) -> list[Said]:
        """What sender and office have told each other, in order."""
        return [one for one in self.said if one.entry.shared]

    @property
    def notes(self) -> list[Said]:
        return [one for one in self.said if not one.entry.shared]

    @property
    def consent(self) -> Consent:
        """How far it may be used: what the sender chose, or agreed to since, signed with their receipt."""
        return max([consent(self.header.consent) or Consent.LISTEN, *self._agreed])

    @property
    def meaning(self) -> str | Promise:
        """What that allows the office."""
        return consents.MEANINGS[self.consent]

    @property
    def _agreed(self) -> Iterator[Consent]:
        for one in self.said:
            wanted = one.asked
            asked = one.entry.kind == Entry.Kind.ASK_CONSENT and wanted and consents.says(wanted, one.text)
            if asked and wanted and self.agreed_to(one):
                yield wanted

    def agreed_to(self, question: Said) -> bool:
        """Whether the sender answered yes to this very question, word for word."""
        return any(
            agreed(
                answer.content, case_id=self.file.pk, question_id=question.entry.pk, question=question.text,
                public=bytes(self.file.case.consent_public),
            )
            for answer in self.said
            if answer.entry.kind == Entry.Kind.CONSENT and answer.entry.by_sender
        )  # fmt: skip

    @property
    def redactions(self) -> dict[str, Said]:
        """The last redacted copy of each entry that has one, by the entry's id."""
        return {str(one.content.get("of")): one for one in self.notes if one.what == "redaction"}

    @property
    def record_file(self) -> str:
        return next((str(one.content.get("file", "")) for one in reversed(self.notes) if one.what == "record"), "")

    def entry(self, key: UUID) -> Said | None:
        return next((one for one in self.said if one.entry.pk == key), None)


def theme_label(header: Header) -> str:
    theme = BY_CODE.get(header.theme)
    return str(theme.label) if theme else header.theme


def consent(value: object) -> Consent | None:
    try:
        return Consent(value)
    except ValueError:
        return None


def keys_of(unlocked: UnlockedKey, case: Case | UUID) -> Keys:
    """The keys of a case. Raises Unreadable for whoever has no envelope of it."""
    case_id = case.pk if isinstance(case, Case) else case
    return _keys(unlocked, case_id, _wrapped(unlocked, [case_id]))


def _wrapped(unlocked: UnlockedKey, cases: Iterable[UUID]) -> dict[UUID, bytes | memoryview]:
    return dict(Envelope.objects.filter(case__in=cases, key_id=unlocked.key_id).values_list("case_id", "wrapped"))


def _keys(unlocked: UnlockedKey, case: UUID, wrapped: Mapping[UUID, bytes | memoryview]) -> Keys:
    if case not in wrapped:
        raise Unreadable
    return open_as_reader(bytes(wrapped[case]), unlocked.private, case_id=case, key_id=unlocked.key_id)


def open_case(*, actor: Actor, unlocked: UnlockedKey, file: CaseFile, act: Act = Act.CONSULTATION_OPEN) -> Opened:
    """The whole case. The sender is told from then on that somebody has read it. Raises Unreadable."""
    opened = peek(unlocked, file)
    if file.case.stage == Case.Stage.NEW:
        Case.objects.filter(pk=file.pk, stage=Case.Stage.NEW).update(stage=Case.Stage.READ)
    record(actor=actor, act=act, target_type=TARGET, target_id=file.pk)
    return opened


def peek(unlocked: UnlockedKey, file: CaseFile) -> Opened:
    """The same for a service that notes what it does with it itself."""
    return peek_all(unlocked, [file])[0]


def peek_all(unlocked: UnlockedKey, files: Sequence[CaseFile]) -> list[Opened]:
    """The same of many cases in two questions. Raises Unreadable where one does not open."""
    wrapped = _wrapped(unlocked, [file.pk for file in files])
    entries: dict[UUID, list[Entry]] = {file.pk: [] for file in files}
    for entry in Entry.objects.filter(case__in=entries).order_by("case", "place"):
        entries[entry.case_id].append(entry)
    return [_opened(_keys(unlocked, file.pk, wrapped), file, entries[file.pk]) for file in files]


def _opened(keys: Keys, file: CaseFile, entries: Iterable[Entry]) -> Opened:
    header = open_header(keys, bytes(file.case.header), case_id=file.pk)
    return Opened(file, keys, header, tuple(Said(entry, _content(keys, header, entry)) for entry in entries))


def headers(unlocked: UnlockedKey | None, files: Iterable[CaseFile]) -> dict[UUID, Header]:
    """The headers of many cases in one question; nothing without a key, and none where one does not open."""
    if unlocked is None:
        return {}
    by_id = {file.pk: file for file in files}
    return dict(_headers(unlocked, by_id, _wrapped(unlocked, by_id)))


def _headers(
    unlocked: UnlockedKey, files: dict[UUID, CaseFile], wrapped: Mapping[UUID, bytes | memoryview]
) -> Iterator[tuple[UUID, Header]]:
    for case_id in wrapped:
        try:
            keys = _keys(unlocked, case_id, wrapped)
            yield case_id, open_header(keys, bytes(files[case_id].case.header), case_id=case_id)
        except Unreadable:  # one damaged case must not hide the others
            continue


def _content(keys: Keys, header: Header, entry: Entry) -> dict[str, Any]:
    return open_any(keys, header, bytes(entry.sealed), case_id=entry.case_id, entry_id=entry.pk, kind=entry.kind)


def _attached(number: int, file: dict[str, Any]) -> Attached:
    return Attached(
        number=number,
        name=str(file["name"]),
        kind=str(file["kind"]),
        size=int(file["size"]),
        cleaned=bool(file["cleaned"]),
        blob=str(file["blob"]),
        key=b64decode(file["key"]),
    )
