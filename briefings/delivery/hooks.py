"""Carrying messages to hooks: one in the hands of one worker, tried again after growing pauses, given up in the end.

A message is claimed by moving its next try on, in a transaction of its own, so that no connection to the database waits
for an address, and a worker that is killed meanwhile leaves just another try. So an address may get a message twice,
under one id.
"""

from __future__ import annotations

import time
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.acts import Act
from audit.services import SYSTEM, Scalar, record
from vault import Unreadable

from ..models import Delivery, Hook
from . import hooks_on, sending, signing
from .addresses import Undeliverable
from .occasions import TOLD_AS, as_reader, concerns
from .waiting import begin, spent

Kind, State, Reason = Delivery.Kind, Delivery.State, Delivery.Reason

SECONDS = 30.0  # a run takes nothing new up after so long: the next one begins soon
DEAD_IN_A_ROW = 5  # then the hook is paused, and its owner told
GONE = 410  # the receiver says that it wants nothing more


def deliver_due(at: datetime | None = None) -> int:
    """Carry what is due; how many messages were tried. `at` is now unless a test says otherwise.

    A hook whose address has just failed waits for the next run, so that it keeps nobody else waiting.
    """
    if not hooks_on():
        return 0
    tried, end = 0, time.monotonic() + SECONDS
    tired: set[UUID] = set()
    while time.monotonic() < end and (claimed := _claim(at or timezone.now(), tired)):
        tried += 1
        if not _carry(claimed, at or timezone.now()):
            tired.add(_hook(claimed).pk)
    return tried


@transaction.atomic
def _claim(at: datetime, tired: AbstractSet[UUID]) -> Delivery | None:
    rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("hook", "occasion")
    due = rows.filter(hook__isnull=False, state=State.WAITING, next_attempt__lte=at).exclude(hook_id__in=tired)
    wanted = due.filter(Q(hook__state=Hook.State.ACTIVE) | Q(kind=Kind.PING))
    claimed = wanted.order_by("next_attempt", "id").first()
    if claimed:
        begin(claimed, at)
    return claimed


def _carry(claimed: Delivery, at: datetime) -> bool:
    """One try; False where the address failed."""
    if not _stands(claimed):
        Delivery.objects.filter(pk=claimed.pk).delete()
        return True
    try:
        status = _send(claimed, at)
    except Undeliverable as failed:
        _failed(claimed, failed, at)
        return False
    _delivered(claimed, status, at)
    return True


def _stands(claimed: Delivery) -> bool:
    """Whether its owner may still read something of what it is about."""
    with as_reader(claimed.person_id) as actor:
        return actor.signed_in and (claimed.occasion is None or concerns(actor, claimed.occasion))


def _send(claimed: Delivery, at: datetime) -> int:
    hook = _hook(claimed)
    challenge = signing.new_challenge() if claimed.kind == Kind.PING else ""
    body = signing.message(
        TOLD_AS.get(claimed.kind, ""), claimed.occasion.at if claimed.occasion else at, challenge=challenge
    )
    try:
        address, keys = hook.address, hook.secrets(at)
    except Unreadable:
        raise Undeliverable(Reason.UNREADABLE) from None
    answer = sending.post(address, body, signing.headers(claimed.pk, at, body, keys), whole=bool(challenge))
    if 300 <= answer.status < 400:
        raise Undeliverable(Reason.REDIRECT, answer.status)
    if not 200 <= answer.status < 300:
        raise Undeliverable(Reason.STATUS, answer.status)
    if challenge.encode() not in answer.body:
        raise Undeliverable(Reason.NO_ECHO, answer.status)
    return answer.status


def _hook(claimed: Delivery) -> Hook:
    assert claimed.hook is not None  # what has none is a letter
    return claimed.hook


@transaction.atomic
def _delivered(claimed: Delivery, status: int, at: datetime) -> None:
    hook = Hook.objects.filter(pk=_hook(claimed).pk)
    Delivery.objects.filter(pk=claimed.pk).update(state=State.DELIVERED, status=status, reason=Reason.NONE)
    hook.update(dead_in_a_row=0)
    if claimed.kind == Kind.PING:
        first = hook.filter(proved_at__isnull=True)
        first.update(proved_at=at, state=Hook.State.ACTIVE)


@transaction.atomic
def _failed(claimed: Delivery, failed: Undeliverable, at: datetime) -> None:
    """A test is tried once; everything else until it is spent. Who says that it is gone is asked no more. Whatever else
    waits for the hook waits as long: a slow address takes five seconds of a worker, not five for each message."""
    dead = claimed.kind == Kind.PING or spent(claimed.attempts) or failed.status == GONE
    Delivery.objects.filter(pk=claimed.pk).update(
        state=State.DEAD if dead else State.WAITING, status=failed.status, reason=failed.reason
    )
    others = Delivery.objects.filter(hook=claimed.hook, state=State.WAITING).exclude(pk=claimed.pk)
    others.exclude(kind=Kind.PING).filter(next_attempt__lt=claimed.next_attempt).update(
        next_attempt=claimed.next_attempt
    )
    if not dead or claimed.kind == Kind.PING:
        return
    hook = Hook.objects.select_for_update(of=("self",)).filter(pk=_hook(claimed).pk).first()
    if hook is None:  # dropped meanwhile
        return
    hook.dead_in_a_row += 1
    hook.save(update_fields=["dead_in_a_row"])
    if hook.state == Hook.State.ACTIVE and (hook.dead_in_a_row >= DEAD_IN_A_ROW or failed.status == GONE):
        _pause(hook, at)


def _pause(hook: Hook, at: datetime) -> None:
    """What still waits for it is dropped, as when its owner pauses it; the owner is told."""
    Hook.objects.filter(pk=hook.pk).update(state=Hook.State.PAUSED)
    Delivery.objects.filter(hook=hook, state=State.WAITING).delete()
    Delivery(person_id=hook.person_id, kind=Kind.STOPPED, next_attempt=at).save(force_insert=True)
    detail: dict[str, Scalar] = {"state": Hook.State.PAUSED.value, "dead": hook.dead_in_a_row}
    record(actor=SYSTEM, act=Act.HOOK_CHANGE, target_type="hook", target_id=hook.pk, detail=detail)
