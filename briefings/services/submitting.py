"""What machines send in: kept for officials to look at, seen by nobody else, and taken back by whoever sent it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.acts import Act
from audit.services import record
from clearance.actor import Actor
from clearance.clock import moment
from clearance.models import Marking
from clearance.services.acting import me

from ..models import ServiceAccount, Submission, Submitted

Object = Mapping[str, Any]


@transaction.atomic
def submit(*, actor: Actor, marking: Marking, objects: Sequence[tuple[str, datetime, Object]]) -> Submission:
    """Keep these objects, each with its id and version, for review."""
    account = ServiceAccount.objects.get(pk=me(actor))
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
    """Delete what the account itself sent in under this id; how many versions that were."""
    mine = Submitted.objects.filter(
        submission__account_id=me(actor), submission__marking=marking, stix_id=stix_id
    ).select_related("submission")
    found = list(mine)
    Submitted.objects.filter(pk__in=[each.pk for each in found]).delete()
    for submission in {each.submission for each in found}:
        _note(actor, Act.FEED_DELETE, submission, marking)
    return len(found)


@transaction.atomic
def answer(*, actor: Actor, submitted: Submitted, take: bool) -> None:
    """An official has looked at it. Raises PermissionDenied for others and for what was answered."""
    if not actor.official:
        raise PermissionDenied
    state = Submitted.State.TAKEN if take else Submitted.State.REFUSED
    changed = Submitted.objects.filter(pk=submitted.pk, state=Submitted.State.WAITING).update(
        state=state, answered_by=me(actor), answered_at=moment()
    )
    if not changed:
        raise PermissionDenied
    submission = submitted.submission
    _note(actor, Act.FEED_ANSWER, submission, submission.marking, taken=take)


def _note(actor: Actor, act: Act, submission: Submission, marking: Marking, **detail: int | bool) -> None:
    record(
        actor=actor, act=act, target_type="briefings.submission", target_id=submission.pk, label=marking.text,
        level=marking.level, detail=detail,
    )  # fmt: skip
