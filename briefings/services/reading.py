"""What readers do with briefings: open, take with them, take note, answer. Each leaves its event before it is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.acts import Act
from audit.services import Scalar, record
from clearance.access import Action, Actor, require
from clearance.models import Marking
from clearance.noting import note

from .. import rules
from ..models import Acknowledgement, Briefing, Notice, Opening, Portion, Reply
from ..queries.feed import Line
from ..queries.standing import standing

TARGET = "briefings.briefing"


class Way(StrEnum):
    """In which shape something was shown, as the log names it."""

    PAGE = "page"
    PRINT = "print"
    PDF = "pdf"
    CHANGES = "changes"
    REPLY = "reply"
    NOTICES = "notices"
    RETRACT = "retract"
    CSV = "csv"
    JSON = "json"


@transaction.atomic
def open_briefing(*, actor: Actor, briefing: Briefing, shown: Iterable[Portion] = (), way: Way = Way.PAGE) -> None:
    """The reader has opened a briefing: the event lies as high as the highest section shown, and the ledger knows whom
    a retraction has to reach. Raises Denied."""
    require(actor, Action.READ, briefing)
    act = Act.BRIEFING_EXPORT if way is Way.PDF else Act.BRIEFING_OPEN
    note(actor, act, briefing, naming=_highest(shown), kind=way)
    enter(actor, [briefing.pk])


@transaction.atomic
def acknowledge(*, actor: Actor, briefing: Briefing) -> None:
    """The reader has taken note; once more only where they are asked again. Raises Denied."""
    require(actor, Action.READ, briefing)
    if not standing(actor, [briefing])[briefing.pk].outstanding:
        return
    Acknowledgement(briefing=briefing, person_id=rules.person(actor), at=timezone.now()).save(force_insert=True)
    note(actor, Act.BRIEFING_ACKNOWLEDGE, briefing)


@transaction.atomic
def reply(*, actor: Actor, briefing: Briefing, kind: str, text: str = "") -> Reply:
    """Answer for one's firm: it sees this too, it is not concerned (the newest of the two holds), or a question.

    Raises Denied; ValidationError for a question without words.
    """
    require(actor, Action.READ, briefing)
    chosen = Reply.Kind(kind)
    if chosen is Reply.Kind.QUESTION and not text.strip():
        raise ValidationError({"text": _("質問の内容を入力してください。")})
    said = text.strip()
    if (before := _newest(actor, briefing)) and (before.kind, before.text) == (chosen, said):
        return before  # sent twice
    made = Reply(
        briefing=briefing, person_id=rules.person(actor), organisation_id=rules.organisation(actor), kind=chosen,
        text=said, at=timezone.now(),
    )  # fmt: skip
    made.save(force_insert=True)
    note(actor, Act.BRIEFING_REPLY, briefing, kind=chosen.value)
    return made


@transaction.atomic
def open_feed(*, actor: Actor, shown: Sequence[Line], looked: int) -> None:
    """The reader was shown a page of the feed: it lies as high as the highest title or passage on it. Whose passages a
    search showed is in the ledger, so that its retraction reaches them; they have not read it."""
    level = max((each.level for each in shown), default=0)
    detail = {"shown": len(shown), "searched": looked}
    record(actor=actor, act=Act.BRIEFING_LIST, target_type=TARGET, level=level, detail=detail)
    if glimpsed := [line.briefing.pk for line in shown if line.hits]:
        person = rules.person(actor)
        rows = [Opening(briefing_id=key, person_id=person, glimpsed=True) for key in glimpsed]
        Opening.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def export(*, actor: Actor, shown: Sequence[Briefing], level: int, way: Way) -> None:
    """The reader took briefings with them, all at once: each counts as opened, so that its retraction reaches them."""
    record(
        actor=actor, act=Act.BRIEFING_EXPORT, target_type=TARGET, level=level, detail={"shown": len(shown), "kind": way}
    )
    enter(actor, [each.pk for each in shown])


@transaction.atomic
def see_notices(*, actor: Actor, shown: Sequence[Notice]) -> None:
    """The reader has seen what was told them. A notice names no content: it lies at level 0."""
    detail: dict[str, Scalar] = {"shown": len(shown), "kind": Way.NOTICES}
    record(actor=actor, act=Act.BRIEFING_LIST, target_type=TARGET, detail=detail)
    fresh = [each.pk for each in shown if each.seen_at is None]
    if fresh:
        Notice.objects.filter(pk__in=fresh, person_id=rules.person(actor)).update(seen_at=timezone.now())


def enter(actor: Actor, keys: Sequence[UUID]) -> None:
    """In the ledger: the first opening stays, the last moves on."""
    now = timezone.now()
    Opening.objects.bulk_create(
        [Opening(briefing_id=key, person_id=rules.person(actor), first=now, last=now) for key in keys],
        update_conflicts=True,
        unique_fields=["briefing", "person"],
        update_fields=["last", "glimpsed"],
    )


def _newest(actor: Actor, briefing: Briefing) -> Reply | None:
    found = Reply.objects.filter(briefing=briefing, person_id=rules.person(actor)).order_by("-at", "-id").first()
    if found:
        found.briefing = briefing  # under whose key its text is sealed
    return found


def _highest(shown: Iterable[Portion]) -> Marking | None:
    return max((each.marking for each in shown), key=lambda marking: marking.level, default=None)
