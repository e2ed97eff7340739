"""Telling, as the worker does it; and what the stories of hooks and letters begin with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Person
from briefings.delivery import hooks, letters, occasions, signing
from briefings.models import Briefing, Delivery, Hook, Occasion
from clearance.markings import from_text
from tests.world import as_owner, as_role


def spread() -> None:
    with as_role("portal_worker"):
        occasions.spread_due()


def carry(at: datetime | None = None) -> int:
    with as_role("portal_worker"):
        return hooks.deliver_due(at)


def post(at: datetime | None = None) -> int:
    with as_role("portal_worker"):
        return letters.post_due(at)


def noted(briefing: Briefing, kind: str = "NEW", at: datetime | None = None) -> Occasion:
    """As publishing notes it."""
    with as_owner():
        return Occasion.objects.create(kind=kind, about=briefing.pk, at=at or briefing.created)


def hook_of(person: Person, address: str = "https://hooks.example.jp/", *, active: bool = True, **given: Any) -> Hook:
    """One of the person's whose address has answered."""
    with as_owner():
        made = Hook(
            person=person, organisation=person.organisation, marking=from_text("SENSITIVE"), address=address,
            secret=signing.new_secret(), kinds=["new", "corrected", "retracted", "reminder"],
            state="ACTIVE" if active else "PAUSED", proved_at=timezone.now() if active else None, **given,
        )  # fmt: skip
        made.save(force_insert=True)
    return made


def laid(**given: Any) -> list[Delivery]:
    """What there is to send or was sent, of everybody."""
    with as_owner():
        return list(Delivery.objects.filter(**given).order_by("created", "id"))


def told(person: Person, **given: Any) -> list[tuple[bool, str]]:
    """Of one person: whether by hook, and of what kind."""
    return sorted((each.hook_id is not None, each.kind) for each in laid(person=person, **given))
