"""What becomes of a case: looked at, classed, given to somebody, settled, taken into the record."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from accounts.services import NotAllowed
from audit.acts import Act
from audit.services import Scalar, record
from clearance.access import Actor
from clearance.clock import today
from documents.services.receiving import RecordData
from intake.models import Case, Entry

from ..custody import UnlockedKey
from ..models.cases import CaseFile, Classed, Outcome
from ..queries import readers
from .opening import TARGET
from .saying import locked, put

WARNED_BEFORE = timedelta(days=30)


@transaction.atomic
def triage(*, actor: Actor, unlocked: UnlockedKey, file: CaseFile, pace: str, mine: bool = False) -> None:
    """Somebody has looked at it, and decided whether it can wait; the readers find that among the notes. With `mine`
    they take it on themselves. A second time changes nothing. Raises Unreadable."""
    held = _held(file)
    if held.triaged_on is None:
        put(unlocked, held, Entry.Kind.NOTE, {"what": "triage", "pace": pace})
        _change(held, triaged_on=today(), triaged_by_id=me(actor), **({"assignee_id": me(actor)} if mine else {}))
        _note(actor, Act.CONSULTATION_TRIAGE, held, pace=pace)
        if mine:
            _note(actor, Act.CONSULTATION_ASSIGN, held, to=str(me(actor)))


@transaction.atomic
def classify(*, actor: Actor, file: CaseFile, classed: Classed) -> None:
    """Class a case in law. Raises ValidationError for one that was taken into the record as another."""
    held = _held(file)
    if held.classed != classed:
        _change(held, classed=classed)
        _note(actor, Act.CONSULTATION_CLASS, held, classed=classed.value)


@transaction.atomic
def assign(*, actor: Actor, file: CaseFile, to: Person | None) -> None:
    """Give a case to one of its readers, or to nobody. Raises ValidationError for anybody else."""
    held = _held(file)
    _refuse_stranger(held, to)
    _change(held, assignee_id=to.pk if to else None)
    _note(actor, Act.CONSULTATION_ASSIGN, held, to=str(to.pk) if to else None)


@transaction.atomic
def hand_over(*, actor: Actor, unlocked: UnlockedKey, file: CaseFile, to: Person, text: str) -> None:
    """Give a case to another of its readers, with what they need to know. Raises as `assign` and `put` do."""
    held = _held(file)
    _refuse_stranger(held, to)
    put(unlocked, held, Entry.Kind.NOTE, {"text": text, "what": "handover", "to": str(to.pk)})
    _change(held, assignee_id=to.pk)
    _note(actor, Act.CONSULTATION_HAND_OVER, held, to=str(to.pk))


@transaction.atomic
def close(*, actor: Actor, unlocked: UnlockedKey, file: CaseFile, outcome: Outcome, text: str) -> None:
    """Tell the sender the result, and close. Where their mailbox is gone, the result is noted for the office alone.

    Raises ValidationError for what is closed already.
    """
    held = _held(file)
    _refuse_closed(held)
    case = locked(held.pk)
    kind = Entry.Kind.NOTE if case.forgotten_on else Entry.Kind.ANSWER
    put(unlocked, held, kind, {"text": text, "what": "result"})
    _close(actor, held, outcome)
    Case.objects.filter(pk=held.pk).update(stage=Case.Stage.CLOSED)
    _note(actor, Act.CONSULTATION_CLOSE, held, outcome=outcome.value)


@transaction.atomic
def reopen(*, actor: Actor, file: CaseFile) -> None:
    """Take a closed case up again; what was merged is a case of its own again."""
    held = _held(file)
    _change(held, closed_on=None, closed_by_id=None, closed_place=None, outcome="", merged_into_id=None)
    Case.objects.filter(pk=held.pk).update(stage=Case.Stage.READ)
    _note(actor, Act.CONSULTATION_REOPEN, held)


@transaction.atomic
def merge(*, actor: Actor, unlocked: UnlockedKey, file: CaseFile, into: CaseFile) -> None:
    """Go on with two cases of one matter as one. Each sender keeps a mailbox; both cases say where the other is.

    Raises ValidationError for a case and itself, and for one that was merged into another.
    """
    held, other = _two(file, into)
    _refuse_closed(held)
    if other.merged_into_id:
        raise ValidationError({"case": _("この事案は、すでにほかの事案に統合されています。")}, code="merged")
    put(unlocked, held, Entry.Kind.NOTE, {"what": "merged", "into": str(other.pk)})
    put(unlocked, other, Entry.Kind.NOTE, {"what": "merged", "from": str(held.pk)})
    _close(actor, held, Outcome.MERGED, merged_into_id=other.pk)
    _note(actor, Act.CONSULTATION_MERGE, held, into=str(other.pk))


@transaction.atomic
def mark_repeat(*, actor: Actor, file: CaseFile, of: CaseFile | None) -> None:
    """Say that this is about what an earlier case was about; with None, that it is not. Raises as `merge` does."""
    held = _held(file)
    if of is not None and of.pk == held.pk:
        raise ValidationError({"case": _("同じ事案は指定できません。別の事案の番号を入力してください。")}, code="same")
    _change(held, repeat_of_id=of.pk if of else None)
    _note(actor, Act.CONSULTATION_REPEAT, held, of=str(of.pk) if of else None)


@transaction.atomic
def take_up(*, actor: Actor, unlocked: UnlockedKey, file: CaseFile, data: RecordData) -> None:
    """Take a case into the office's record (行政文書): it is not destroyed at its date any more.

    Raises ValidationError unless all three of the record data are given.
    """
    if not (data.file and data.retention and data.disposal):
        raise ValidationError(_("行政文書ファイル名・保存期間・満了時の措置をすべて入力してください。"))
    held = _held(file)
    put(unlocked, held, Entry.Kind.NOTE, {"what": "record", "file": data.file})
    _change(
        held, taken_up_on=held.taken_up_on or today(), taken_up_by_id=me(actor), record_retention=data.retention,
        record_disposal=data.disposal, destroy_on=None, destroy_asked_on=None, warned_first_on=None,
        warned_last_on=None, consent_reference="", consent_by_id=None, consent_on=None,
    )  # fmt: skip
    _note(actor, Act.CONSULTATION_TAKE_UP, held, retention=data.retention, disposal=data.disposal)


@transaction.atomic
def ask_destruction(*, actor: Actor, file: CaseFile) -> date:
    """Have a case destroyed before its date: at the earliest once it has been warned of, and with a recorded consent.

    Raises ValidationError for what was taken into the record.
    """
    held = _held(file)
    if held.taken_up_on:
        raise ValidationError(
            _("行政文書として登録した事案は、ここからは廃棄できません。保存期間の満了時の措置に従います。"),
            code="taken_up",
        )
    on = today() + WARNED_BEFORE
    if held.destroy_on is None or on < held.destroy_on:
        _change(held, destroy_on=on)
    _change(held, destroy_asked_on=today())
    _note(actor, Act.CONSULTATION_DESTROY_ASK, held)
    return held.destroy_on or on


def me(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise NotAllowed
    return actor.person_id


def _held(file: CaseFile) -> CaseFile:
    """The row, until the transaction ends. NotAllowed where the present person reads the case no more."""
    held = CaseFile.objects.select_for_update().filter(pk=file.pk).first()
    if held is None:
        raise NotAllowed
    return held


def _two(first: CaseFile, second: CaseFile) -> tuple[CaseFile, CaseFile]:
    """Both rows, locked in one order whoever asks: two merges of the same two cases wait for each other."""
    if first.pk == second.pk:
        raise ValidationError({"case": _("同じ事案は指定できません。別の事案の番号を入力してください。")}, code="same")
    held = {file.pk: _held(file) for file in sorted((first, second), key=lambda file: file.pk)}
    return held[first.pk], held[second.pk]


def _change(held: CaseFile, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(held, name, value)
    held.save(update_fields=[name.removesuffix("_id") for name in fields])


def _close(actor: Actor, held: CaseFile, outcome: Outcome, **more: Any) -> None:
    last = Entry.objects.filter(case=held.pk, shared=True).order_by("-place").values_list("place", flat=True).first()
    _change(held, closed_on=today(), closed_by_id=me(actor), closed_place=last or 0, outcome=outcome, **more)


def _refuse_closed(held: CaseFile) -> None:
    last = Entry.objects.filter(case=held.pk, shared=True).order_by("-place").values_list("place", flat=True).first()
    if held.closed_on and (last or 0) <= (held.closed_place or 0):
        raise ValidationError(_("この事案は、すでに対応を終えています。再開してから操作してください。"), code="closed")


def _refuse_stranger(held: CaseFile, to: Person | None) -> None:
    if to is not None and to.pk not in {person.pk for person in readers.of(held.case)}:
        raise ValidationError({"to": _("この事案を読める担当者から選んでください。")}, code="stranger")


def _note(actor: Actor, act: Act, held: CaseFile, **detail: Scalar) -> None:
    record(actor=actor, act=act, target_type=TARGET, target_id=held.pk, detail=detail)
