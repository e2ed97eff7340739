"""Machine accounts and their tokens: made, rotated, revoked by the officials of the organisation that keeps them, or by
the clearance officer. What such an account may read, the registers say, as of anybody."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Organisation
from accounts.services import NotAllowed
from audit.acts import Act
from audit.services import record
from clearance.actor import Actor
from clearance.clock import moment
from clearance.services.acting import me

from .. import machines
from ..models import ServiceAccount, ServiceToken

LONGEST_DAYS = 365
OVERLAP = timedelta(days=1)


LACKING = {
    "PROOF": _("この操作の前に、認証アプリかパスキーでもう一度本人確認をしてください。"),
    "CLEARANCE": _(
        "この機械の取扱資格が、あなたの取扱資格の範囲を超えているため、トークンを発行できません。"
        "同じ資格を持つ行政官に発行を頼んでください。"
    ),
    "CIRCLES": _(
        "この機械は、あなたが参加していない共有範囲に加わっているため、トークンを発行できません。"
        "その共有範囲に参加している行政官に発行を頼んでください。"
    ),
}


def require_keeper(actor: Actor) -> None:
    """Raise NotAllowed unless an official or a clearance officer acts."""
    if not (actor.official or actor.clearance_officer):
        raise NotAllowed


@transaction.atomic
def make_account(*, actor: Actor, organisation: Organisation, name: str, purpose: str) -> ServiceAccount:
    """A machine of that organisation. It may read nothing but what is public until the registers say more."""
    require_keeper(actor)
    machine = uuid7()
    if not machines.make(machine, organisation.pk, name.strip(), purpose.strip()):
        raise NotAllowed
    _note(actor, Act.SERVICE_MAKE, machine, organisation=str(organisation.pk))
    return ServiceAccount.objects.select_related("person__organisation").get(pk=machine)


@transaction.atomic
def issue_token(
    *, actor: Actor, account: ServiceAccount, days: int, scopes: Collection[str], collections: Collection[UUID] = ()
) -> tuple[ServiceToken, str]:
    """A token and its text, which is told once: with it one reads what the machine reads, so that whoever gives it out
    is to hold as much. Raises NotAllowed; ValidationError for a revoked account and for what they lack."""
    held = _held(actor, account)
    _insist_on_holding(held)
    if not 1 <= days <= LONGEST_DAYS:
        raise ValidationError({"days": _("1日から365日までで入力してください。")})
    secret = secrets.token_bytes(machines.SIZE)
    now = moment()
    token = ServiceToken(
        account=held,
        hash=sha256(secret).digest(),
        scopes=sorted(scopes),
        collections=list(collections),
        since=now,
        expires_at=now + timedelta(days=days),
        made_by_id=me(actor),
    )
    token.save(force_insert=True)
    _note(actor, Act.SERVICE_TOKEN, held.pk, token=str(token.pk), days=days, scopes=",".join(token.scopes))
    return token, machines.PREFIX + urlsafe_b64encode(secret).decode().rstrip("=")


@transaction.atomic
def rotate_token(*, actor: Actor, token: ServiceToken) -> tuple[ServiceToken, str]:
    """Another of the same scopes and as long a life; the old one opens for a day more, so that nothing stands still."""
    held = _held(actor, token.account)
    old = ServiceToken.objects.select_for_update().filter(pk=token.pk, account=held).first()
    now = moment()
    if old is None or old.revoked_at or old.expires_at <= now:
        raise ValidationError(_("このトークンは、すでに使えなくなっています。"), code="ended")
    days = min(max(round((old.expires_at - old.since) / timedelta(days=1)), 1), LONGEST_DAYS)
    made = issue_token(actor=actor, account=held, days=days, scopes=old.scopes, collections=old.collections)
    ServiceToken.objects.filter(pk=old.pk).update(expires_at=min(old.expires_at, now + OVERLAP))
    return made


@transaction.atomic
def revoke_token(*, actor: Actor, token: ServiceToken) -> None:
    """It opens nothing from now on."""
    held = _held(actor, token.account, revoked=True)
    ServiceToken.objects.filter(pk=token.pk, account=held, revoked_at__isnull=True).update(revoked_at=moment())
    _note(actor, Act.SERVICE_REVOKE, held.pk, token=str(token.pk))


@transaction.atomic
def revoke_account(*, actor: Actor, account: ServiceAccount) -> None:
    """All its tokens, and the account for good."""
    held = _held(actor, account, revoked=True)
    now: datetime = moment()
    ServiceToken.objects.filter(account=held, revoked_at__isnull=True).update(revoked_at=now)
    ServiceAccount.objects.filter(pk=held.pk, revoked_at__isnull=True).update(revoked_at=now)
    _note(actor, Act.SERVICE_REVOKE, held.pk, whole=True)


def _insist_on_holding(account: ServiceAccount) -> None:
    """The same predicate as the policy's on new tokens. Raises NotAllowed; ValidationError for all that is missing."""
    lacks = machines.lacking(account.pk)
    if lacks - LACKING.keys():
        raise NotAllowed
    if lacks:
        raise ValidationError([ValidationError(text, code=why) for why, text in LACKING.items() if why in lacks])


def _held(actor: Actor, account: ServiceAccount, *, revoked: bool = False) -> ServiceAccount:
    """The account as the actor may keep it; row-level security says whose it is."""
    require_keeper(actor)
    found = ServiceAccount.objects.filter(pk=account.pk).first()
    if found is None or found.pk == actor.person_id:
        raise NotAllowed
    if found.revoked_at and not revoked:
        raise ValidationError(_("このアカウントは失効しています。"), code="revoked")
    return found


def _note(actor: Actor, act: Act, account: UUID, **detail: str | int | bool) -> None:
    record(actor=actor, act=act, target_type="service", target_id=account, detail=detail)
