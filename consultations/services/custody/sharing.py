"""Handing cases on to officers who joined after they came."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db import transaction

from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from intake.models import Case, Desk, Envelope, Reader
from intake.sealing import Keys, open_as_reader, open_header, wrap_for_reader
from vault import Unreadable
from vault.hybrid import PublicKey

from ...custody import UnlockedKey
from ...models.custody import Barred, DeskOfficer, OfficerKey
from .acting import CASE, me


@transaction.atomic
def share_missing(*, actor: Actor, unlocked: UnlockedKey, desk: Desk | None = None) -> int:
    """Seal the cases one reads to the officers of one's desks (of `desk`) who lack them; how many envelopes were made.

    Never to whoever belongs to a desk that the sender kept out, nor to whoever was taken out of the case.
    """
    made = 0
    for case, keys, reader in list(_missing(unlocked, me(actor), desk)):
        wrapped = wrap_for_reader(
            keys, PublicKey.from_bytes(bytes(reader.public)), case_id=case.pk, key_id=reader.key_id
        )  # fmt: skip
        Envelope(case=case, key_id=reader.key_id, generation=case.generation, wrapped=wrapped).save(force_insert=True)
        record(actor=actor, act=Act.DESK_KEY_SHARE, target_type=CASE, target_id=case.pk)
        made += 1
    return made


def newcomers(unlocked: UnlockedKey, person: UUID) -> set[UUID]:
    """The people for whom `share_missing` has something to do."""
    keys = {reader.key_id for _case, _keys, reader in _missing(unlocked, person, None)}
    return set(OfficerKey.objects.filter(pk__in=keys).values_list("person", flat=True))


def may_read(excluded: set[str], desks: set[UUID]) -> bool:
    """Whether somebody of these desks may read what was kept from those."""
    return bool(desks) and not excluded & {str(desk) for desk in desks}


def desks_by_key() -> dict[UUID, set[UUID]]:
    """At which desks each key in use reads."""
    readers: dict[UUID, set[UUID]] = {}
    in_use = OfficerKey.objects.filter(retired__isnull=True).values("pk")
    for key, desk in Reader.objects.filter(key_id__in=in_use).values_list("key_id", "desk"):
        readers.setdefault(key, set()).add(desk)
    return readers


def _missing(unlocked: UnlockedKey, person: UUID, desk: Desk | None) -> Iterator[tuple[Case, Keys, Reader]]:
    mine = set(DeskOfficer.objects.in_force().filter(person=person).order_by().values_list("desk", flat=True))
    if desk is not None:
        mine &= {desk.pk}
    by_key = desks_by_key()
    colleagues = {
        reader.key_id: reader
        for reader in Reader.objects.filter(desk__in=mine, key_id__in=by_key).exclude(key_id=unlocked.key_id)
    }
    if not colleagues:
        return
    owners = dict(OfficerKey.objects.filter(pk__in=colleagues).values_list("pk", "person"))
    barred = set(Barred.objects.values_list("case", "person"))
    wraps = dict(Envelope.objects.filter(key_id=unlocked.key_id).values_list("case", "wrapped"))
    have = set(Envelope.objects.filter(key_id__in=colleagues).values_list("case", "key_id"))
    for case in Case.objects.filter(pk__in=wraps).order_by("received_on", "id"):
        lacking = [
            reader
            for key, reader in colleagues.items()
            if (case.pk, key) not in have and (case.pk, owners[key]) not in barred
        ]
        if not lacking:
            continue
        try:
            keys = open_as_reader(
                bytes(wraps[case.pk]), unlocked.private, case_id=case.pk, key_id=unlocked.key_id
            )  # fmt: skip
            excluded = set(open_header(keys, bytes(case.header), case_id=case.pk).excluded)
        except Unreadable:  # one damaged case must not hide the others
            continue
        for reader in lacking:
            if may_read(excluded, by_key[reader.key_id]) and str(reader.desk_id) not in excluded:
                yield case, keys, reader
