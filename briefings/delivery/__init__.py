"""Telling that something waits, by webhook and by mail: never what, which or how many (docs/adr/0030)."""

from __future__ import annotations

from django.conf import settings

HIGHEST_TOLD = 2  # where more is held, nothing leaves: no webhook, no letter
NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"


def hooks_on() -> bool:
    """Whether webhooks are sent from here."""
    return bool(settings.HOOKS) and settings.CEILING <= HIGHEST_TOLD


def mail_on() -> bool:
    """Whether letters about what waits are sent from here."""
    return settings.EMAIL_BACKEND != NO_MAIL and settings.CEILING <= HIGHEST_TOLD
