"""What the portal's worker does for the intake: puts each round into the log, and keeps how it stands there."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from audit import proof_export, queries
from audit.acts import Act
from audit.models import Event
from audit.publishing import published_keys
from audit.services import SYSTEM, record
from intake.models import Round

BATCH = 50


@shared_task
def log_rounds() -> None:
    """One event for each round that has none, then the proof of each whose event is sealed. May run twice."""
    for round_ in Round.objects.filter(event_id=None).order_by("id")[:BATCH]:
        with transaction.atomic():
            _log(round_)
    prove()


def _log(round_: Round) -> None:
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    if locked.event_id is not None:
        return
    record(
        actor=SYSTEM, act=Act.INTAKE_ROUND, target_type="round", target_id=locked.pk,
        detail={"day": locked.day.isoformat(), "root": bytes(locked.root).hex(), "leaves": locked.leaves},
    )  # fmt: skip
    locked.event_id = _event_of(locked).pk
    locked.save(update_fields=["event_id"])


def _event_of(round_: Round) -> Event:
    return Event.objects.get(act=Act.INTAKE_ROUND, target_type="round", target_id=str(round_.pk))


def prove() -> None:
    """Keep, beside each round, the lines that lead from its event to the newest signed head."""
    head = queries.newest_head()
    if head is None:
        return
    keys = published_keys()
    for round_ in Round.objects.filter(proof="").exclude(event_id=None).order_by("id")[:BATCH]:
        event = _event_of(round_)
        if queries.places_of([event], head.size):
            round_.proof = "".join(proof_export.proof(event, head, keys, lambda level: level == 0))
            round_.save(update_fields=["proof"])
