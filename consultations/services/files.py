"""The files of a case, opened as they are given; never as a whole in memory, never on a disk."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import Http404

from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from intake.models import Blob
from intake.padding import padded_size
from vault import blobs
from vault.streams import open_range

from ..models.cases import CaseFile
from .opening import TARGET, Attached


def open_attached(*, actor: Actor, file: CaseFile, attached: Attached) -> Iterator[bytes]:
    """The plain bytes. Raises Http404 where the file is not this case's or is gone; Unreadable."""
    if not Blob.objects.filter(name=attached.blob, case=file.pk).exists():
        raise Http404
    try:
        stored = blobs.open_blob(attached.blob)
    except FileNotFoundError:
        raise Http404 from None
    plain = open_range(
        stored, key=attached.key, binding=blobs.binding(attached.blob), size=padded_size(attached.size),
        stop=attached.size,
    )  # fmt: skip
    record(
        actor=actor, act=Act.CONSULTATION_FILE, target_type=TARGET, target_id=file.pk,
        detail={"cleaned": attached.cleaned, "size": attached.size},
    )  # fmt: skip
    return plain
