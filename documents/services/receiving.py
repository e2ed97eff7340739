"""Handing over: a document with its first file, and further versions of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import enqueue
from audit.acts import Act
from clearance import choosing
from clearance.access import REGISTER_FROM, Actor
from clearance.models import Circle, Marking
from clearance.noting import note
from clearance.services.grants import first
from vault.uploads import SealedUpload

from .. import rules
from ..models import Document, Processing, StoredBlob, Version, Work
from ..models.versions import NAME_MOST
from ..sniffing import by_head


@dataclass(frozen=True)
class RecordData:
    """行政文書ファイル名・保存期間・満了時の措置."""

    file: str = ""
    retention: str = ""
    disposal: str = ""


@transaction.atomic
def receive(
    *,
    actor: Actor,
    circle: int,
    marking: Marking,
    title: str,
    upload: SealedUpload,
    originator: UUID | None = None,
    expires_at: datetime | None = None,
    record: RecordData | None = None,
) -> Document:
    """Take over a document for a circle. It is the actor's organisation's information, unless `originator` says whose.

    Raises Denied for whoever may not write there; ValidationError, by the form's fields, for a marking above a ceiling
    and a file that was refused. When it raises, the caller discards the upload.
    """
    _refuse_unfit(upload)
    _refuse_marking(actor, circle, marking)
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": _("閲覧期限には、これから先の日付を入力してください。")})
    kept = record or RecordData()
    document = Document(
        circle_id=circle, marking=marking, title=title, expires_at=expires_at,
        originator_id=originator or rules.organisation(actor), handed_over_by_id=rules.person(actor),
        kind=by_head(upload.name or "", upload.head).kind,
        record_file=kept.file, record_retention=kept.retention, record_disposal=kept.disposal,
    )  # fmt: skip
    if document.level >= REGISTER_FROM:
        actor = first(actor=actor, item=document)
    rules.insist(rules.to_hand_over(actor, document))
    if kept != RecordData():
        rules.insist(rules.to_record(actor, document))
    document.save(force_insert=True)
    note(actor, Act.DOCUMENT_RECEIVE, document, size=upload.size)
    _store(actor, document, 1, upload, "")
    return document


@transaction.atomic
def add_version(*, actor: Actor, document: Document, upload: SealedUpload, change: str = "") -> Version:
    """Hand over a newer file of a document; readers get the newest that is ready. Raises as `receive` does."""
    _refuse_unfit(upload)
    rules.insist(rules.to_add_version(actor, document))
    held = Document.objects.select_for_update().get(pk=document.pk)
    newest = held.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = _store(actor, held, newest + 1, upload, change)
    held.kind = version.kind
    held.save(update_fields=["kind"])
    note(actor, Act.DOCUMENT_VERSION, held, version=version.number, size=upload.size)
    return version


def clean_name(name: str) -> str:
    """The last part of a file name, without anything that could steer a path or a header; at most 255 characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    last = "".join(c for c in last if c.isprintable() or c == "\u3000").strip(" .")
    if not last:
        return "file"
    stem, dot, ending = last.rpartition(".")
    return last if len(last) <= NAME_MOST else f"{(stem or ending)[: NAME_MOST - 20]}{dot}{ending[:19]}"


def _store(actor: Actor, document: Document, number: int, upload: SealedUpload, change: str) -> Version:
    name = clean_name(upload.name or "")
    found = by_head(name, upload.head)
    version = Version(
        document=document, number=number, file_name=name, change=change, kind=found.kind,
        media_type=found.media_type, encoding=found.encoding, size=upload.size, digest=upload.sha256,
        file_key=upload.key, blob_id=upload.blob_name, received_by_id=rules.person(actor),
    )  # fmt: skip
    StoredBlob(name=upload.blob_name).save(force_insert=True)
    version.save(force_insert=True)
    ask_worker(version, Work.CHECK)
    return version


def ask_worker(version: Version, work: Work) -> None:
    """Put work into the queue; the broker is told once it is committed, and missed by nobody when it is away."""
    # Due by the database's clock, as everything in the queue.
    Processing(version=version, document_id=version.document_id, work=work, due_at=Now()).save(force_insert=True)
    from .. import tasks  # tasks stand above services; what is enqueued is only an id

    enqueue.on_commit(tasks.process, str(version.pk))


def _refuse_unfit(upload: SealedUpload) -> None:
    if upload.refusal:
        raise ValidationError({"file": upload.refusal})
    if not upload.size:
        raise ValidationError({"file": _("空のファイルです。中身のあるファイルを選んでください。")})


def _refuse_marking(actor: Actor, circle: int, marking: Marking) -> None:
    """In words for the writer, where they may write at all; the access decision says the rest."""
    if circle not in actor.reach.writers:
        return
    try:
        choosing.refuse(actor=actor, circle=Circle.objects.select_related("ceiling").get(pk=circle), marking=marking)
    except ValidationError as refused:
        raise ValidationError({"marking": refused.error_list}) from refused
