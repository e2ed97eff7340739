"""A forgotten passphrase: two holders, who see who asks, give their shares to a temporary key of the asker's."""

from __future__ import annotations

from hashlib import sha256
from itertools import combinations
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.services import NotAllowed
from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from vault import Unreadable, passphrases, shares
from vault.binding import bind
from vault.hybrid import PrivateKey, PublicKey

from ...custody import UnlockedKey
from ...models.custody import EscrowHolder, EscrowShare, KeyWrap, OfficerKey, Recovery, RecoveryAnswer
from . import escrow
from .acting import KEY, me, require_serving
from .keys import wrap_under
from .unlocking import Opening, locked, opened, tried

DIGITS = 12


def code_of(recovery: Recovery) -> str:
    """What the asker reads out to a holder, who types it: a key that was put in the asker's place has another.

    Twelve digits: making a key with a given number takes 10¹² tries.
    """
    digest = sha256(bind("desk recovery code", recovery.pk, bytes(recovery.public))).digest()
    digits = f"{int.from_bytes(digest) % 10**DIGITS:0{DIGITS}}"
    return " ".join(digits[at : at + 4] for at in range(0, DIGITS, 4))


@transaction.atomic
def ask_recovery(*, actor: Actor, passphrase: str) -> Recovery:
    """Ask the holders for their shares, with a new passphrase chosen already. An earlier request of one's own ends.

    Raises NotAllowed; ValidationError where fewer than two have a share; passphrases.Busy.
    """
    person = require_serving(actor)
    key = locked(person)
    if EscrowShare.objects.filter(key=key).count() < escrow.NEEDED:
        raise ValidationError(
            _("この鍵を預かっている方が2名いないため、復旧できません。鍵を作り直してください。"), code="unshared"
        )
    _close(Recovery.objects.filter(person=person, closed__isnull=True).first())
    private = PrivateKey.generate()
    made = Recovery(person_id=person, key=key, public=private.public.to_bytes())
    made.save(force_insert=True)
    wrapped = passphrases.wrap(private.seed, passphrase, aad=_temporary(made.pk))
    KeyWrap(person_id=person, recovery=made, wrapped=wrapped).save(force_insert=True)
    record(actor=actor, act=Act.DESK_KEY_RECOVERY_ASK, target_type=KEY, target_id=key.pk)
    return made


@transaction.atomic
def cancel_recovery(*, actor: Actor, recovery: Recovery) -> None:
    """Raises NotAllowed for another's."""
    if recovery.person_id != me(actor):
        raise NotAllowed
    _close(recovery)
    record(actor=actor, act=Act.DESK_KEY_RECOVERY_CANCEL, target_type=KEY, target_id=recovery.key_id)


@transaction.atomic
def answer_recovery(*, actor: Actor, unlocked: UnlockedKey, recovery: Recovery, code: str) -> RecoveryAnswer:
    """A holder gives their share to whoever asked, having spoken with them.

    Raises NotAllowed for oneself and without a share; ValidationError for another number (`code`) or twice (`already`).
    """
    person = require_serving(actor)
    holder = EscrowHolder.objects.in_force().filter(person=person).first()
    share = EscrowShare.objects.filter(key=recovery.key_id, holder=holder).first() if holder else None
    if holder is None or share is None or recovery.person_id == person or recovery.closed is not None:
        raise NotAllowed
    if _digits(code) != _digits(code_of(recovery)):
        raise ValidationError(
            {"code": _("番号が違います。依頼した方に、電話か対面で、もう一度確かめてください。")}, code="code"
        )  # fmt: skip
    if RecoveryAnswer.objects.filter(recovery=recovery, holder=holder).exists():
        raise ValidationError(_("すでに協力しています。"), code="already")
    place = escrow.share_place(recovery.key_id, holder.pk, share.split)
    opened_share = unlocked.private.open(bytes(share.sealed), info=place)
    info = _answered(recovery.pk, holder.pk, share.split)
    sealed = PublicKey.from_bytes(bytes(recovery.public)).seal(opened_share, info=info)
    answer = RecoveryAnswer(recovery=recovery, holder=holder, split=share.split, sealed=sealed)
    try:
        with transaction.atomic():
            answer.save(force_insert=True)
    except DatabaseError:
        raise NotAllowed from None
    record(actor=actor, act=Act.DESK_KEY_RECOVERY_ANSWER, target_type=KEY, target_id=recovery.key_id)
    return answer


def finish_recovery(*, actor: Actor, session: str, passphrase: str) -> Opening | None:
    """With two shares the old key is there again, under the passphrase chosen when asking; None for a wrong one.

    Its passkeys open it no more, and it is divided anew. Raises NotAllowed; ValidationError as long as shares are
    missing (`waiting`) or do not fit (`unfit`); TooOften; passphrases.Busy.
    """
    person = require_serving(actor)
    with transaction.atomic():
        key = locked(person)
        recovery = Recovery.objects.filter(person=person, key=key, closed__isnull=True).first()
        if recovery is None:
            raise NotAllowed
        answers = list(RecoveryAnswer.objects.filter(recovery=recovery).order_by("at", "id"))
        if len(answers) < escrow.NEEDED:
            raise ValidationError(_("2名の協力が、まだそろっていません。"), code="waiting")
        wrapped, place = bytes(KeyWrap.objects.get(recovery=recovery).wrapped), _temporary(recovery.pk)
        seed = tried(actor, key, lambda: passphrases.unwrap(wrapped, passphrase, aad=place))
        if seed is None:
            return None
        old = _restored(key, recovery, answers, PrivateKey.from_seed(seed))
        wrap_under(key, old.seed, passphrase)
        KeyWrap.objects.filter(key=key, way=KeyWrap.Way.PASSKEY).delete()
        _close(recovery, done=True)
        record(actor=actor, act=Act.DESK_KEY_RECOVER, target_type=KEY, target_id=key.pk)
        opening = opened(actor, session, key, old.seed, by="recovery")
        escrow.divide(actor=actor, unlocked=opening.key)
        return opening


def _restored(
    key: OfficerKey, recovery: Recovery, answers: list[RecoveryAnswer], temporary: PrivateKey
) -> PrivateKey:  # fmt: skip
    """The private key of which two of these are shares; known by its public half."""
    for one, other in combinations(answers, 2):
        if one.split != other.split:  # the key was divided anew between the two
            continue
        try:
            opened_shares = [
                temporary.open(bytes(each.sealed), info=_answered(recovery.pk, each.holder_id, each.split))
                for each in (one, other)
            ]
            private = PrivateKey.from_seed(shares.combine(*opened_shares))
        except Unreadable:
            continue
        if private.public.to_bytes() == bytes(key.public):
            return private
    raise ValidationError(_("預けた鍵がそろいません。もう一度、復旧を依頼してください。"), code="unfit")


def _close(recovery: Recovery | None, *, done: bool = False) -> None:
    if recovery is not None:
        KeyWrap.objects.filter(recovery=recovery).delete()
        RecoveryAnswer.objects.filter(recovery=recovery).delete()
        Recovery.objects.filter(pk=recovery.pk).update(closed=timezone.now(), done=done)


def _temporary(recovery: UUID) -> bytes:
    return bind("desk recovery key", recovery)


def _answered(recovery: UUID, holder: UUID, split: UUID) -> bytes:
    return bind("desk recovery share", recovery, holder, split)


def _digits(text: str) -> str:
    return "".join(str(int(sign)) for sign in text if sign.isdecimal())
