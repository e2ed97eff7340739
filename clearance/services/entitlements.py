"""Suspending, resuming and revoking: the same for a person's authorisation and an organisation's agreement."""

from __future__ import annotations

from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.services import NotAllowed
from accounts.services.acting import require_officer
from audit.services import record

from ..actor import Actor
from ..clock import moment
from ..models import Suspension
from ..models.authorisations import Entitlement, within
from .acting import me

E = TypeVar("E", bound=Entitlement)


def hold(actor: Actor, entitlement: E) -> E:
    """The row, locked, for a clearance officer to change. Raises NotAllowed."""
    require_officer(actor)
    try:
        held: E = type(entitlement).objects.select_for_update().get(pk=entitlement.pk)
    except type(entitlement).DoesNotExist:  # the officer's own: the policy lets nobody change theirs
        raise NotAllowed from None
    return held


def suspend(*, actor: Actor, entitlement: E, reason: str) -> E:
    """Take its effect away from this moment on, until it is resumed."""
    held = hold(actor, entitlement)
    now = moment()
    refuse_ended(held)
    if Suspension.objects.filter(within(now), entitlement_id=held.pk).exists():
        raise ValidationError(_("すでに効力を停止しています。"), code="suspended")
    Suspension(entitlement_id=held.pk, since=now, reason=said(reason), by_id=me(actor)).save(force_insert=True)
    return held


def resume(*, actor: Actor, entitlement: E) -> E:
    """Give it its effect back from this moment on."""
    held = hold(actor, entitlement)
    now = moment()
    refuse_ended(held)
    open_ones = Suspension.objects.filter(Q(until__isnull=True) | Q(until__gt=now), entitlement_id=held.pk)
    if not open_ones.update(until=now, ended_by=actor.person_id):
        raise ValidationError(_("効力は停止していません。"), code="not_suspended")
    return held


def revoke(*, actor: Actor, entitlement: E, reason: str) -> E:
    """End it for good from this moment on. A new one has to be granted to bring it back."""
    held = hold(actor, entitlement)
    refuse_ended(held)
    held.revoked_at, held.revoked_by_id, held.revoked_reason = moment(), actor.person_id, said(reason)
    held.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
    return held


def refuse_ended(entitlement: Entitlement) -> None:
    """Raise ValidationError for what has come to its end: there is nothing left to change."""
    if entitlement.revoked_at is not None:
        raise ValidationError(_("すでに取り消されています。"), code="revoked")
    if entitlement.until is not None and entitlement.until <= moment():
        raise ValidationError(_("すでに期限が切れています。"), code="lapsed")


def said(reason: str) -> str:
    """The reason as it is kept. Raises ValidationError where none is given."""
    if not (text := reason.strip()):
        raise ValidationError({"reason": _("理由を入力してください。")}, code="no_reason")
    return text


def note(actor: Actor, act: str, entitlement: Entitlement, *, target: str, **detail: str | int | None) -> None:
    """Record what happened to it. What is about a statutory level carries that level, for the auditor's own limits."""
    record(
        actor=actor,
        act=act,
        target_type=target,
        target_id=entitlement.pk,
        level=entitlement.noted_level,
        detail={"highest": entitlement.highest, **detail},
    )
