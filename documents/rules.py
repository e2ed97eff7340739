"""Who may do what with a document, beyond reading it. Each rule exists once; services insist on it, pages ask it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.utils import timezone

from clearance.access import Action, Actor, Decision, Denied, Reason, decide

from .models import Document, RelabelRequest


@dataclass(frozen=True)
class Abilities:
    """What a page offers the actor to do."""

    download: Decision
    add_version: Decision
    withdraw: Decision
    relabel: Decision
    widen: Decision
    register: Decision
    record: Decision
    ledger: Decision


def abilities(actor: Actor, document: Document) -> Abilities:
    """Every rule at once."""
    return Abilities(
        download=to_download(actor, document),
        add_version=to_add_version(actor, document),
        withdraw=to_withdraw(actor, document),
        relabel=to_relabel(actor, document),
        widen=to_widen(actor, document),
        register=to_keep_register(actor, document),
        record=to_record(actor, document),
        ledger=to_see_ledger(actor, document),
    )


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


def to_read(actor: Actor, document: Document) -> Decision:
    return _decision(actor, Action.READ, document)


def to_download(actor: Actor, document: Document) -> Decision:
    """From level 3 up a document is looked at, never taken away."""
    return _decision(actor, Action.DOWNLOAD, document)


def to_hand_over(actor: Actor, document: Document) -> Decision:
    """Writers of the circle; in another organisation's name only officials and secretaries, who receive for others."""
    return _decision(actor, Action.WRITE, document, unless=not (_ours(actor, document) or _receives(actor)))


def to_add_version(actor: Actor, document: Document) -> Decision:
    return _decision(actor, Action.WRITE, document, unless=not _theirs_to_change(actor, document))


def to_withdraw(actor: Actor, document: Document) -> Decision:
    """The originator's people, whose information it is, and the circle's keepers; whoever handed it over while they
    write there. The database holds the same (clearance_withdraw)."""
    reach, circle = actor.reach, document.circle_id
    handed_over = actor.person_id == document.handed_over_by_id and circle in reach.writers
    theirs = _ours(actor, document) or handed_over or circle in reach.keepers
    return _decision(actor, Action.READ, document, unless=not theirs)


def to_relabel(actor: Actor, document: Document) -> Decision:
    """Upwards: officials and the originator's people."""
    return _decision(actor, Action.RELABEL, document, unless=not (actor.official or _theirs_to_change(actor, document)))


def to_widen(actor: Actor, document: Document) -> Decision:
    """Downwards an official may only propose."""
    return _decision(actor, Action.RELABEL, document, unless=not actor.official)


def to_answer(actor: Actor, request: RelabelRequest) -> Decision:
    """Another official than the one who proposed decides."""
    other = actor.official and actor.person_id != request.proposed_by_id
    return _decision(actor, Action.RELABEL, request.document, unless=not other)


def to_grant(actor: Actor, document: Document) -> Decision:
    """Let somebody know of it by name."""
    return _decision(actor, Action.GRANT, document)


def to_keep_register(actor: Actor, document: Document) -> Decision:
    """See who was granted, and from level 3 up the handler register; and strike."""
    return _decision(actor, Action.KEEP, document)


def to_record(actor: Actor, document: Document) -> Decision:
    """The record data of a public document are the officials' to write."""
    return _decision(actor, Action.WRITE, document, unless=not actor.official)


def to_see_ledger(actor: Actor, document: Document) -> Decision:
    """Who has read it: for the originator's people and the circle's keepers."""
    keeper = _ours(actor, document) or document.circle_id in actor.reach.keepers
    return _decision(actor, Action.READ, document, unless=not keeper)


def _decision(actor: Actor, action: Action, document: Document, *, unless: bool = False) -> Decision:
    decision = decide(actor, action, document, at=timezone.now())
    if decision and unless:
        return replace(decision, reasons=(Reason.NOT_A_WRITER,))
    return decision


def _ours(actor: Actor, document: Document) -> bool:
    return actor.organisation_id is not None and actor.organisation_id == document.originator_id


def _receives(actor: Actor) -> bool:
    return actor.official or actor.secretary


def _theirs_to_change(actor: Actor, document: Document) -> bool:
    return _ours(actor, document) or actor.person_id == document.handed_over_by_id
