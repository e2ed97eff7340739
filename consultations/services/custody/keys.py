"""Making one's key pair, and what it is wrapped under."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.services import NotAllowed
from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from intake.models import Envelope, Reader
from vault import passphrases
from vault.hybrid import KEY_SIZE, PrivateKey, derive, seal_small

from ...custody import UnlockedKey
from ...models.custody import DeskOfficer, EscrowShare, KeyWrap, OfficerKey, Recovery, Unlocking
from . import escrow
from .acting import KEY, key_of, me, proved, require_serving
from .unlocking import Opening, locked, opened, passkey_place, passphrase_place, seed_under


@transaction.atomic
def make_key(*, actor: Actor, session: str, passphrase: str) -> Opening:
    """A key pair of one's own, wrapped under a passphrase, entered at one's desks, and unlocked for a start.

    Raises NotAllowed; ValidationError for whoever has one; passphrases.Busy.
    """
    person = require_serving(actor)
    if key_of(person) is not None:
        raise ValidationError(_("鍵は、すでに作られています。"), code="made")
    return _make(actor, person, session, passphrase, Act.DESK_KEY_MAKE)


@transaction.atomic
def replace_key(*, actor: Actor, session: str, passphrase: str) -> Opening:
    """A new key pair where the old one's passphrase is lost and no two holders could help, or somebody else knows it.

    What was sealed to the old key is not read with the new one until another officer shares it. Raises as `make_key`.
    """
    person = require_serving(actor)
    old = locked(person)
    EscrowShare.objects.filter(key=old).delete()
    Recovery.objects.filter(person=person, closed__isnull=True).update(closed=timezone.now())
    KeyWrap.objects.filter(person=person).delete()
    Unlocking.objects.filter(person=person).delete()
    Reader.objects.filter(key_id=old.pk).delete()
    mine = Envelope.objects.filter(key_id=old.pk)
    others = Envelope.objects.filter(case__in=mine.values("case")).exclude(key_id=old.pk).values_list("case", flat=True)
    mine.filter(case__in=list(others)).delete()  # what nobody else opens stays: the manager is told of it
    OfficerKey.objects.filter(pk=old.pk).update(retired=timezone.now())
    return _make(actor, person, session, passphrase, Act.DESK_KEY_REPLACE)


def change_passphrase(*, actor: Actor, passphrase: str, new: str) -> bool:
    """Wrap the key under another passphrase; False for a wrong one, which is counted. Raises as `unlock`."""
    person = require_serving(actor)
    with transaction.atomic():
        key = locked(person)
        wrap = KeyWrap.objects.get(key=key, way=KeyWrap.Way.PASSPHRASE)
        seed = seed_under(actor, key, wrap, passphrase)
        if seed is None:
            return False
        wrap_under(key, seed, new)
        record(actor=actor, act=Act.DESK_KEY_CHANGE, target_type=KEY, target_id=key.pk)
        return True


@transaction.atomic
def add_passkey(*, actor: Actor, unlocked: UnlockedKey, credential: str, secret: bytes, name: str) -> KeyWrap:
    """Let a passkey open the key, too. `secret`: what the passkey gives for this key (WebAuthn's PRF), 32 bytes.

    Raises NotAllowed; ValidationError where it does already.
    """
    person = require_serving(actor)
    if len(secret) != KEY_SIZE or not credential:
        raise NotAllowed
    if KeyWrap.objects.filter(key=unlocked.key_id, way=KeyWrap.Way.PASSKEY, credential=credential).exists():
        raise ValidationError(_("このパスキーは、すでに追加されています。"), code="already")
    place = passkey_place(unlocked.key_id, credential)
    wrapped = seal_small(derive(secret, info=place, length=KEY_SIZE), unlocked.private.seed, place)
    made = KeyWrap(
        person_id=person, key_id=unlocked.key_id, way=KeyWrap.Way.PASSKEY, credential=credential, name=name[:100],
        wrapped=wrapped,
    )  # fmt: skip
    made.save(force_insert=True)
    record(actor=actor, act=Act.DESK_KEY_PASSKEY_ADD, target_type=KEY, target_id=unlocked.key_id)
    return made


@transaction.atomic
def remove_passkey(*, actor: Actor, wrap: KeyWrap) -> None:
    """A passkey opens the key no more. Raises NotAllowed."""
    if not proved(actor):
        raise NotAllowed
    mine = KeyWrap.objects.filter(pk=wrap.pk, person=me(actor), way=KeyWrap.Way.PASSKEY)
    if not mine.delete()[0]:
        raise NotAllowed
    record(actor=actor, act=Act.DESK_KEY_PASSKEY_REMOVE, target_type=KEY, target_id=wrap.key_id)


def enter_desks(unlocked: UnlockedKey, person: UUID) -> int:
    """Have the concerns of all one's desks sealed to one's key from now on; how many desks were missing."""
    desks = set(DeskOfficer.objects.in_force().filter(person=person).order_by().values_list("desk", flat=True))
    entered = set(Reader.objects.filter(key_id=unlocked.key_id).values_list("desk", flat=True))
    for desk in desks - entered:
        reader = Reader(desk_id=desk, key_id=unlocked.key_id, public=unlocked.private.public.to_bytes())
        reader.save(force_insert=True)
    return len(desks - entered)


def wrap_under(key: OfficerKey, seed: bytes, passphrase: str) -> None:
    """From now on this passphrase alone opens the key, besides its passkeys."""
    wrapped = passphrases.wrap(seed, passphrase, aad=passphrase_place(key.pk))
    KeyWrap.objects.filter(key=key, way=KeyWrap.Way.PASSPHRASE).update(wrapped=wrapped, made=timezone.now())


def _make(actor: Actor, person: UUID, session: str, passphrase: str, act: Act) -> Opening:
    private = PrivateKey.generate()
    key = OfficerKey(person_id=person, public=private.public.to_bytes())
    key.save(force_insert=True)
    wrapped = passphrases.wrap(private.seed, passphrase, aad=passphrase_place(key.pk))
    KeyWrap(person_id=person, key=key, wrapped=wrapped).save(force_insert=True)
    record(actor=actor, act=act, target_type=KEY, target_id=key.pk)
    opening = opened(actor, session, key, private.seed, by="made")
    enter_desks(opening.key, person)
    escrow.divide(actor=actor, unlocked=opening.key)
    return opening
