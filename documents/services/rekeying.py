"""A new key for one document, whose old one somebody may have kept; its marking stays."""

from __future__ import annotations

from uuid import UUID

from audit.acts import Act
from clearance.context import acting
from clearance.noting import note
from vault.fields import sealed_fields

from ..models import Document, Work
from .receiving import ask_worker
from .relabelling import sealed_rows


def new_key(document: UUID) -> int:
    """
    Take a new item key for the document and seal its fields under it, all in one transaction; the worker then puts its
    files under new keys. Returns how many versions that are. Raises `Document.DoesNotExist`, `Unreadable`.
    """
    with acting(items=[document]):
        found = Document.objects.get(pk=document)
    with acting(reaching=[found]) as actor:
        held = Document.objects.select_for_update().get(pk=document)
        rows = sealed_rows(held)
        held.new_key(rows)
        held.save(update_fields=["title"])
        for row in rows:
            row.save(update_fields=[field.attname for field in sealed_fields(row)])
        versions = list(held.versions.all())
        for version in versions:
            ask_worker(version, Work.RESEAL)
        note(actor, Act.KEY_ROTATE, held, layer="document")
    return len(versions)
