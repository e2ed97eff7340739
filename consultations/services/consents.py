"""What a sender is asked to agree to, in words that are signed with the answer: no wider use is read into it later."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from intake.consents import Consent

LANGUAGES = ("ja", "en")


def clause(wanted: Consent, language: str) -> str:
    """The last lines of a request for consent: the use asked for, as the page of the sender has it."""
    with translation.override(language):
        return _("お願いすること：%(label)s\n%(explanation)s") % {
            "label": wanted.label,
            "explanation": wanted.explanation,
        }


def request(text: str, wanted: Consent, language: str) -> str:
    """The whole request, as it is sent and signed."""
    return f"{text.strip()}\n\n{clause(wanted, language)}"


def says(wanted: Consent, text: str) -> bool:
    """Whether a request really asked for this, in the sender's language or the other."""
    return any(text.endswith(clause(wanted, language)) for language in LANGUAGES)
