"""Opening, describing, pausing desks: the manager's."""

from __future__ import annotations

from typing import TypedDict, Unpack

from django.db import transaction

from accounts.services import NotAllowed
from audit.acts import Act
from audit.services import record
from clearance.access import Actor
from intake.models import Desk

from .acting import DESK, require_manager


class DeskFields(TypedDict, total=False):
    name_ja: str
    name_en: str
    about_ja: str
    about_en: str
    place: int


@transaction.atomic
def open_desk(*, actor: Actor, **fields: Unpack[DeskFields]) -> Desk:
    """A new desk. Nobody can choose it before it has a reader. Raises NotAllowed, ValidationError."""
    require_manager(actor)
    desk = Desk(**fields)
    desk.full_clean(validate_unique=False, validate_constraints=False)
    desk.save(force_insert=True)
    record(actor=actor, act=Act.DESK_OPEN, target_type=DESK, target_id=desk.pk)
    return desk


@transaction.atomic
def change_desk(*, actor: Actor, desk: Desk, **fields: Unpack[DeskFields]) -> Desk:
    """Change how it is named and described. Raises NotAllowed, ValidationError."""
    require_manager(actor)
    for name, value in fields.items():
        setattr(desk, name, value)
    desk.full_clean(validate_unique=False, validate_constraints=False)
    if not Desk.objects.filter(pk=desk.pk).update(**fields):
        raise NotAllowed
    detail = {"fields": ",".join(sorted(fields))}
    record(actor=actor, act=Act.DESK_CHANGE, target_type=DESK, target_id=desk.pk, detail=detail)
    return desk


@transaction.atomic
def set_active(*, actor: Actor, desk: Desk, active: bool) -> None:
    """Take concerns again, or none for now: what came before is read and answered as ever. Raises NotAllowed."""
    require_manager(actor)
    if not Desk.objects.filter(pk=desk.pk).update(active=active):
        raise NotAllowed
    record(actor=actor, act=Act.DESK_CLOSE, target_type=DESK, target_id=desk.pk, detail={"active": active})
