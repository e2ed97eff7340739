"""What happens to people's authorisations (取扱資格). Nobody grants, suspends or revokes their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Required, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Person
from accounts.services.acting import require_officer
from audit.acts import Act

from ..actor import Actor
from ..clock import end_of, moment, start_of
from ..masks import union
from ..models import Authorisation, Compartment, Level
from ..models.authorisations import years_after
from . import entitlements

Basis = Authorisation.Basis
LONGEST_YEARS = {Basis.CESI: 10, Basis.SDS: 5}
STATUTORY_LEVEL = {Basis.CESI: Level.CESI, Basis.SDS: Level.SDS}


class Terms(TypedDict, total=False):
    """What an authorisation says."""

    basis: Required[str]
    highest: Required[int]
    compartments: Iterable[Compartment]
    since: date | None
    until: date | None
    reference: str
    ministry: Organisation | None
    notified_on: date | None


def draft(
    *,
    actor: Actor,
    person: Person,
    basis: str,
    highest: int,
    compartments: Iterable[Compartment] = (),
    since: date | None = None,
    until: date | None = None,
    reference: str = "",
    ministry: Organisation | None = None,
    notified_on: date | None = None,
) -> Authorisation:
    """An authorisation as it would stand in the register, not saved: in force from the start of `since` (today: from
    now) to the end of `until`.

    A pledge or a duty of confidence gives levels 1–2, an assessment its own level alone, with the ministry that made
    it and the day its result was notified. Raises NotAllowed, ValidationError.
    """
    require_officer(actor)
    refuse_own(actor, person)
    basis = Basis(basis)
    statutory = basis in Authorisation.STATUTORY
    made = Authorisation(
        person=person,
        basis=basis,
        highest=highest,
        comp_mask=union(code.bit for code in compartments),
        since=start_of(since) if since and since != timezone.localdate() else moment(),
        until=end_of(until) if until else None,
        reference=reference.strip(),
        ministry=ministry if statutory else None,
        notified_on=notified_on if statutory else None,
        recorded_by_id=actor.person_id,
        recorded_at=moment(),
    )
    _refuse_unfit(made)
    made.clean_fields(exclude=["recorded_by", "person", "ministry"])
    return made


@transaction.atomic
def grant(*, actor: Actor, person: Person, **terms: Unpack[Terms]) -> Authorisation:
    """Enter an authorisation in the register, on the terms and under the rules of `draft`."""
    made = draft(actor=actor, person=person, **terms)
    made.save(force_insert=True)
    _note(actor, Act.AUTHORISATION_GRANT, made)
    return made


@transaction.atomic
def suspend(*, actor: Actor, authorisation: Authorisation, reason: str) -> Authorisation:
    """It counts for nothing from the person's next click on. Raises NotAllowed; ValidationError for what has ended."""
    held = entitlements.suspend(actor=actor, entitlement=authorisation, reason=reason)
    _note(actor, Act.AUTHORISATION_SUSPEND, held)
    return held


@transaction.atomic
def resume(*, actor: Actor, authorisation: Authorisation) -> Authorisation:
    """It counts again. Raises NotAllowed; ValidationError for what has ended or is not suspended."""
    held = entitlements.resume(actor=actor, entitlement=authorisation)
    _note(actor, Act.AUTHORISATION_RESUME, held)
    return held


@transaction.atomic
def revoke(*, actor: Actor, authorisation: Authorisation, reason: str) -> Authorisation:
    """End it for good. Raises NotAllowed; ValidationError for what has ended."""
    held = entitlements.revoke(actor=actor, entitlement=authorisation, reason=reason)
    _note(actor, Act.AUTHORISATION_REVOKE, held)
    return held


def refuse_own(actor: Actor, person: Person) -> None:
    """Raise ValidationError where an officer would grant to themselves; the policy refuses it too."""
    if person.pk == actor.person_id:
        raise ValidationError(_("ご自身の資格は登録できません。別の保全責任者に依頼してください。"), code="self")


def _refuse_unfit(made: Authorisation) -> None:
    """The rules of each basis, each with its own sentence; the database holds them as constraints."""
    basis = Basis(made.basis)
    errors: dict[str, Any] = {}
    if basis in Authorisation.STATUTORY:
        if made.highest != STATUTORY_LEVEL[basis]:
            errors["highest"] = _("適性評価による資格は、その評価が対象とする区分だけに及びます。")
        if made.until is None:
            errors["until"] = _("有効期限を入力してください。")
        errors |= _unfit_notice(made)
    elif made.highest not in {Level.SENSITIVE, Level.HI}:
        errors["highest"] = _("この根拠で認められるのは、機密性2情報または秘文書までです。")
    if basis == Basis.OFFICIAL and not made.person.organisation.is_ministry:
        errors["basis"] = _("国家公務員の守秘義務は、府省庁に所属する方にだけ登録できます。")
    if made.until is not None and made.until <= made.since:
        errors["until"] = _("終了日は開始日以後にしてください。")
    elif made.until is not None and made.until <= moment():
        errors["until"] = _("終了日に過去の日付は使えません。")
    if errors:
        raise ValidationError(errors)


def _unfit_notice(made: Authorisation) -> dict[str, Any]:
    """What is wrong with the notice of an assessment's result; CESI needs one and the ministry that gave it."""
    errors: dict[str, Any] = {}
    needed = made.basis == Basis.CESI
    if needed and made.ministry is None:
        errors["ministry"] = _("評価を行った行政機関を選んでください。")
    if made.ministry is not None and not made.ministry.is_ministry:
        errors["ministry"] = _("府省庁を選んでください。")
    if made.notified_on is None:
        if needed:
            errors["notified_on"] = _("結果の通知日を入力してください。")
        return errors
    if made.notified_on > timezone.localdate():
        errors["notified_on"] = _("結果の通知日に未来の日付は使えません。")
    years = LONGEST_YEARS[Basis(made.basis)]
    if made.until is not None and made.until > years_after(made.notified_on, years):
        errors["until"] = _("有効期限は、結果の通知日から%(years)s年以内にしてください。") % {"years": years}
    return errors


def _note(actor: Actor, act: str, authorisation: Authorisation) -> None:
    entitlements.note(
        actor, act, authorisation, target="authorisation", basis=authorisation.basis,
        person=str(authorisation.person_id),
    )  # fmt: skip
