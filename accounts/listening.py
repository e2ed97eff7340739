"""What allauth announces, recorded in the same transaction; and a new password that ends every other session."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import events, limits, passkeys
from accounts.models import Person
from accounts.services import end_other_sessions


@receiver(account.authentication_step_completed)
def step_completed(request: HttpRequest, user: Person, method: str, **kwargs: Any) -> None:
    """Each proof a session gives; signing in itself is recorded when it is complete (accounts.adapters).

    With more proof comes a new key: whoever held the former one from before does not rise with it.
    """
    kind = str(kwargs.get("type", method))
    if kind == Authenticator.Type.RECOVERY_CODES:
        events.used_recovery_code(user)
    elif kwargs.get("reauthenticated"):
        events.stepped_up(user, kind)
    if kwargs.get("reauthenticated"):
        request.session.cycle_key()


@receiver(mfa.authentication_failed)
def factor_failed(request: HttpRequest, user: Person, authenticator: Authenticator, **kwargs: Any) -> None:
    events.failed_factor(request, user, authenticator.type)


@receiver(account.password_changed)
@receiver(account.password_set)
def password_changed(request: HttpRequest, user: Person, **kwargs: Any) -> None:
    events.changed_password(user, "change")
    end_other_sessions(actor=user, present=request.session.session_key)


@receiver(account.password_reset)
def password_reset(request: HttpRequest, user: Person, **kwargs: Any) -> None:
    events.changed_password(user, "reset")
    get_adapter()._delete_login_attempts_cached_email(request, email=user.email)  # they may sign in at once,
    ratelimit.clear(request, app=limits.APP, action="login_account", key=user.email)  # whatever strangers have tried
    end_other_sessions(actor=user, present=None)


@receiver(pre_save, sender=Authenticator)
def before_adding(instance: Authenticator, **kwargs: Any) -> None:
    if instance._state.adding and instance.type == Authenticator.Type.WEBAUTHN:
        passkeys.seal(instance)


@receiver(post_save, sender=Authenticator)
def factor_added(instance: Authenticator, created: bool, **kwargs: Any) -> None:
    """allauth announces some of these only after the commit; the row itself is written in the transaction."""
    if created:
        events.added_factor(instance.user, instance.type)


@receiver(post_delete, sender=Authenticator)
def factor_removed(instance: Authenticator, **kwargs: Any) -> None:
    events.removed_factor(instance.user, instance.type)
