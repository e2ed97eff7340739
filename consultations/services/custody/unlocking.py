"""Unlocking one's key for a bounded time, and locking it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.services import NotAllowed
from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from vault import Unreadable, passphrases
from vault.binding import bind
from vault.hybrid import KEY_SIZE, PrivateKey, derive, open_small

from ... import custody
from ...models.custody import KeyWrap, OfficerKey, Unlocking, WrongPassphrase
from .acting import KEY, me, require_serving

TRIES = 5
WITHIN = timedelta(minutes=15)


class TooOften(Exception):
    """Five wrong passphrases in a quarter of an hour: until `wait` has passed, none is tried."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


@dataclass(frozen=True)
class Opening:
    """A key just unlocked, and what the browser's cookie is to hold for it."""

    key: custody.UnlockedKey
    secret: bytes = field(repr=False)


def passphrase_place(key_id: UUID) -> bytes:
    return bind("desk key", key_id)


def unlock(*, actor: Actor, session: str, passphrase: str) -> Opening | None:
    """One's key, for a while, by its passphrase; None for a wrong one, which is counted and noted.

    Raises NotAllowed for whoever has no key; TooOften; passphrases.Busy.
    """
    person = require_serving(actor)
    with transaction.atomic():
        key = locked(person)
        wrap = KeyWrap.objects.get(key=key, way=KeyWrap.Way.PASSPHRASE)
        seed = seed_under(actor, key, wrap, passphrase)
        if seed is None:
            return None
        if passphrases.outdated(bytes(wrap.wrapped)):
            wrap.wrapped = passphrases.wrap(seed, passphrase, aad=passphrase_place(key.pk))
            wrap.save(update_fields=["wrapped"])
        return opened(actor, session, key, seed, by="passphrase")


def seed_under(actor: Actor, key: OfficerKey, wrap: KeyWrap, passphrase: str) -> bytes | None:
    """The private key's seed; None for a wrong passphrase, which is counted and noted. Raises as `unlock`."""
    return tried(actor, key, lambda: passphrases.unwrap(bytes(wrap.wrapped), passphrase, aad=passphrase_place(key.pk)))


def unlock_with_passkey(*, actor: Actor, session: str, credential: str, secret: bytes) -> Opening | None:
    """The same by what a passkey gives for this key (WebAuthn's PRF extension), 32 bytes. Raises as `unlock`."""
    person = require_serving(actor)
    with transaction.atomic():
        key = locked(person)
        wrap = KeyWrap.objects.filter(key=key, way=KeyWrap.Way.PASSKEY, credential=credential).first()
        wrapped = bytes(wrap.wrapped) if wrap else b""
        place = passkey_place(key.pk, credential)
        seed = tried(actor, key, lambda: open_small(derive(secret, info=place, length=KEY_SIZE), wrapped, place))
        return None if seed is None else opened(actor, session, key, seed, by="passkey")


@transaction.atomic
def lock(*, actor: Actor, session: str) -> None:
    """Lock it now, in this session."""
    ended, _rows = Unlocking.objects.filter(session=session, person=me(actor)).delete()
    if ended:
        record(actor=actor, act=Act.DESK_KEY_LOCK, target_type=KEY)


def passkey_place(key_id: UUID, credential: str) -> bytes:
    return bind("desk key passkey", key_id, credential)


def locked(person: UUID) -> OfficerKey:
    """Their key, with its row locked: of several tries at once each counts those before it. Raises NotAllowed."""
    key = OfficerKey.objects.select_for_update().filter(person=person, retired__isnull=True).first()
    if key is None:
        raise NotAllowed
    return key


def tried(actor: Actor, key: OfficerKey, open_it: Callable[[], bytes]) -> bytes | None:
    """What a try opens; None for a wrong one, which is counted. Raises TooOften before anything is tried."""
    now = timezone.now()
    wrong = WrongPassphrase.objects.filter(person=key.person_id, at__gt=now - WITHIN).order_by("-at")
    latest = list(wrong.values_list("at", flat=True)[:TRIES])
    if len(latest) == TRIES:
        raise TooOften(latest[-1] + WITHIN - now)
    try:
        return open_it()
    except Unreadable:
        WrongPassphrase.objects.filter(person=key.person_id, at__lt=now - timedelta(days=2)).delete()
        WrongPassphrase(person_id=key.person_id, at=now).save(force_insert=True)
        detail = {"count": len(latest) + 1}
        record(actor=actor, act=Act.DESK_KEY_REFUSED, target_type=KEY, target_id=key.pk, detail=detail)
        return None


def opened(actor: Actor, session: str, key: OfficerKey, seed: bytes, *, by: str) -> Opening:
    """Have the key unlocked in this session from now on."""
    now, secret = timezone.now(), os.urandom(KEY_SIZE)
    until = now + timedelta(minutes=settings.DESK_UNLOCK)
    Unlocking.objects.filter(person=key.person_id, until__lte=now).delete()
    Unlocking.objects.filter(person=key.person_id, session=session).delete()
    sealed = custody.seal(session, key.person_id, key.pk, seed, secret)
    Unlocking(session_id=session, person_id=key.person_id, key=key, sealed=sealed, until=until).save(force_insert=True)
    record(actor=actor, act=Act.DESK_KEY_UNLOCK, target_type=KEY, target_id=key.pk, detail={"by": by})
    return Opening(custody.UnlockedKey(key.pk, PrivateKey.from_seed(seed), until), secret)
