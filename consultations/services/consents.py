"""What a sender is asked to agree to, in words that are signed with the answer: no wider use is read into it later."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.consents import Consent

LANGUAGES = ("ja", "en")

# What each means for the officer who has the case before them; the sender is told the same in words of their own.
MEANINGS = {
    Consent.LISTEN: gettext_lazy("返事をするためだけに使えます。ほかの目的には使えません。"),
    Consent.GENERAL: gettext_lazy("ほかの多くの相談と合わせた形でだけ使えます。この相談だけを取り出して使えません。"),
    Consent.UNNAMED: gettext_lazy("相談者だと分からない方法で、相手の会社に調査や注意ができます。"),
    Consent.GUESSABLE: gettext_lazy("具体的に対応できます。相手の会社が気づくおそれを、相談者は承知しています。"),
}


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
