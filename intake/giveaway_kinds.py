"""What in a text could give its writer away, and what to write instead."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(StrEnum):
    """What a finding is. Where two overlap, the one that comes first here is kept."""

    ADDRESS = "address"
    LINK = "link"
    TELEPHONE = "telephone"
    CORPORATE_NUMBER = "corporate number"
    COMPANY = "company"
    PERSON = "person"
    ROLE = "role"
    SOLE = "sole"
    DATE = "date"
    TIME = "time"
    HEADCOUNT = "headcount"
    SHARE = "share"
    AMOUNT = "amount"
    CONTRACT = "contract"
    PART = "part"
    PLACE = "place"
    SERIAL = "serial"

    @property
    def label(self) -> Promise:
        return TEXTS[self][0]

    @property
    def advice(self) -> Promise:
        """One sentence: what to write instead."""
        return TEXTS[self][1]


TEXTS = {
    Kind.ADDRESS: (_("メールアドレス"), _("だれのものかすぐ分かります。消してください。")),
    Kind.LINK: (_("ウェブのアドレス"), _("見ている人や会社が分かることがあります。消せるなら消してください。")),
    Kind.TELEPHONE: (_("電話番号"), _("だれのものかすぐ分かります。消してください。")),
    Kind.CORPORATE_NUMBER: (_("法人番号"), _("会社がすぐ分かります。消してください。")),
    Kind.COMPANY: (_("会社の名前"), _("「取引先」「当社」のように書けないか、考えてみてください。")),
    Kind.PERSON: (_("人の名前"), _("「取引先の担当者」のように書けないか、考えてみてください。")),
    Kind.ROLE: (_("あなたの立場"), _("社内の人が読むと、あなただと分かることがあります。消せるなら消してください。")),
    Kind.SOLE: (
        _("「ここだけ」と分かる言い方"),
        _("当てはまる会社や人がひとつに決まります。書かずにすむなら消してください。"),
    ),
    Kind.DATE: (_("日付"), _("「今年の春ごろ」のように、大まかに書けないか考えてみてください。")),
    Kind.TIME: (_("時刻"), _("その場にいた人が分かることがあります。消せるなら消してください。")),
    Kind.HEADCOUNT: (_("人数"), _("「小さな会社」のように、大まかに書けないか考えてみてください。")),
    Kind.SHARE: (
        _("割合や順位"),
        _("会社が分かることがあります。「多くを占める」のように書けないか考えてみてください。"),
    ),
    Kind.AMOUNT: (_("金額や数量"), _("「数百万円」のように、大まかに書けないか考えてみてください。")),
    Kind.CONTRACT: (_("契約や注文の番号"), _("取引がひとつに決まります。消してください。")),
    Kind.PART: (
        _("部品・図面・型式の番号"),
        _("作っている会社が分かることがあります。「部品の図面」のように書けば足ります。"),
    ),
    Kind.PLACE: (
        _("場所"),
        _("会社や工場が分かることがあります。「国内の工場」のように書けないか考えてみてください。"),
    ),
    Kind.SERIAL: (_("番号のような文字"), _("何かの番号なら、そこから分かることがあります。消せるなら消してください。")),
}
