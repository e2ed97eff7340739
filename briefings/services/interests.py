"""A firm's people say what it deals in, for the order of its own feed."""

from __future__ import annotations

from dataclasses import asdict

from django.db import IntegrityError, transaction

from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from clearance.clock import moment
from clearance.markings import marking
from clearance.models import Level

from .. import rules
from ..content import Concerns
from ..models import Interests

TARGET = "accounts.organisation"


@transaction.atomic
def state(*, actor: Actor, said: Concerns) -> Interests:
    """Say what one's own firm deals in; what was said before is replaced. Raises Denied for whoever is nobody's."""
    firm, person = rules.organisation(actor), rules.person(actor)
    content = {name: list(values) for name, values in asdict(said).items() if name != "sectors"}
    held = Interests.objects.select_for_update().filter(organisation_id=firm).first()
    if held is None:
        made = Interests(
            organisation_id=firm, marking=marking(Level.SENSITIVE), said=content, changed_by_id=person,
            changed_at=moment(),
        )  # fmt: skip
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:  # a colleague was first
            held = Interests.objects.select_for_update().get(organisation_id=firm)
        else:
            held = made
    if held.said != content:
        held.said, held.changed_by_id, held.changed_at = content, person, moment()
        held.save(update_fields=["said", "changed_by", "changed_at"])
    record(actor=actor, act=Act.BRIEFING_INTERESTS, target_type=TARGET, target_id=firm)
    return held


def open_form(*, actor: Actor) -> None:
    """What one's own firm has said was shown."""
    record(actor=actor, act=Act.BRIEFING_FORM, target_type=TARGET, target_id=rules.organisation(actor))
