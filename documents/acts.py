"""Records in the audit log what happens to a document: its id, marking and level, never its title."""

from __future__ import annotations

from audit.acts import Act
from audit.services import Actor, Scalar, record

from .models import Document


def note(actor: Actor, act: Act, document: Document, **detail: Scalar) -> None:
    """One event about one document, in the transaction at hand."""
    record(
        actor=actor,
        act=act,
        target_type="documents.document",
        target_id=document.pk,
        label=document.seal_label.text,
        level=document.level,
        detail=detail,
    )
