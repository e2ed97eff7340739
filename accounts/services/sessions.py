"""Ending one's own sessions in other browsers."""

from __future__ import annotations

from django.db import transaction

from accounts.models import Person, Session
from accounts.sessions import hashed
from audit.acts import Act
from audit.services import record


@transaction.atomic
def end_session(*, actor: Person, key: str) -> bool:
    """End one of one's own sessions by its hash; False where there is none such (any more)."""
    ended, _rows = Session.objects.filter(person=actor, session_key=key).delete()
    if ended:
        record(actor=actor, act=Act.SESSION_END, target_type="person", target_id=actor.pk, detail={"count": 1})
    return bool(ended)


@transaction.atomic
def end_other_sessions(*, actor: Person, present: str | None) -> int:
    """End all of one's own sessions but the present one, and say how many. `present`: this cookie's key."""
    others = Session.objects.filter(person=actor)
    if present is not None:
        others = others.exclude(session_key=hashed(present))
    ended, _rows = others.delete()
    if ended:
        record(actor=actor, act=Act.SESSION_END, target_type="person", target_id=actor.pk, detail={"count": ended})
    return ended
