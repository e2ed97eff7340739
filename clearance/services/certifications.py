"""What organisations are under agreement or certified for (秘密保持契約, 適合事業者の認定・契約)."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.services.acting import require_officer
from audit.acts import Act

from ..actor import Actor
from ..clock import end_of, moment, start_of
from ..models import Level, OrganisationCertification
from . import entitlements

Kind = OrganisationCertification.Kind
LEVELS = {Kind.AGREEMENT: {Level.SENSITIVE, Level.HI}, Kind.CERTIFICATION: {Level.CESI, Level.SDS}}


@transaction.atomic
def grant(
    *,
    actor: Actor,
    organisation: Organisation,
    kind: str,
    highest: int,
    since: date | None = None,
    until: date | None = None,
    reference: str = "",
    departments: str = "",
) -> OrganisationCertification:
    """Enter an agreement (levels 1–2) or a certification with its contract (3 or 4 alone, for the departments named),
    in force from the start of `since` (today) to the end of `until`. Raises NotAllowed, ValidationError.
    """
    require_officer(actor)
    made = OrganisationCertification(
        organisation=organisation,
        kind=Kind(kind),
        highest=highest,
        since=start_of(since) if since and since != timezone.localdate() else moment(),
        until=end_of(until) if until else None,
        reference=reference.strip(),
        departments=departments.strip(),
        recorded_by_id=actor.person_id,
        recorded_at=moment(),
    )
    _refuse_unfit(made)
    made.clean_fields(exclude=["recorded_by", "organisation"])
    made.save(force_insert=True)
    _note(actor, Act.CERTIFICATION_GRANT, made)
    return made


@transaction.atomic
def suspend(*, actor: Actor, certification: OrganisationCertification, reason: str) -> OrganisationCertification:
    """No authorisation of the organisation's people counts under it any more. Raises NotAllowed, ValidationError."""
    held = entitlements.suspend(actor=actor, entitlement=certification, reason=reason)
    _note(actor, Act.CERTIFICATION_SUSPEND, held)
    return held


@transaction.atomic
def resume(*, actor: Actor, certification: OrganisationCertification) -> OrganisationCertification:
    """Its people's authorisations count under it again. Raises NotAllowed, ValidationError."""
    held = entitlements.resume(actor=actor, entitlement=certification)
    _note(actor, Act.CERTIFICATION_RESUME, held)
    return held


@transaction.atomic
def revoke(*, actor: Actor, certification: OrganisationCertification, reason: str) -> OrganisationCertification:
    """End it for good. Raises NotAllowed, ValidationError."""
    held = entitlements.revoke(actor=actor, entitlement=certification, reason=reason)
    _note(actor, Act.CERTIFICATION_REVOKE, held)
    return held


def _refuse_unfit(made: OrganisationCertification) -> None:
    errors: dict[str, object] = {}
    if made.highest not in LEVELS[Kind(made.kind)]:
        errors["highest"] = _("この種別では選べない区分です。")
    if made.kind == Kind.CERTIFICATION and not made.departments:
        errors["departments"] = _("認定・契約の対象となる部署を入力してください。")
    if made.until is not None and made.until <= made.since:
        errors["until"] = _("終了日は開始日以後にしてください。")
    elif made.until is not None and made.until <= moment():
        errors["until"] = _("終了日に過去の日付は使えません。")
    if made.organisation.is_ministry:
        errors["kind"] = _("府省庁には、契約や認定の登録は必要ありません。")
    if errors:
        raise ValidationError(errors)


def _note(actor: Actor, act: str, certification: OrganisationCertification) -> None:
    entitlements.note(
        actor, act, certification, target="certification", kind=certification.kind,
        organisation=str(certification.organisation_id),
    )  # fmt: skip
