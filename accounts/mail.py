"""The letters the portal sends about signing in: a link and what it is for. No name, no organisation, no content."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, Person

FACTORS_REVOKED = "accounts/factors_revoked"
NEW_BROWSER = "accounts/new_browser"
MANY_FAILURES = "accounts/many_failures"

# What changed, by the template prefix allauth names its own letter with.
NOTICES: dict[str, Promise] = {
    "account/email/password_changed": _("パスワードが変更されました。"),
    "account/email/password_set": _("パスワードが設定されました。"),
    "account/email/password_reset": _("パスワードが再設定されました。"),
    "mfa/email/totp_activated": _("認証アプリが登録されました。"),
    "mfa/email/totp_deactivated": _("認証アプリの登録が解除されました。"),
    "mfa/email/webauthn_added": _("パスキーが登録されました。"),
    "mfa/email/webauthn_removed": _("パスキーの登録が解除されました。"),
    "mfa/email/recovery_codes_generated": _("回復コードが新しく発行されました。"),
    NEW_BROWSER: _("これまでに使われたことのないブラウザーで、サインインがありました。"),
    MANY_FAILURES: _("サインインの失敗が続いたため、その接続元からのサインインをしばらく止めています。"),
    FACTORS_REVOKED: _(
        "登録されていた認証手段（認証アプリ、パスキー、回復コード）が、すべて取り消されました。"
        "サインインした後に、登録し直してください。"
    ),
}


def send_invitation(invitation: Invitation, token: str) -> None:
    """The one-time link by which an invited person sets their first password."""
    path = reverse("accounts:invitation", kwargs={"token": token})
    person = invitation.person
    again = person.last_login is not None  # somebody whose password was taken away
    send(
        "accounts/mail/invitation",
        person,
        {"url": settings.ORIGIN + path, "expires": invitation.expires, "again": again},
    )


def send_password_reset(person: Person) -> None:
    """The link to a new password."""
    key = default_token_generator.make_token(person)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": person.pk.hex, "key": key})
    send(
        "accounts/mail/password_reset",
        person,
        {"url": settings.ORIGIN + path, "hours": settings.PASSWORD_RESET_TIMEOUT // 3600},
    )


def send_security_notice(person: Person, kind: str) -> None:
    """That something about how the person signs in has changed. Raises KeyError for an unknown kind."""
    send(
        "accounts/mail/security_notice",
        person,
        {"what": NOTICES[kind], "url": settings.ORIGIN + reverse("accounts:security")},
    )


def send(template: str, person: Person, context: dict[str, object]) -> None:
    """A letter from `<template>_subject.txt` and `<template>.txt`, in the person's language."""
    with translation.override(person.language):
        subject = render_to_string(f"{template}_subject.txt", context).strip()
        body = render_to_string(f"{template}.txt", context)
    EmailMessage(subject, body, to=[person.email]).send()
