"""A finding's text, sealed under a key of its own, wrapped to each officer who may read all the cases behind it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from uuid import UUID

from intake.padding import pad, unpad
from vault import Unreadable
from vault.binding import bind
from vault.hybrid import PublicKey, new_key, open_small, seal_small

from ..custody import UnlockedKey
from ..models.custody import OfficerKey
from ..models.findings import Finding, FindingEnvelope


@dataclass(frozen=True)
class Draft:
    """What a finding says. `firms` and `people`: how many could be meant at all, as far as anybody outside knows."""

    title: str
    text: str
    industry: str = ""
    region: str = ""
    firms: int | None = None
    people: int | None = None


def seal(finding: Finding, draft: Draft, keys: Iterable[UUID]) -> list[FindingEnvelope]:
    """Seal the text anew, under a fresh key, to these officers' keys. Whoever is left out opens nothing of it."""
    key = new_key()
    plain = json.dumps(asdict(draft), ensure_ascii=False).encode()
    finding.sealed = seal_small(key, pad(plain), bind("finding", finding.pk))
    return [
        FindingEnvelope(
            finding=finding,
            key_id=each.pk,
            wrapped=PublicKey.from_bytes(bytes(each.public)).seal(key, info=bind("finding key", finding.pk, each.pk)),
        )
        for each in OfficerKey.objects.filter(pk__in=list(keys), retired__isnull=True).order_by("pk")
    ]


def open_draft(unlocked: UnlockedKey, finding: Finding) -> Draft:
    """Raises Unreadable."""
    rows = FindingEnvelope.objects.filter(finding=finding, key_id=unlocked.key_id)
    wrapped = rows.values_list("wrapped", flat=True).first()
    if wrapped is None:
        raise Unreadable
    key = unlocked.private.open(bytes(wrapped), info=bind("finding key", finding.pk, unlocked.key_id))
    try:
        said = json.loads(unpad(open_small(key, bytes(finding.sealed), bind("finding", finding.pk))))
        return Draft(**said)
    except (TypeError, ValueError):
        raise Unreadable from None
