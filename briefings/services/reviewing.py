"""The second pair of eyes: one revision of a draft, answered once, by the official who was asked."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.acts import Act
from clearance.access import Actor
from clearance.clock import moment
from clearance.noting import note

from .. import rules
from ..models import Briefing, Draft, Review, State
from . import publishing
from .drafting import hold


@transaction.atomic
def approve(*, actor: Actor, review: Review) -> Briefing | None:
    """Publish what was looked over; None where its time is still to come. Of several who approve at once, one does it.

    Raises Denied; ValidationError where it was answered already, where the draft is no longer what was put before
    the reviewer, or where it can no longer be published as it is.
    """
    current = _locked(actor, review)
    draft = current.draft
    _answer(current, Review.Answer.APPROVED)
    note(actor, Act.DRAFT_APPROVE, draft, revision=current.revision)
    if draft.release_at is None or draft.release_at <= moment():
        return publishing.publish(actor=actor, draft=draft, approved_by=current.reviewer)
    publishing.check(actor, draft)
    draft.state = State.APPROVED
    draft.save(update_fields=["state"])
    return None


@transaction.atomic
def return_(*, actor: Actor, review: Review, note: str) -> Review:
    """Send it back, with the reason. Raises Denied, ValidationError."""
    current = _locked(actor, review)
    if not note.strip():
        raise ValidationError({"note": _("差し戻す理由を入力してください。")})
    current.note = note
    _answer(current, Review.Answer.RETURNED)
    draft = current.draft
    draft.state, draft.release_at = State.RETURNED, None
    draft.save(update_fields=["state", "release_at"])
    _noted(actor, draft, current)
    return current


def _noted(actor: Actor, draft: Draft, review: Review) -> None:
    note(actor, Act.DRAFT_RETURN, draft, revision=review.revision)


def _locked(actor: Actor, review: Review) -> Review:
    """The draft first, as everywhere, so that no two answers wait for each other; then the question as it is now."""
    draft = hold(actor, review.draft)
    current = Review.objects.select_related("reviewer").get(pk=review.pk)
    current.draft = draft
    rules.insist(rules.to_answer(actor, current))
    if current.answer != Review.Answer.NONE or draft.state != State.IN_REVIEW:
        raise ValidationError(_("この依頼には、すでに結果が出ています。"), code="answered")
    if current.revision != draft.revision:
        raise ValidationError(_("依頼のあとに内容が変わりました。もう一度依頼してもらってください。"), code="overtaken")
    return current


def _answer(review: Review, answer: Review.Answer) -> None:
    review.answer, review.answered_at = answer, moment()
    review.save(update_fields=["answer", "answered_at", "note"])
