"""Exchanging the keys of markings and of the root while the portal is in use. What is done stands in the rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.db import models, transaction
from django.db.models import Func, JSONField, Q, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from vault import Unreadable, keys, signing
from vault.key_rows import MarkingKey, SigningKey
from vault.keys import Label
from vault.models import KEY_COLUMNS, LABEL_COLUMNS, SealedModel
from vault.providers import generation_of, provider
from vault.roots import NONCE_SIZE

BATCH = 5_000
SHOWN = 20  # ids of unreadable rows that are kept to be named

Advance = Callable[[int], None]


@dataclass
class Outcome:
    """What a run did: rows rewrapped, and rows that did not open and stay as they are."""

    done: int = 0
    unreadable: int = 0
    examples: list[str] = field(default_factory=list)

    def miss(self, model: type[models.Model], key: object) -> None:
        self.unreadable += 1
        if len(self.examples) < SHOWN:
            self.examples.append(f"{model._meta.db_table} {key}")


def sealed_models() -> list[type[SealedModel]]:
    """Every table whose rows carry an item key, whichever app they are of."""
    return [model for model in apps.get_models() if issubclass(model, SealedModel) and not model._meta.proxy]


# --- a marking ------------------------------------------------------------------------------------------------


def markings(*, using: str) -> list[str]:
    """The markings that have a key."""
    alive = MarkingKey.objects.using(using).filter(destroyed__isnull=True)
    return sorted(set(alive.values_list("marking", flat=True)))


def newest(text: str, *, using: str) -> MarkingKey:
    """The key that wraps. Raises `MarkingKey.DoesNotExist` for a marking without one."""
    row = MarkingKey.objects.using(using).filter(marking=text).order_by("-version").first()
    if row is None:
        raise MarkingKey.DoesNotExist(text)
    return row


def left(text: str, version: int, *, using: str) -> int:
    """How many rows are under an older key of the marking than this."""
    return sum(_older(model, text, version, using).count() for model in sealed_models())


def begin(text: str, *, using: str) -> int:
    """Let a new key of the marking take over, for all that is written from now on; returns its version.

    The ones before wrap nothing more. A process that has one in memory uses it for `keys.CACHE_SECONDS` at most.
    """
    with transaction.atomic(using=using):
        rows = MarkingKey.objects.using(using).filter(marking=text).order_by("-version")
        # The older row is the lock: of two who begin at once the second finds the first one's key.
        present = rows.select_for_update().first()
        if present is None:
            raise MarkingKey.DoesNotExist(text)
        version = present.version + 1
        wrapped = keys.wrap_marking_key(keys.new_item_key(), text, version)
        MarkingKey(marking=text, version=version, wrapped=wrapped).save(using=using, force_insert=True)
        rows.filter(version__lt=version, retired__isnull=True).update(retired=timezone.now())
    keys.forget()
    return version


def rewrap(text: str, version: int, *, using: str, advance: Advance, batch: int = BATCH) -> Outcome:
    """
    Bring every row of the marking under that version of its key, a batch a transaction. May be stopped at any moment.

    A row that somebody is just changing is passed over, so that nobody waits for anybody else than the few
    milliseconds of a batch; the next run finds it. What does not open stays as it is and is named in the outcome.
    """
    ciphers = keys.open_marking_keys(text, using=using)
    outcome = Outcome()
    for model in sealed_models():
        last: object = None
        while found := _rewrap_batch(model, text, version, ciphers, outcome, using=using, after=last, batch=batch):
            last, count = found
            advance(count)
    return outcome


def _older(model: type[SealedModel], text: str, version: int, using: str) -> models.QuerySet[Any]:
    rows = model._base_manager.using(using).filter(model.sealed_under(text), key_version__lt=version)
    return rows.exclude(wrapped_key=b"")  # a row without a key has nothing sealed under it


def _rewrap_batch(
    model: type[SealedModel], text: str, version: int, ciphers: dict[int, AESGCM], outcome: Outcome, *,
    using: str, after: object, batch: int,
) -> tuple[object, int] | None:  # fmt: skip
    """One batch by id; the last id and how many there were, or None at the end."""
    with transaction.atomic(using=using):
        rows = _older(model, text, version, using).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        held = rows.select_for_update(skip_locked=True, no_key=True)
        found = list(held.values_list("pk", *KEY_COLUMNS, *LABEL_COLUMNS)[:batch])
        if not found:
            return None
        fresh: dict[str, str] = {}
        new = ciphers[version]
        for key, wrapped, present, *label in found:
            aad = keys.item_aad(Label(text, *label), model.binding_of(key))
            try:
                fresh[str(key)] = _exchange(bytes(wrapped), ciphers.get(present), new, aad).hex()
            except Unreadable:
                outcome.miss(model, key)
        give_back(model._base_manager.using(using).filter(pk__range=(found[0][0], found[-1][0])), fresh, version)
        outcome.done += len(fresh)
    return found[-1][0], len(found)


def give_back(rows: models.QuerySet[Any], fresh: dict[str, str], version: int, **same: Any) -> int:
    """Write the new wraps, in hexadecimal by id, in one statement; with them what is the `same` for all. How many.

    As a table in one parameter: `bulk_update` compares each row with each of the batch, 5,000 times 5,000, and a
    list of 5,000 ids is a statement to be parsed anew (measured: three times as long).
    """
    table, key = Value(fresh, JSONField()), Cast("pk", TextField())
    wrap = Func(table, key, function="jsonb_extract_path_text")
    among: Any = Func(table, key, function="jsonb_exists", output_field=models.BooleanField())
    decoded = Func(wrap, Value("hex"), function="decode", output_field=models.BinaryField())
    return rows.filter(among).update(wrapped_key=decoded, key_version=version, **same)


def _exchange(wrapped: bytes, old: AESGCM | None, new: AESGCM, aad: bytes) -> bytes:
    if old is None or wrapped[:1] != keys.WRAP_VERSION or len(wrapped) <= NONCE_SIZE:
        raise Unreadable
    try:
        key = old.decrypt(wrapped[1 : 1 + NONCE_SIZE], wrapped[1 + NONCE_SIZE :], aad)
    except InvalidTag:
        raise Unreadable from None
    nonce = os.urandom(NONCE_SIZE)
    return keys.WRAP_VERSION + nonce + new.encrypt(nonce, key, aad)


# --- destruction ----------------------------------------------------------------------------------------------


class StillNeeded(Exception):
    """A key that cannot be destroyed; the message says why in one sentence, in the present language."""


def under(text: str, version: int, *, using: str) -> int:
    """How many rows that version of the marking's key opens."""
    return sum(
        model._base_manager.using(using).filter(model.sealed_under(text), key_version=version)
        .exclude(wrapped_key=b"").count()
        for model in sealed_models()
    )  # fmt: skip


def empty(text: str, version: int, *, using: str) -> bool:
    """Destroy that version here, in the database; whether it was still there. Ask `under` before.

    Backups of the database hold it still, wrapped under a root key: only without that one is it gone.
    """
    row = Q(marking=text, version=version, destroyed__isnull=True, retired__isnull=False)
    changed = MarkingKey.objects.using(using).filter(row).update(wrapped=b"", destroyed=timezone.now())
    keys.forget()
    return bool(changed)


# --- the root -------------------------------------------------------------------------------------------------


def under_ending_roots(*, using: str) -> list[MarkingKey | SigningKey]:
    """The keys in the database that are not under the current root key."""
    current = provider().generations().current
    alive: Sequence[Iterable[MarkingKey | SigningKey]] = (
        MarkingKey.objects.using(using).filter(destroyed__isnull=True).order_by("pk").iterator(),
        SigningKey.objects.using(using).order_by("pk").iterator(),
    )
    return [row for rows in alive for row in rows if generation_of(bytes(row.wrapped)) != current]


def rewrap_under_root(rows: Iterable[MarkingKey | SigningKey], *, using: str) -> Iterator[bool]:
    """Bring each of these keys under the current root key; yields whether it opened."""
    for row in rows:
        before = bytes(row.wrapped)
        try:
            if isinstance(row, MarkingKey):
                row.wrapped = keys.rewrapped_marking_key(row)
                changes = {"wrapped": row.wrapped}
            else:
                row = signing.rewrapped(row)
                changes = {"wrapped": row.wrapped, "attestation": row.attestation}
        except Unreadable:
            yield False
            continue
        # Only over what was read: of two runs at once neither takes the other's work back.
        type(row)._base_manager.using(using).filter(pk=row.pk, wrapped=before).update(**changes)
        yield True
