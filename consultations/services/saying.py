"""What the office says in a case: to the sender, or to itself. Each is one sealed entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from clearance.clock import today
from intake.consents import Consent
from intake.models import Case, Entry
from intake.sealing import seal_entry

from ..custody import UnlockedKey
from ..models.cases import CaseFile
from . import consents
from .opening import TARGET, Said, keys_of

SPOKEN = {
    Entry.Kind.ANSWER: Act.CONSULTATION_ANSWER,
    Entry.Kind.QUESTION: Act.CONSULTATION_ASK,
    Entry.Kind.ASK_CONSENT: Act.CONSULTATION_ASK_CONSENT,
    Entry.Kind.NOTE: Act.CONSULTATION_NOTE,
}


@transaction.atomic
def say(*, actor: Actor, unlocked: UnlockedKey, file: CaseFile, kind: Entry.Kind, text: str) -> Entry:
    """Answer, ask or note.

    Raises ValidationError where the sender has deleted their mailbox and would never read it; Unreadable for whoever
    has no envelope of the case.
    """
    entry = put(unlocked, file, kind, {"text": text})
    record(actor=actor, act=SPOKEN[kind], target_type=TARGET, target_id=file.pk)
    return entry


@transaction.atomic
def ask_consent(
    *, actor: Actor, unlocked: UnlockedKey, file: CaseFile, wanted: Consent, text: str, language: str
) -> Entry:
    """Ask the sender whether what they told may be used further, in their language. Raises as `say` does."""
    asked = consents.request(text, wanted, language)
    entry = put(unlocked, file, Entry.Kind.ASK_CONSENT, {"text": asked, "consent": wanted.value})
    record(
        actor=actor, act=Act.CONSULTATION_ASK_CONSENT, target_type=TARGET, target_id=file.pk,
        detail={"consent": wanted.value},
    )  # fmt: skip
    return entry


@transaction.atomic
def redact(*, actor: Actor, unlocked: UnlockedKey, file: CaseFile, said: Said, text: str) -> Entry:
    """A copy of an entry without what could give the sender away: findings and hand-overs use it in the entry's place.
    The original stays as it was said. Raises Unreadable."""
    content = {"text": text, "what": "redaction", "of": str(said.entry.pk)}
    entry = put(unlocked, file, Entry.Kind.NOTE, content)
    record(actor=actor, act=Act.CONSULTATION_REDACT, target_type=TARGET, target_id=file.pk)
    return entry


def note_recusal(*, unlocked: UnlockedKey, file: CaseFile, who: Person, reason: str) -> None:
    """Why somebody reads the case no more, for those who still do. Whoever takes them out notes the act itself."""
    put(unlocked, file, Entry.Kind.NOTE, {"text": reason, "what": "recusal", "who": str(who.pk)})


def put(unlocked: UnlockedKey, file: CaseFile, kind: Entry.Kind, content: Mapping[str, Any]) -> Entry:
    """The next entry of a case, under the keys the case has once nobody else changes them. Within a transaction."""
    case = locked(file.pk)
    shared = kind != Entry.Kind.NOTE
    if shared and case.forgotten_on:
        raise ValidationError(
            _("相談者は相談箱を削除しました。もう返事は届きません。記録は内部メモに残してください。"),
            code="forgotten",
        )
    keys = keys_of(unlocked, case)
    last = Entry.objects.filter(case=case).aggregate(last=Max("place"))["last"]
    key = uuid4()
    entry = Entry(
        id=key, case=case, place=0 if last is None else last + 1, kind=kind, day=today(), by_sender=False,
        shared=shared, sealed=seal_entry(keys, case_id=case.pk, entry_id=key, kind=kind, content=content),
    )  # fmt: skip
    entry.save(force_insert=True)
    if shared and case.stage != Case.Stage.READ:
        Case.objects.filter(pk=case.pk).update(stage=Case.Stage.READ)
    return entry


def locked(case: UUID) -> Case:
    """The case, until the transaction ends: what comes from the sender meanwhile waits, as does a change of keys."""
    return Case.objects.select_for_update().get(pk=case)
