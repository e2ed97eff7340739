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
    found = open_drafts(unlocked, [finding])
    if finding.pk not in found:
        raise Unreadable
    return found[finding.pk]


def open_drafts(unlocked: UnlockedKey, findings: Iterable[Finding]) -> dict[UUID, Draft]:
    """Many in one question; without those that do not open."""
    by_id = {finding.pk: finding for finding in findings}
    rows = FindingEnvelope.objects.filter(finding__in=by_id, key_id=unlocked.key_id)
    found = {}
    for key, wrapped in rows.values_list("finding_id", "wrapped"):
        try:
            found[key] = _opened(unlocked, by_id[key], bytes(wrapped))
        except Unreadable:  # since its author's key was replaced, say: it must not hide the others
            continue
    return found


def _opened(unlocked: UnlockedKey, finding: Finding, wrapped: bytes) -> Draft:
    key = unlocked.private.open(wrapped, info=bind("finding key", finding.pk, unlocked.key_id))
    try:
        said = json.loads(unpad(open_small(key, bytes(finding.sealed), bind("finding", finding.pk))))
        return Draft(**said)
    except (TypeError, ValueError):
        raise Unreadable from None
