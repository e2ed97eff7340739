"""What a briefing is about, and in which words its weight is stated.

The first four kinds are those the strategic dialogue starts from (経済安全保障に関する官民の戦略的対話); the scales
are stated in words on every screen, never as bare numbers.
"""

from __future__ import annotations

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    SUPPLY = "SUPPLY", _("紛争・災害・感染症などによる供給の途絶")
    COERCION = "COERCION", _("他国による威圧・技術移転の強要")
    RIVALRY = "RIVALRY", _("競争相手の技術獲得・過剰生産")
    LEAKAGE = "LEAKAGE", _("取引先・連携先を通じた技術の流出")
    CYBER = "CYBER", _("サイバー攻撃")
    PEOPLE = "PEOPLE", _("人を通じた働きかけ・引抜き")


class Severity(IntegerChoices):
    """起きたときの影響の大きさ."""

    MINOR = 1, _("軽微")
    MODERATE = 2, _("中程度")
    SERIOUS = 3, _("重大")
    CRITICAL = 4, _("極めて重大")


class Likelihood(IntegerChoices):
    """起きる見込み."""

    UNLIKELY = 1, _("低い")
    POSSIBLE = 2, _("あり得る")
    LIKELY = 3, _("高い")
    HAPPENING = 4, _("既に起きている")


class Confidence(IntegerChoices):
    """この評価の確かさ: as the STIX 2.1 specification numbers low, medium and high (appendix A)."""

    LOW = 15, _("低い（断片的な情報による）")
    MEDIUM = 50, _("中程度（複数の情報と矛盾しない）")
    HIGH = 85, _("高い（確かな情報で裏付けられている）")


class Thing(TextChoices):
    """What a section may name, by the STIX 2.1 object it becomes."""

    THREAT_ACTOR = "threat-actor", _("行為者")
    CAMPAIGN = "campaign", _("一連の活動")
    INFRASTRUCTURE = "infrastructure", _("使われた設備・拠点")
    LOCATION = "location", _("場所")


class Retraction(TextChoices):
    """Why a published briefing was taken back; the log keeps the code."""

    MISTAKEN = "MISTAKEN", _("内容に誤りがあった")
    OVERTAKEN = "OVERTAKEN", _("状況が変わった")
    MISMARKED = "MISMARKED", _("格付または宛先に誤りがあった")
    RECALLED = "RECALLED", _("情報提供元から求めがあった")
