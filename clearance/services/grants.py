"""Grants on single items (知る必要性), and from level 3 up the register of who handles each (取扱者名簿).

guardian keeps the grants; that they are given says nothing yet of what they open (clearance.access decides).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import Person
from accounts.services.acting import require_officer
from audit.acts import Act
from audit.services import record

from .. import context
from ..access import REGISTER_FROM, Action, Actor, Decision, Denied, Reason, require
from ..clock import moment
from ..markings import text_of
from ..models import HandlerEntry, ItemGrant, Marked
from .acting import me
from .entitlements import said


@transaction.atomic
def give(*, actor: Actor, item: Marked, person: Person, until: datetime | None = None, reason: str = "") -> ItemGrant:
    """Let a person know of one item, until then or for good; from level 3 up enter them in its register.

    By whoever runs the item's circle and reads the item; nobody to themselves; from level 3 up only an official. It
    tells nothing of the person's authorisation: without one the grant opens nothing. Raises Denied, ValidationError.
    """
    now = moment()
    _require_granter(actor, Action.GRANT, item)
    if person.pk == actor.person_id:
        raise ValidationError(_("ご自身には付与できません。別の運営担当に依頼してください。"), code="self")
    if not person.is_active:
        raise ValidationError(_("利用が停止されている方には付与できません。"), code="suspended")
    if until is not None and until <= now:
        raise ValidationError(_("終了日に過去の日付は使えません。"), code="past")
    grant = cast(ItemGrant, assign_perm(codename(item), person, item))
    type(grant)._default_manager.filter(pk=grant.pk).update(since=now, until=until)
    if item.level >= REGISTER_FROM:
        _enter(actor, item.pk, person, until, reason)
    _note(actor, Act.GRANT_GIVE, item, person)
    return grant


@transaction.atomic
def first(*, actor: Actor, item: Marked) -> Actor:
    """Before an item of level 3 or 4 is inserted: whoever hands it over is its first named handler, since nobody
    else could see what they have made. The actor as they are then. Raises Denied for whoever may not write there.
    """
    if item.level < REGISTER_FROM or item.circle_id not in actor.reach.writers or not actor.reach.holds(item.level):
        raise Denied(Decision(Action.WRITE, item.level, (Reason.NOT_A_WRITER,)))
    holder = context.first_grant(
        grants=grants_of(type(item))._meta.db_table,
        marked=item._meta.db_table,
        item=item.pk,
        circle=item.circle_id,
        level=item.level,
        permission=_permission(type(item)).pk,
    )
    now = moment()
    HandlerEntry(item_id=item.pk, person_id=me(actor), entered_at=now, entered_by_id=me(actor)).save(force_insert=True)
    _note(actor, Act.GRANT_GIVE, item, None)
    return holder


@transaction.atomic
def strike(*, actor: Actor, item: Marked, person: Person, reason: str = "") -> None:
    """Take a grant back; the line in the register stays, struck. By whoever gives, in a closed circle too. Raises
    Denied, ValidationError."""
    _require_granter(actor, Action.KEEP, item)
    removed, _kinds = remove_perm(codename(item), person, item) or (0, {})
    struck = _strike_lines(actor, item.pk, person, reason) if item.level >= REGISTER_FROM else 0
    if not removed and not struck:
        raise ValidationError(_("この方への個別の付与はありません。"), code="no_grant")
    _note(actor, Act.GRANT_STRIKE, item, person)


@transaction.atomic
def strike_entry(*, actor: Actor, entry: HandlerEntry, reason: str) -> None:
    """The clearance officer strikes a line of a register, and with it the grant, without reading the item.

    Raises NotAllowed; ValidationError without a reason or for a line struck already.
    """
    require_officer(actor)
    reason = said(reason)
    if not _strike_lines(actor, entry.item_id, entry.person, reason):
        raise ValidationError(_("この記載はすでに抹消されています。"), code="struck")
    for model in grant_models():
        grants: Any = model._default_manager
        grants.filter(user=entry.person, content_object_id=entry.item_id).delete()
    record(
        actor=actor, act=Act.GRANT_STRIKE, target_type="item", target_id=entry.item_id, level=REGISTER_FROM,
        detail={"person": str(entry.person_id)},
    )  # fmt: skip


def grant_models() -> list[type[ItemGrant]]:
    """Each table of grants the portal has."""
    return [model for model in apps.get_models() if issubclass(model, ItemGrant)]


def grants_of(marked: type[Marked]) -> type[ItemGrant]:
    """The table of grants on this kind of item."""

    def item_of(model: Any) -> Any:
        return model._meta.get_field("content_object").related_model

    return next(model for model in grant_models() if item_of(model) is marked)


def codename(item: Marked) -> str:
    """The one permission a grant is made of. What somebody may do follows from their role in the item's circle."""
    return f"view_{item._meta.model_name}"


def _require_granter(actor: Actor, action: Action, item: Marked) -> None:
    require(actor, action, item, at=moment())
    if item.level >= REGISTER_FROM and not actor.official:
        raise Denied(Decision(action, item.level, (Reason.NOT_A_STEWARD,)))


def _permission(marked: type[Marked]) -> Permission:
    return Permission.objects.get(
        content_type=ContentType.objects.get_for_model(marked), codename=f"view_{marked._meta.model_name}"
    )


def _enter(actor: Actor, item: UUID, person: Person, until: datetime | None, reason: str) -> None:
    """A new line. One that runs already is struck: the register shows what held when."""
    now = moment()
    running = HandlerEntry.objects.filter(item_id=item, person=person, struck_at__isnull=True)
    running.update(struck_at=now, struck_by=actor.person_id)
    HandlerEntry(item_id=item, person=person, entered_at=now, entered_by_id=me(actor), until=until, reason=reason).save(
        force_insert=True
    )


def _strike_lines(actor: Actor, item: UUID, person: Person, reason: str) -> int:
    lines = HandlerEntry.objects.filter(item_id=item, person=person, struck_at__isnull=True)
    return lines.update(struck_at=moment(), struck_by=actor.person_id, struck_reason=reason)


def _note(actor: Actor, act: str, item: Marked, person: Person | None) -> None:
    record(
        actor=actor,
        act=act,
        target_type=item._meta.model_name or "",
        target_id=item.pk,
        label=text_of(item.marking_id),
        level=item.level,
        detail={"person": str(person.pk if person else actor.person_id)},
    )
