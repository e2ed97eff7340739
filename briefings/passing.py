"""How far a reader may tell what they read: one plain sentence for each mark of TLP 2.0, inside the firm and beyond.

After the definitions of FIRST's Traffic Light Protocol 2.0 (https://www.first.org/tlp/). TLP limits the telling; the
marking's level and who was named still say who may read it in the portal.
"""

from __future__ import annotations

from django.utils.translation import gettext as _


def may_tell(tlp: str) -> str:
    """Whom inside the firm and at partners the reader may tell, and how far."""
    match tlp:
        case "CLEAR":
            return _("社内のどなたにも、取引先にも、社外の方にも伝えてよく、公表しても構いません。")
        case "GREEN":
            return _(
                "社内のどなたにも、同じ業種や供給網の取引先・業界団体にも伝えてよいですが、"
                "ウェブサイトなど誰でも見られる場所には載せないでください。"
            )
        case "AMBER":
            return _(
                "社内では対応に必要な方に、社外では自分を守るためにこの情報が要る顧客・取引先に、"
                "必要な部分だけを伝えてよく、その先へは伝えないよう相手に頼んでください。"
            )
        case "AMBER+STRICT":
            return _("社内で対応に必要な方だけに伝えてよく、取引先や委託先を含め、社外のどなたにも伝えないでください。")
        case "RED":
            return _("受け取ったあなた限りで、社内の上司や同僚にも、取引先にも伝えないでください。")
        case _:
            return _(
                "伝えてよい範囲の指定（TLP）がないため、この情報を読める社内の方のほかには、"
                "社内でも取引先でも、情報提供元に確かめるまで伝えないでください。"
            )
