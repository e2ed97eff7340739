"""Shares of an officer's key among the holders: any two of them restore it, one alone opens nothing."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import transaction

from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from vault import shares
from vault.binding import bind
from vault.hybrid import PublicKey

from ...custody import UnlockedKey
from ...models.custody import EscrowHolder, EscrowShare, OfficerKey
from .acting import KEY, me

NEEDED = 2
RECOMMENDED = 3


def share_place(key_id: UUID, holder: UUID, split: UUID) -> bytes:
    return bind("desk key share", key_id, holder, split)


def holders_for(person: UUID) -> list[tuple[EscrowHolder, OfficerKey]]:
    """Whoever may hold a share of this person's key: the holders who have a key of their own, never the person."""
    holders = list(EscrowHolder.objects.in_force().exclude(person=person).order_by("since", "id"))
    keys = OfficerKey.objects.filter(person__in=[one.person_id for one in holders], retired__isnull=True)
    by_person = {key.person_id: key for key in keys}
    return [(one, by_person[one.person_id]) for one in holders if one.person_id in by_person]


def stale(person: UUID, key_id: UUID) -> bool:
    """Whether the shares lie elsewhere than they should: holders came or went, or have another key."""
    wanted = {(holder.pk, key.pk) for holder, key in holders_for(person)}
    wanted = wanted if len(wanted) >= NEEDED else set()
    held = EscrowShare.objects.filter(key=key_id).values_list("holder", "holder_key")
    return set(held) != wanted


@transaction.atomic
def divide(*, actor: Actor, unlocked: UnlockedKey) -> int:
    """Divide one's key anew among the holders there are, and say how many. Below two nobody gets a share.

    Shares of before do not fit those of now.
    """
    person = me(actor)
    held = EscrowShare.objects.filter(key=unlocked.key_id)
    had = held.delete()[0]
    holders = holders_for(person)
    if len(holders) < NEEDED:
        if had:
            _note(actor, unlocked, 0)
        return 0
    split = uuid4()
    for (holder, key), share in zip(holders, shares.split(unlocked.private.seed, len(holders)), strict=True):
        place = share_place(unlocked.key_id, holder.pk, split)
        sealed = PublicKey.from_bytes(bytes(key.public)).seal(share, info=place)
        made = EscrowShare(key_id=unlocked.key_id, holder=holder, holder_key=key, split=split, sealed=sealed)
        made.save(force_insert=True)
    _note(actor, unlocked, len(holders))
    return len(holders)


def _note(actor: Actor, unlocked: UnlockedKey, number: int) -> None:
    detail = {"count": number}
    record(actor=actor, act=Act.DESK_KEY_ESCROW, target_type=KEY, target_id=unlocked.key_id, detail=detail)
