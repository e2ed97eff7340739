"""Releasing an approved finding into a room: as a message, or as a document."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services import NotAllowed
from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from clearance.clock import today
from clearance.models import Marking
from dialogues.models import Room
from dialogues.services import speaking
from disclosure.services import Overtaken
from documents.services.receiving import receive
from documents.uploads import sealed

from ..custody import UnlockedKey
from ..models.findings import Finding
from . import rule
from .drafting import TARGET, State, judge, locked, refuse_unfit
from .wording import released

MESSAGE, DOCUMENT = "MESSAGE", "DOCUMENT"


@transaction.atomic
def release(
    *, actor: Actor, unlocked: UnlockedKey, finding: Finding, room: Room, marking: Marking, way: str
) -> rule.Told:
    """Draw on the budget, and say it in the room; by its author, once another has approved it. All of it or nothing.

    Raises NotAllowed; ValidationError where the rule, the room or the marking does not let it pass; Denied for whoever
    may not write there.
    """
    held = locked(finding)
    if held.state != State.APPROVED or actor.person_id not in {held.drafted_by_id, held.approved_by_id}:
        raise NotAllowed
    judged = judge(unlocked=unlocked, finding=held)
    refuse_unfit(judged)
    try:
        told = rule.release(judged.statement, day=today())
    except (rule.Withheld, Overtaken) as refused:
        raise ValidationError(_("今は公開できません。画面を読み込み直して、理由を確認してください。")) from refused
    text = released(judged.draft, told.verdict)
    if way == MESSAGE:
        speaking.start_thread(actor=actor, room=room, title=judged.draft.title, body=text, marking=marking)
    else:
        name = f"{judged.draft.title}.txt"
        receive(
            actor=actor, circle=room.circle_id, marking=marking, title=judged.draft.title,
            upload=sealed(name, [text.encode()]),
        )  # fmt: skip
    held.state, held.released_on, held.released_as = State.RELEASED, today(), way
    held.save(update_fields=["state", "released_on", "released_as"])
    record(
        actor=actor, act=Act.FINDING_RELEASE, target_type=TARGET, target_id=held.pk,
        detail={"as": way, "release": str(told.release.pk), "room": str(room.pk)},
    )  # fmt: skip
    return told
