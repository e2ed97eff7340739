"""How far the office may use what somebody wrote. The sender chooses; nothing is assumed beyond listening."""

from __future__ import annotations

from enum import Enum
from functools import total_ordering

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@total_ordering
class Consent(Enum):
    """From the narrowest to the widest: each takes in those before it."""

    LISTEN = "LISTEN"
    GENERAL = "GENERAL"
    UNNAMED = "UNNAMED"
    GUESSABLE = "GUESSABLE"

    def __lt__(self, other: object) -> bool:
        order = list(Consent)
        return order.index(self) < order.index(other) if isinstance(other, Consent) else NotImplemented

    @property
    def label(self) -> str | Promise:
        return LABELS[self]

    @property
    def explanation(self) -> str | Promise:
        return EXPLANATIONS[self]


LABELS = {
    Consent.LISTEN: _("聞くだけにしてほしい"),
    Consent.GENERAL: _("だれの話か分からない形でなら、使ってよい"),
    Consent.UNNAMED: _("名前を出さずに、相手の会社に働きかけてよい"),
    Consent.GUESSABLE: _("自分だと気づかれるおそれがあっても、働きかけてよい"),
}
EXPLANATIONS = {
    Consent.LISTEN: _("窓口の担当者が読んで、あなたに返事をします。ほかのことには使いません。"),
    Consent.GENERAL: _(
        "ほかの多くの相談と合わせて、業界全体の話として使います。あなたの相談だけを取り出して使うことはありません。"
    ),
    Consent.UNNAMED: _(
        "国が相手の会社を調べたり、注意したりすることがあります。あなたの話だと分からないように進めます。"
    ),
    Consent.GUESSABLE: _("国が早く、具体的に動けます。ただし、相手の会社が「あの人が話した」と気づくかもしれません。"),
}
