"""How far a reader may tell what they read: one plain sentence for each mark of TLP 2.0, inside the firm and beyond.

After the definitions of FIRST's Traffic Light Protocol 2.0 (https://www.first.org/tlp/): RED is for the individual
alone; AMBER on a need-to-know basis within the organisation and its clients, AMBER+STRICT within the organisation;
GREEN within the community and not over publicly accessible channels; CLEAR without limit. A supplier is no client, so
of AMBER it is told nothing. TLP limits the telling and widens nothing: what is 秘文書 goes to those who may handle it,
whatever TLP says, and what is not 公開 is not made public.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from clearance.models import Level, Tlp


def may_tell(tlp: str, level: int = Level.PUBLIC) -> str:
    """Whom inside the firm and at partners the reader may tell, and how far, of what is so marked."""
    if level >= Level.HI and tlp != Tlp.RED:
        return _(
            "秘文書の内容を含むため、社内でこの情報の取扱者に指名されている方のほかには、"
            "社内でも、取引先など社外でも、どなたにも伝えないでください。"
        )
    match tlp:
        case Tlp.CLEAR if level == Level.PUBLIC:
            return _("社内のどなたにも、取引先にも、社外の方にも伝えてよく、公表しても構いません。")
        case Tlp.CLEAR | Tlp.GREEN:
            return _(
                "社内のどなたにも、同じ業種や供給網の取引先・業界団体の方にも伝えてよいですが、"
                "それ以外の方に伝えたり、ウェブサイトなど誰でも見られる場所に載せたりしないでください。"
            )
        case Tlp.AMBER:
            return _(
                "社内では対応に必要な方だけに、社外では自らを守るためにこの情報が要る自社の顧客だけに、"
                "必要な部分に限って伝えてよく、仕入先など顧客以外の取引先には伝えないでください。"
            )
        case Tlp.AMBER_STRICT:
            return _(
                "社内で対応に必要な方だけに伝えてよく、顧客や取引先、委託先を含め、社外のどなたにも伝えないでください。"
            )
        case Tlp.RED:
            return _("受け取ったあなた限りで、社内の上司や同僚にも、取引先にも伝えないでください。")
        case _:
            return _(
                "伝えてよい範囲の指定（TLP）がないため、この情報を読める社内の方のほかには、"
                "社内でも取引先でも、情報提供元に確かめるまで伝えないでください。"
            )
