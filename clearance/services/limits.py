"""Reaching the daily limit of what one person opens (clearance/limits.py); lifting it, which takes two officers."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts import enqueue
from accounts.models import Person
from accounts.services import NotAllowed
from accounts.services.acting import require_officer
from audit.acts import Act
from audit.services import record

from ..actor import Actor
from ..clock import moment, today
from ..context import count_keys, tell_limit
from ..limits import Tally, daily
from ..models import LimitLift
from .acting import me
from .entitlements import said


def note_opened(*, actor: Actor, tally: Tally) -> None:
    """A request of theirs is over. The first at the limit raises the alarm; where that fails, the next one does."""
    if actor.person_id is None or not (tally.opened or tally.refused):
        return
    total, told = count_keys(actor.person_id, opened=tally.opened, refused=tally.refused)
    if told < tally.limit <= total:
        _raise_alarm(actor, actor.person_id, total, tally.limit)


@transaction.atomic
def _raise_alarm(actor: Actor, person: UUID, total: int, limit: int) -> None:
    if not tell_limit(person, limit):
        return
    record(
        actor=actor, act=Act.LIMIT_REACHED, target_type="person", target_id=person,
        detail={"count": total, "limit": limit},
    )  # fmt: skip
    _tell_officers("reached")


@transaction.atomic
def ask(*, actor: Actor, person: Person, reason: str) -> LimitLift:
    """Ask for as much again for a person, today. Another officer answers.

    Raises NotAllowed; ValidationError for oneself (`self`) and where an earlier one waits for its answer (`asked`).
    """
    require_officer(actor)
    if person.pk == actor.person_id:
        raise ValidationError(_("ご自身の上限は引き上げられません。別の保全責任者に依頼してください。"), code="self")
    made = LimitLift(
        person=person,
        day=today(),
        more=daily(person),
        reason=said(reason),
        asked_by_id=me(actor),
        asked_at=moment(),
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise ValidationError(_("この方の引上げは、すでに申請されています。"), code="asked") from None
    except DatabaseError:  # the policy's day is the next one already
        raise ValidationError(_("日付が変わりました。もう一度申請してください。"), code="day") from None
    _note(actor, Act.LIMIT_ASK, made)
    _tell_officers("asked")
    return made


@transaction.atomic
def answer(*, actor: Actor, lift: LimitLift, approve: bool) -> LimitLift:
    """Lift the limit for the rest of the day, or refuse to.

    Raises NotAllowed for the person themselves, for whoever asked, and for what was answered or is of another day.
    """
    require_officer(actor)
    held = LimitLift.objects.select_for_update().filter(pk=lift.pk).first()
    if held is None or held.answered_by_id or held.day != today():
        raise NotAllowed
    if actor.person_id in {held.asked_by_id, held.person_id}:
        raise NotAllowed
    told = {"answered_by": me(actor), "answered_at": moment(), "approved": approve}
    if not LimitLift.objects.filter(pk=held.pk).update(**told):
        raise NotAllowed
    _note(actor, Act.LIMIT_LIFT if approve else Act.LIMIT_REFUSE, held)
    if approve:
        from .. import tasks

        enqueue.on_commit(tasks.tell_lifted, str(held.person_id))
    return held


def _note(actor: Actor, act: Act, lift: LimitLift) -> None:
    record(actor=actor, act=act, target_type="person", target_id=lift.person_id, detail={"more": lift.more})


def _tell_officers(what: str) -> None:
    from .. import tasks  # tasks stand above services; what is enqueued names nobody

    enqueue.on_commit(tasks.tell_officers, what)
