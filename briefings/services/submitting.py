"""What machines send in: kept for officials to look at, seen by nobody else, taken back by whoever sent it until an
official has answered. What is taken is the beginning of a draft; from there on it goes the way of every briefing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.acts import Act
from audit.services import record
from clearance.actor import Actor
from clearance.clock import moment
from clearance.markings import from_text
from clearance.models import Marking
from clearance.services.acting import me

from .. import machines
from ..models import Bureau, Draft, ServiceAccount, Submission, Submitted
from ..stix.received import content_of, marking_of
from . import drafting

Object = Mapping[str, Any]

MOST_WAITING = 1000  # objects of one account that nobody has answered


class TooManyWaiting(Exception):
    """Officials are to look at what there is first."""


@transaction.atomic
def submit(*, actor: Actor, marking: Marking, objects: Sequence[tuple[str, datetime, Object]]) -> Submission:
    """Keep these objects, each with its id and version, for review. Raises TooManyWaiting."""
    account = ServiceAccount.objects.get(pk=me(actor))
    machines.one_at_a_time(account.pk)
    waiting = Submitted.objects.filter(submission__account=account, state=Submitted.State.WAITING).count()
    if waiting + len(objects) > MOST_WAITING:
        raise TooManyWaiting
    marking = from_text(marking.text)  # nothing may have been under it yet
    made = Submission(account=account, keeper_id=account.keeper_id, marking=marking, created=moment())
    made.save(force_insert=True)
    for stix_id, version, body in objects:
        Submitted(submission=made, stix_id=stix_id, version=version, body=json.dumps(body, ensure_ascii=False)).save(
            force_insert=True
        )
    _note(actor, Act.FEED_ADD, made, marking, count=len(objects))
    return made


@transaction.atomic
def take_back(*, actor: Actor, marking: Marking, stix_id: str) -> int:
    """Delete what the account itself sent in under this id and nobody has answered; how many versions that were."""
    mine = _mine(actor, marking, stix_id).filter(state=Submitted.State.WAITING)
    submissions = {each.submission for each in mine.select_related("submission")}
    gone, _each = mine.delete()  # an official who answers meanwhile is first: the policy looks again
    if gone:
        for submission in submissions:
            _note(actor, Act.FEED_DELETE, submission, marking)
    return gone


def sent(*, actor: Actor, marking: Marking, stix_id: str) -> bool:
    """Whether the account itself sent in anything under this id that is still there."""
    return _mine(actor, marking, stix_id).exists()


def _mine(actor: Actor, marking: Marking, stix_id: str) -> QuerySet[Submitted]:
    return Submitted.objects.filter(
        submission__account_id=me(actor), submission__marking_id=marking.pk, stix_id=stix_id
    )


@transaction.atomic
def take(*, actor: Actor, submission: Submission, bureau: Bureau, kind: str) -> Draft:
    """Begin a draft with what waits of a submission, marked no lower than it was sent in; nothing in it says by whom.

    Raises PermissionDenied; Denied; ValidationError where the bureau may not hold it, and where nothing waits any more.
    """
    waiting = list(_waiting(actor).filter(submission=submission).select_related("submission").order_by("id"))
    objects = [json.loads(each.body) for each in waiting]
    if not objects:
        raise ValidationError(_("すでにほかの行政官が確認したか、提出元が取り下げました。"), code="answered")
    marking = from_text(marking_of(submission.marking.text, objects))
    content = content_of(objects, marking=marking.text, kind=kind)
    draft = drafting.begin(actor=actor, bureau=bureau, content=content, marking=marking)
    _answer(actor, submission, waiting, state=Submitted.State.TAKEN, draft=draft)
    return draft


@transaction.atomic
def refuse(*, actor: Actor, submitted: Submitted) -> bool:
    """Decline one object; its sender sees that. False where it was answered or taken back. Raises PermissionDenied."""
    waiting = list(_waiting(actor).filter(pk=submitted.pk))
    if waiting:
        _answer(actor, submitted.submission, waiting, state=Submitted.State.REFUSED)
    return bool(waiting)


@transaction.atomic
def refuse_all(*, actor: Actor, submission: Submission) -> int:
    """Decline all that waits of a submission; how many objects that were. Raises PermissionDenied."""
    waiting = list(_waiting(actor).filter(submission=submission).order_by("id"))
    if waiting:
        _answer(actor, submission, waiting, state=Submitted.State.REFUSED)
    return len(waiting)


def _waiting(actor: Actor) -> QuerySet[Submitted]:
    """What nobody has answered, held until this is over. Raises PermissionDenied for whoever is no official."""
    if not actor.official:
        raise PermissionDenied
    return Submitted.objects.filter(state=Submitted.State.WAITING).select_for_update(of=("self",))


def _answer(actor: Actor, submission: Submission, waiting: list[Submitted], **said: Any) -> None:
    rows = Submitted.objects.filter(pk__in=[each.pk for each in waiting])
    if rows.update(answered_by=me(actor), answered_at=moment(), **said) != len(waiting):
        raise PermissionDenied
    _note(actor, Act.FEED_ANSWER, submission, submission.marking, taken=said["state"] == Submitted.State.TAKEN)


def _note(actor: Actor, act: Act, submission: Submission, marking: Marking, **detail: int | bool) -> None:
    record(
        actor=actor, act=act, target_type="briefings.submission", target_id=submission.pk, label=marking.text,
        level=marking.level, detail=detail,
    )  # fmt: skip
