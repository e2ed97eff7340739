"""New keys for a case: whoever is left out opens nothing of it that is kept from now on."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import NotAllowed
from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from intake.former import open_any, with_former
from intake.models import Blob, Case, Entry, Envelope
from intake.padding import padded_size
from intake.sealing import (
    Header,
    Keys,
    open_as_reader,
    open_header,
    seal_entry,
    seal_header,
    wrap_for_reader,
    wrap_for_receipt,
)
from vault import Unreadable, blobs
from vault.hybrid import PublicKey, new_key
from vault.streams import open_range, seal_stream

from ...custody import UnlockedKey
from ...models.custody import Barred, OfficerKey, Rekeying
from .acting import CASE, me
from .sharing import desks_by_key, may_read

AT_ONCE = 10  # cases that are rekeyed on the way when somebody unlocks; the others by a button


@transaction.atomic
def rekey(*, actor: Actor, unlocked: UnlockedKey, case: Case | UUID, without: Collection[UUID] = ()) -> int:
    """Exchange the keys of a case, and say its new generation. Everything in it is sealed anew: the header, what was
    said, the files; the keys themselves to the receipt and to those who have them, except to `without` (ids of keys),
    whose people stay out of it for good.

    Files are written anew beside the old ones, which go when all is committed: a crash in between leaves everything
    readable. Raises NotAllowed without an envelope; ValidationError where nobody would be left; Unreadable.
    """
    held = Case.objects.select_for_update().filter(pk=case.pk if isinstance(case, Case) else case).first()
    envelopes = {one.key_id: one for one in Envelope.objects.filter(case=held)} if held else {}
    if held is None or unlocked.key_id not in envelopes:
        raise NotAllowed
    before = open_as_reader(
        bytes(envelopes[unlocked.key_id].wrapped), unlocked.private, case_id=held.pk, key_id=unlocked.key_id
    )  # fmt: skip
    header = open_header(before, bytes(held.header), case_id=held.pk)
    readers = _readers(held.pk, envelopes, set(header.excluded), without)
    if not readers:
        raise ValidationError(
            _("この事案を読める方が、ほかにいなくなります。先に、別の方に引き継いでください。"), code="nobody"
        )
    after = Keys.fresh()
    generation = held.generation + 1
    fresh: dict[str, Any] = {
        "header": seal_header(after, with_former(header, before), case_id=held.pk),
        "generation": generation,
    }
    if held.receipt_public is not None:
        receipt = PublicKey.from_bytes(bytes(held.receipt_public))
        fresh["receipt_wrap"] = wrap_for_receipt(after, receipt, case_id=held.pk)
    for entry in Entry.objects.filter(case=held).order_by("place"):
        _seal_anew(entry, header, before, after)
    Case.objects.filter(pk=held.pk).update(**fresh)
    _bar(held.pk, without)
    Rekeying.objects.filter(case=held).delete()
    record(
        actor=actor, act=Act.DESK_KEY_REKEY, target_type=CASE, target_id=held.pk,
        detail={"generation": generation, "count": len(readers)},
    )  # fmt: skip
    _hand_out(held.pk, after, readers, envelopes, generation, last=unlocked.key_id)
    return generation


def catch_up(*, actor: Actor, unlocked: UnlockedKey, at_most: int = AT_ONCE) -> int:
    """Rekey the cases somebody has left, as many as asked for; how many that were. The rest waits for the next."""
    me(actor)
    waiting = list(Rekeying.objects.order_by("since", "case").values_list("case", flat=True)[:at_most])
    done = 0
    for case in waiting:
        try:
            rekey(actor=actor, unlocked=unlocked, case=case)
        except (
            Unreadable,
            ValidationError,
            NotAllowed,
            FileNotFoundError,
        ):  # one damaged case must not stop the others
            continue
        done += 1
    return done


def _readers(
    case_id: UUID, envelopes: Collection[UUID], excluded: set[str], without: Collection[UUID]
) -> dict[UUID, PublicKey]:  # fmt: skip
    """Who keeps the case: whoever has it, reads at a desk that was not kept out, and was not taken out of it."""
    out = set(Barred.objects.filter(case=case_id).values_list("person", flat=True))
    desks = desks_by_key()
    kept = OfficerKey.objects.filter(pk__in=set(envelopes) - set(without), retired__isnull=True)
    return {
        key.pk: PublicKey.from_bytes(bytes(key.public))
        for key in kept.exclude(person__in=out)
        if may_read(excluded, desks.get(key.pk, set()))
    }


def _bar(case_id: UUID, without: Collection[UUID]) -> None:
    people = set(OfficerKey.objects.filter(pk__in=set(without)).values_list("person", flat=True))
    already = set(Barred.objects.filter(case=case_id).values_list("person", flat=True))
    for person in people - already:
        Barred(case_id=case_id, person_id=person).save(force_insert=True)


def _hand_out(
    case_id: UUID, keys: Keys, readers: dict[UUID, PublicKey], envelopes: dict[UUID, Envelope], generation: int,
    *, last: UUID,
) -> None:  # fmt: skip
    """One's own envelope comes last: with it goes the right to write the others."""
    for key_id in sorted(envelopes, key=lambda each: each == last):
        rows = Envelope.objects.filter(pk=envelopes[key_id].pk)
        if key_id in readers:
            wrapped = wrap_for_reader(keys, readers[key_id], case_id=case_id, key_id=key_id)
            rows.update(wrapped=wrapped, generation=generation)
        else:
            rows.delete()


def _seal_anew(entry: Entry, header: Header, before: Keys, after: Keys) -> None:
    content = open_any(
        before, header, bytes(entry.sealed), case_id=entry.case_id, entry_id=entry.pk, kind=entry.kind
    )  # fmt: skip
    if content.get("files"):
        content["files"] = [_file_anew(entry, file) for file in content["files"]]
    sealed = seal_entry(after, case_id=entry.case_id, entry_id=entry.pk, kind=entry.kind, content=content)
    Entry.objects.filter(pk=entry.pk).update(sealed=sealed)


def _file_anew(entry: Entry, file: dict[str, Any]) -> dict[str, Any]:
    old, key = str(file["blob"]), new_key()
    size = padded_size(int(file["size"]))
    with blobs.NewBlob() as blob, blobs.open_blob(old) as stored:
        plain = open_range(stored, key=b64decode(file["key"]), binding=blobs.binding(old), size=size)
        seal_stream(map(bytes, plain), blob, key=key, binding=blob.binding)
        blob.keep()
    Blob(name=blob.name, case_id=entry.case_id, entry_id=entry.pk).save(force_insert=True)
    Blob.objects.filter(name=old).delete()
    transaction.on_commit(lambda: blobs.delete(old))
    return {**file, "blob": blob.name, "key": b64encode(key).decode(), "binding": b64encode(blob.binding).decode()}
