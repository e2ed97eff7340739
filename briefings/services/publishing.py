"""Publishing, correcting, releasing at a time, retracting: readers of each level get their parts of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from audit.acts import Act
from clearance.access import Actor
from clearance.clock import end_of, moment
from clearance.context import acting
from clearance.markings import from_text
from clearance.models import Circle
from clearance.noting import note, note_each

from .. import after, database, rules
from ..content import Content, Section
from ..kinds import Retraction
from ..models import Audience, Briefing, Draft, Former, Portion, Review, State
from ..models.briefings import as_kept
from .checking import check_whole

LOST = {
    "AUTHOR": _("作成者の行政官としての任命または取扱資格がなくなったため、公表を見合わせました。"),
    "APPROVER": _("承認者の行政官としての任命または取扱資格がなくなったため、公表を見合わせました。"),
    "CLOSED": _("宛先または起案の班の共有範囲が閉じられたため、公表を見合わせました。"),
    "WRITER": _("承認者が宛先または起案の班で閲覧のみになったため、公表を見合わせました。"),
}


@transaction.atomic
def publish(*, actor: Actor, draft: Draft, approved_by: Person) -> Briefing:
    """Make rows of an approved draft, held by the caller; of a correction, only of what it changes.

    The database holds once more that another official approved this very revision. Raises ValidationError for what
    may not go where it is to go any more.
    """
    content, circle = check(actor, draft)
    at = moment()
    if draft.corrects_id is None:
        briefing = _head(draft, content, circle, approved_by, at)
    else:
        briefing = _corrected_head(draft, content, approved_by, at)
    draft.briefing = briefing
    draft.save(update_fields=["briefing"])
    portions = _put_sections(briefing, content, approved_by, at)
    draft.state = State.PUBLISHED
    draft.save(update_fields=["state"])
    if draft.corrects_id is None:
        note(actor, Act.BRIEFING_PUBLISH, briefing, approved_by=str(approved_by.pk))
    else:
        note(actor, Act.BRIEFING_CORRECT, briefing, approved_by=str(approved_by.pk))
    note_each(actor, Act.BRIEFING_SECTION, portions)
    for follow in after.published:
        follow(briefing, portions)
    if draft.corrects_id is not None:
        database.hide_raised(briefing)  # last: the objects that took the place of others are laid by now
    return briefing


def check(actor: Actor, draft: Draft) -> tuple[Content, Circle]:
    """What is to be published and where to. Raises ValidationError for what may not go there."""
    rows = Audience.objects.select_related("circle__ceiling")
    audience = rows.filter(pk=draft.audience_id).first() if draft.audience_id else None
    if audience is None or audience.circle_id not in actor.reach.writers:
        raise ValidationError(_("宛先の共有範囲に参加していないため、公表できません。"), code="not_in_audience")
    content = Content.read(draft.content)
    check_whole(actor, draft, content, audience=audience.circle)
    return content, audience.circle


def release_due() -> int:
    """Publish what was approved for a time that has come; how many. May run any number of times, anywhere at once.

    Whose author or approver is no longer entitled goes back to the bureau with the reason. One that fails for another
    cause stays for the next run and keeps none of the others waiting.
    """
    released, failed = 0, []
    for due in database.due():
        try:
            with acting(items=[due.draft], circles=[due.inside, due.outside]) as job:
                released += _release(job, due)
        except Exception as error:  # noqa: BLE001 - raised below, after the others
            failed.append(error)
    if failed:
        raise ExceptionGroup("not every briefing could be released", failed)
    return released


@transaction.atomic
def retract(*, actor: Actor, briefing: Briefing, reason_code: str) -> None:
    """Take a briefing back: gone for everyone at once, and told to each who had opened it. Raises Denied,
    ValidationError."""
    rules.insist(rules.to_retract(actor, briefing))
    reason = Retraction(reason_code)
    note(actor, Act.BRIEFING_RETRACT, briefing, reason=reason.value)
    note_each(actor, Act.BRIEFING_RETRACT, Portion.objects.filter(briefing=briefing), reason=reason.value)
    if not database.retract(briefing):
        raise ValidationError(_("取り消せませんでした。画面を読み込み直してから、もう一度お試しください。"))
    for follow in after.retracted:
        follow(briefing.pk)


def _release(job: Actor, due: database.Due) -> bool:
    draft = Draft.objects.select_for_update(skip_locked=True).filter(pk=due.draft, state=State.APPROVED).first()
    if draft is None or draft.release_at is None or draft.release_at > moment():
        return False  # somebody has it in hand, or has taken it back
    answered = draft.reviews.filter(answer=Review.Answer.APPROVED, revision=draft.revision)
    review = answered.select_related("reviewer").order_by("-answered_at", "id").first()
    why: Any = LOST.get(due.lost)
    if review is not None and not why:
        try:
            publish(actor=job, draft=draft, approved_by=review.reviewer)
        except ValidationError as refused:
            why = " ".join(refused.messages)
        else:
            return True
    _send_back(job, draft, review, str(why))
    return False


def _send_back(job: Actor, draft: Draft, review: Review | None, why: str) -> None:
    if review is not None:
        review.draft = draft
        review.answer, review.note, review.answered_at = Review.Answer.RETURNED, why[:2000], moment()
        review.save(update_fields=["answer", "note", "answered_at"])
    Draft.objects.filter(pk=draft.pk).update(state=State.RETURNED)
    note(job, Act.DRAFT_RETURN, draft, revision=draft.revision, released=False)


def _head(draft: Draft, content: Content, circle: Circle, approved_by: Person, at: datetime) -> Briefing:
    briefing = Briefing(
        circle=circle, marking=from_text(content.head.marking), originator=draft.author.organisation,
        author_id=draft.author_id, approved_by=approved_by, created=at, **_said(content),
    )  # fmt: skip
    briefing.save(force_insert=True)
    return briefing


def _corrected_head(draft: Draft, content: Content, approved_by: Person, at: datetime) -> Briefing:
    """The head as corrected; what every reader saw of it until now is kept, to be shown as a difference."""
    assert draft.corrects_id is not None
    briefing = Briefing.objects.select_for_update().get(pk=draft.corrects_id)
    said = _said(content)
    before = {name: getattr(briefing, name) for name in said}
    changed = [name for name, value in said.items() if before[name] != value]
    if changed:
        Former(briefing=briefing, said=as_kept(before), until=at).save(force_insert=True)
        said["changed_at"] = at
        changed.append("changed_at")
    # Of a correction that the first author approved the sections say so; the head keeps its two officials.
    if approved_by.pk != briefing.author_id:
        said["approved_by"] = approved_by
        changed.append("approved_by")
    for name in changed:
        setattr(briefing, name, said[name])
    if changed:
        briefing.save(update_fields=changed)
    return briefing


def _said(content: Content) -> dict[str, Any]:
    return {
        "title": content.title,
        "kind": content.kind,
        "severity": content.severity,
        "likelihood": content.likelihood,
        "confidence": content.confidence,
        # As lists, as they come back: as tuples each correction, of a hidden section too, would have changed the whole.
        "concerns": {name: list(values) for name, values in content.as_json()["concerns"].items()},
        "acknowledge_by": content.due,
        "expires_at": _end(content),
    }


def _end(content: Content) -> datetime | None:
    return end_of(content.expiry) if content.expiry else None


def _put_sections(briefing: Briefing, content: Content, approved_by: Person, at: datetime) -> list[Portion]:
    """Section by section, by slot: changed ones end and begin anew, removed ones end, unchanged ones stay untouched."""
    running = Portion.objects.select_for_update().filter(briefing=briefing, until__isnull=True).order_by("pk")
    there = {each.slot: each for each in running}
    end, made = _end(content), []
    for place, section in enumerate(content.sections):
        before = there.pop(section.key, None)
        if before is not None and _same(before, section):
            _keep(before, place, end)
            continue
        if before is not None:
            _stop([before], at)
        made.append(
            Portion(
                briefing=briefing, slot=section.key, place=place, heading=section.heading, body=section.body,
                more=section.more, ask_again=section.ask_again, approved_by=approved_by,
                marking=from_text(section.marking), circle_id=briefing.circle_id, expires_at=end, created=at,
            )
        )  # fmt: skip
    _stop(list(there.values()), at)
    for each in made:
        each.save(force_insert=True)
    return made


def _same(before: Portion, section: Section) -> bool:
    return (
        before.heading == section.heading
        and before.body == section.body
        and before.more == section.more
        and before.seal_label.text == section.marking
    )


def _keep(portion: Portion, place: int, end: datetime | None) -> None:
    """Its place and the day it expires are no part of what it says."""
    if (portion.place, portion.expires_at) != (place, end):
        portion.place, portion.expires_at = place, end
        portion.save(update_fields=["place", "expires_at"])


def _stop(portions: Sequence[Portion], at: datetime) -> None:
    if portions:
        stopped = Portion.objects.filter(pk__in=[each.pk for each in portions]).update(until=at)
        if stopped != len(portions):  # what a policy leaves out is left out silently
            raise DatabaseError("not every section that is held may be changed")
