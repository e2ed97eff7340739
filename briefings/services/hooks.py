"""Where one wants to be told, and how: each keeps their own hooks and their own wish about letters. An address is told
nothing until it has answered a challenge."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import NotAllowed
from audit.acts import Act
from audit.services import Scalar, record
from clearance.actor import Actor
from clearance.markings import from_text
from clearance.services.acting import me

from .. import rules
from ..delivery import hooks_on, mail_on, signing
from ..delivery.addresses import check_address
from ..models import Delivery, Hook, MailWish, Told

MOST_HOOKS = 5
BETWEEN_TESTS = timedelta(minutes=1)  # nobody has us knock at an address as often as they press
OVERLAP = timedelta(days=1)
MARKING = "SENSITIVE"  # what an address is sealed under: it may tell how a firm watches

State = Hook.State


@transaction.atomic
def make(*, actor: Actor, address: str, kinds: Collection[str]) -> tuple[Hook, str]:
    """A hook, paused until its address has answered, and its secret, which is told once. Raises NotAllowed,
    ValidationError."""
    person = me(actor)
    _insist_on_hooks()
    given = address.strip()
    try:
        check_address(given)
    except ValidationError as refused:
        raise ValidationError({"address": refused}) from None
    if Hook.objects.filter(person_id=person).count() >= MOST_HOOKS:
        raise ValidationError(_("通知先は%(most)s件までです。使わないものを削除してください。") % {"most": MOST_HOOKS})
    secret = signing.new_secret()
    made = Hook(
        person_id=person, organisation_id=rules.organisation(actor), marking=from_text(MARKING), address=given,
        secret=secret, kinds=_sorted(kinds),
    )  # fmt: skip
    made.save(force_insert=True)
    _note(actor, Act.HOOK_MAKE, made.pk, kinds=",".join(made.kinds))
    return made, secret


@transaction.atomic
def change(*, actor: Actor, hook: Hook, kinds: Collection[str]) -> None:
    """What it is told of. Another address is another hook: it would have to show anew whose it is."""
    held = _held(actor, hook)
    held.kinds = _sorted(kinds)
    held.save(update_fields=["kinds"])
    _note(actor, Act.HOOK_CHANGE, held.pk, kinds=",".join(held.kinds))


@transaction.atomic
def rotate(*, actor: Actor, hook: Hook) -> str:
    """Another secret, told once. The one before signs beside it for a day, so that no message is refused meanwhile."""
    held = _held(actor, hook)
    held.former, held.former_until = held.secret, timezone.now() + OVERLAP
    held.secret = signing.new_secret()
    held.save(update_fields=["secret", "former", "former_until"])
    _note(actor, Act.HOOK_SECRET, held.pk)
    return held.secret


@transaction.atomic
def pause(*, actor: Actor, hook: Hook) -> None:
    """Nothing more is sent; what waits for it is dropped, and nothing that comes meanwhile is sent later."""
    held = _held(actor, hook)
    if held.state == State.PAUSED:
        return
    held.state = State.PAUSED
    held.save(update_fields=["state"])
    Delivery.objects.filter(hook=held, state=Delivery.State.WAITING).delete()
    _note(actor, Act.HOOK_CHANGE, held.pk, state=held.state)


@transaction.atomic
def resume(*, actor: Actor, hook: Hook) -> None:
    """Raises ValidationError for an address that has never answered."""
    _insist_on_hooks()
    held = _held(actor, hook)
    if held.proved_at is None:
        raise ValidationError(_("先に接続を確認してください。確認が済むと、送信を始めます。"), code="not_proved")
    if held.state == State.ACTIVE:
        return
    held.state, held.dead_in_a_row = State.ACTIVE, 0
    held.save(update_fields=["state", "dead_in_a_row"])
    _note(actor, Act.HOOK_CHANGE, held.pk, state=held.state)


@transaction.atomic
def test(*, actor: Actor, hook: Hook) -> None:
    """Have the worker send a challenge; not while one is on its way. Raises ValidationError soon after the last one."""
    _insist_on_hooks()
    held = _held(actor, hook)
    ping = {"hook": held, "kind": Delivery.Kind.PING}
    if Delivery.objects.filter(state=Delivery.State.WAITING, **ping).exists():
        return
    if Delivery.objects.filter(created__gt=timezone.now() - BETWEEN_TESTS, **ping).exists():
        raise ValidationError(_("接続の確認は、1分に1回までです。1分たってから、もう一度お試しください。"), code="soon")
    Delivery(person_id=held.person_id, next_attempt=timezone.now(), **ping).save(force_insert=True)
    _note(actor, Act.HOOK_TEST, held.pk)


@transaction.atomic
def drop(*, actor: Actor, hook: Hook) -> None:
    """With its address, its secrets and what was sent to it."""
    held = _held(actor, hook)
    key = held.pk
    held.delete()
    _note(actor, Act.HOOK_DROP, key)


@transaction.atomic
def resend(*, actor: Actor, delivery: Delivery) -> None:
    """Try anew what could not be sent. Raises ValidationError for what was, and for a paused hook's."""
    found = Delivery.objects.filter(pk=delivery.pk, person_id=me(actor)).select_related("hook").first()
    if found is None:
        raise NotAllowed
    if found.state != Delivery.State.DEAD or found.kind == Delivery.Kind.PING:
        raise ValidationError(_("送り直せるのは、送信できなかったものだけです。"), code="not_dead")
    if found.hook is not None and found.hook.state != State.ACTIVE:
        raise ValidationError(_("休止中の通知先には送れません。先に送信を再開してください。"), code="paused")
    found.state, found.attempts, found.next_attempt = Delivery.State.WAITING, 0, timezone.now()
    found.save(update_fields=["state", "attempts", "next_attempt"])
    _note(actor, Act.HOOK_RESEND, found.pk)


@transaction.atomic
def wish(*, actor: Actor, wish: str) -> None:
    """How the person wants to be written to. Raises ValidationError where no letters are sent from here."""
    if not mail_on():
        raise ValidationError(_("この環境では、通知メールを送っていません。"), code="off")
    person = me(actor)
    MailWish.objects.update_or_create(person_id=person, defaults={"wish": MailWish.Wish(wish)})
    record(actor=actor, act=Act.HOOK_WISH, target_type="person", target_id=person, detail={"wish": wish})


def _insist_on_hooks() -> None:
    if not hooks_on():
        raise ValidationError(_("この環境では、通知先への送信を行っていません。"), code="off")


def _held(actor: Actor, hook: Hook) -> Hook:
    """As it is now, held. Raises NotAllowed for another's, and for one that was dropped meanwhile."""
    found = Hook.objects.select_for_update().filter(pk=hook.pk, person_id=me(actor)).first()
    if found is None:
        raise NotAllowed
    return found


def _sorted(kinds: Collection[str]) -> list[str]:
    """As declared, each once. Raises ValidationError for none."""
    chosen = [kind.value for kind in Told if kind in kinds]
    if not chosen:
        raise ValidationError({"kinds": _("一つ以上選んでください。")})
    return chosen


def _note(actor: Actor, act: Act, hook: UUID, **detail: Scalar) -> None:
    record(actor=actor, act=act, target_type="hook", target_id=hook, detail=detail)
