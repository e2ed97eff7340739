"""A concern told by telephone or sent by post, taken down by an officer: sealed as one from the web, with the same
receipt. Whoever wrote it down knows what it says; who has a key to it is settled as for any other."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from intake import database, directory, rounds, sending
from intake.acknowledgement import unsigned
from intake.database import Delivered
from intake.models import Case
from intake.receipt import Receipt
from intake.sealing import Header

from ..models.custody import DeskOfficer
from .opening import TARGET

WAYS = (Case.Way.TELEPHONE, Case.Way.POST)


def may(actor: Actor) -> bool:
    """Whether somebody serves at a desk now."""
    return DeskOfficer.objects.in_force(timezone.now()).filter(person=actor.person_id).exists()


@transaction.atomic
def take_down(
    *, actor: Actor, receipt: Receipt, way: Case.Way, theme: str, text: str, excluded: Collection[UUID], urgent: bool,
    consent: str, language: str,
) -> bool:  # fmt: skip
    """Seal it and hand it over at once; False where this receipt's concern was taken down before.

    Raises `sending.NoReaders` where every desk is excluded that has readers; `ValueError` for another way.
    """
    if way not in WAYS:
        raise ValueError(way)
    if not may(actor):
        raise PermissionDenied
    bundle = sending.seal(
        receipt=receipt, header=Header(theme, consent, tuple(map(str, excluded)), language), text=text, answers={},
        files=[], readers=directory.allowed(directory.from_database(), excluded), urgent=urgent, way=way, sign=unsigned,
    )  # fmt: skip
    (delivered,) = rounds.hand_over([bundle], deliver=database.take_down)
    if delivered is not Delivered.NEW:
        return False
    record(
        actor=actor, act=Act.CONSULTATION_TAKE_DOWN, target_type=TARGET, target_id=receipt.case_id,
        detail={"way": way.value},
    )  # fmt: skip
    return True
