"""The record data of a public document (行政文書): in which file it is kept, how long, and what becomes of it then."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.acts import Act
from clearance.access import Actor
from clearance.noting import note

from .. import rules
from ..models import Document
from .receiving import RecordData


@transaction.atomic
def enter_in_records(*, actor: Actor, document: Document, record: RecordData) -> Document:
    """Write a document's record data. Raises Denied for whoever is no official of the circle, ValidationError."""
    rules.insist(rules.to_record(actor, document))
    if not (record.file and record.retention and record.disposal):
        raise ValidationError(_("行政文書ファイル名・保存期間・満了時の措置をすべて入力してください。"))
    held = Document.objects.select_for_update().get(pk=document.pk)
    held.record_file, held.record_retention, held.record_disposal = record.file, record.retention, record.disposal
    held.save(update_fields=["record_file", "record_retention", "record_disposal"])
    note(actor, Act.DOCUMENT_RECORD, held, retention=record.retention, disposal=record.disposal)
    return held
