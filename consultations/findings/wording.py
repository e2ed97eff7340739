"""A finding's words: what a sender is asked about is what is released, to the letter."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.sectors import Region, Sector
from disclosure.wording import behind

from .rule import Verdict
from .sealing import Draft

# Whoever opens the page: a consent is to these words, and they are not others for somebody with another language.
LANGUAGE = settings.LANGUAGE_CODE


def body(draft: Draft) -> str:
    """The text with the coarse facts that its author gives with it."""
    return _with_facts(draft, [])


def quoted(draft: Draft) -> str:
    """All that is released of a finding of one sender's, as the sender is asked about it."""
    return f"「{draft.title}」\n{body(draft)}"


def released(draft: Draft, verdict: Verdict) -> str:
    """What is said below the title. How many stand behind it, and when they came, where it rests on their number."""
    if verdict.at_least is None:
        return body(draft)
    with translation.override(LANGUAGE):
        periods = "、".join(period.label for period in verdict.periods)
        counted = [(_("時期"), periods), (_("もとになった相談"), behind(verdict))]
    return _with_facts(draft, counted)


def _with_facts(draft: Draft, more: list[tuple[str, str]]) -> str:
    with translation.override(LANGUAGE):
        facts = [
            (_("業種"), str(Sector(draft.industry).label) if draft.industry else ""),
            (_("地域"), str(Region(draft.region).label) if draft.region else ""),
            *more,
        ]
        lines = [f"{name}：{value}" for name, value in facts if value]
    return "\n".join([draft.text.strip(), "", *lines]).strip()
