"""Who may do what about briefings, beyond reading them. Each rule exists once; services insist on it, pages ask it.

In which state a draft has to be for it is the services' to say (`briefings.services`): a rule says who.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.utils import timezone

from clearance.access import Action, Actor, Decision, Denied, Reason, decide

from .models import Briefing, Bureau, Draft, Review


def insist(decision: Decision) -> None:
    """Raise Denied for a decision that is against."""
    if not decision:
        raise Denied(decision)


def person(actor: Actor) -> UUID:
    """Whose doing it is. Raises Denied for a job and for nobody: what people do, a person does."""
    if actor.person_id is None:
        raise Denied(Decision(Action.READ, None, (Reason.NOT_SIGNED_IN,)))
    return actor.person_id


def organisation(actor: Actor) -> UUID:
    """For whom the person acts. Raises Denied as `person` does."""
    if actor.organisation_id is None:
        raise Denied(Decision(Action.READ, None, (Reason.NOT_SIGNED_IN,)))
    return actor.organisation_id


def to_open(actor: Actor) -> Decision:
    """Bureaus and audiences are opened by officials."""
    return Decision(Action.MANAGE, None, () if actor.official else (Reason.NOT_A_STEWARD,))


def to_start(actor: Actor, bureau: Bureau) -> Decision:
    """Drafts are begun by officials who write in the bureau."""
    return _decision(actor, Action.WRITE, bureau, unless=not actor.official)


def to_read_draft(actor: Actor, draft: Draft) -> Decision:
    return _decision(actor, Action.READ, draft, unless=not actor.official)


def to_write(actor: Actor, draft: Draft) -> Decision:
    """Change, submit, take back, drop: any official who writes in the bureau."""
    return _decision(actor, Action.WRITE, draft, unless=not actor.official)


def to_answer(actor: Actor, review: Review) -> Decision:
    """The official who was asked, and who neither wrote the draft nor saved or submitted what is to be looked at.

    The database holds the same (briefings/sql).
    """
    draft = review.draft
    own = actor.person_id in {draft.author_id, draft.saved_by_id, review.asked_by_id}
    other = actor.official and actor.person_id == review.reviewer_id and not own
    return _decision(actor, Action.WRITE, draft, unless=not other)


def to_send_to(actor: Actor, circle: int) -> Decision:
    """Briefings go to circles in which the official writes."""
    ours = actor.official and circle in actor.reach.writers
    return Decision(Action.WRITE, None, () if ours else (Reason.NOT_A_WRITER,))


def to_see_reach(actor: Actor, circle: int) -> Decision:
    """How many something will reach: officials who write there. Who, by name: `to_see_names`."""
    return to_send_to(actor, circle)


def to_see_names(actor: Actor, circle: int) -> Decision:
    ours = actor.official and circle in actor.reach.stewards
    return Decision(Action.MANAGE, None, () if ours else (Reason.NOT_A_STEWARD,))


def to_correct(actor: Actor, briefing: Briefing) -> Decision:
    """Officials of the organisation whose information it is, where they write."""
    return _decision(actor, Action.WRITE, briefing, unless=not (actor.official and _ours(actor, briefing)))


def to_retract(actor: Actor, briefing: Briefing) -> Decision:
    """Officials who run the audience, and those of the organisation whose information it is (briefings_retract)."""
    theirs = _ours(actor, briefing) or briefing.circle_id in actor.reach.keepers
    return _decision(actor, Action.READ, briefing, unless=not (actor.official and theirs))


def _decision(actor: Actor, action: Action, thing: Any, *, unless: bool) -> Decision:
    decision = decide(actor, action, thing, at=timezone.now())
    if decision and unless:
        return replace(decision, reasons=(Reason.NOT_A_WRITER,))
    return decision


def _ours(actor: Actor, briefing: Briefing) -> bool:
    return actor.organisation_id is not None and actor.organisation_id == briefing.originator_id
