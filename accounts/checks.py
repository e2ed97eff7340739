"""Settings that assurance rests on: the program does not start without them."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Critical, register


@register()
def passkeys_verify_their_user(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A passkey stands for levels 3–4 only because its holder was verified."""
    if getattr(settings, "MFA_WEBAUTHN_USER_VERIFICATION", None) == "required":
        return []
    return [Critical('MFA_WEBAUTHN_USER_VERIFICATION must be "required"', id="accounts.E001")]
