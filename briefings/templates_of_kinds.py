"""What a new draft of each kind begins with: headings, questions that lead to the text, what is often asked of firms.

The questions stand where the text goes, each line between brackets; `untouched` finds those still there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .content import Action, Content, Section
from .kinds import Kind

Asked = tuple[Any, Sequence[Any]]

IN_SHORT = _("概要")
WHAT_TO_DO = _("企業にお願いしたいこと")

# The section that every reader sees.
FIRST: dict[str, Sequence[Any]] = {
    Kind.SUPPLY: (
        _("どこで、何が起き、何の供給が止まる（止まりうる）のですか。"),
        _("いつごろから影響が出て、どのくらい続く見込みですか。"),
    ),
    Kind.COERCION: (
        _("どの国・地域が、何を求め、応じない場合に何をすると言っているのですか。"),
        _("どの業種・品目の企業が対象になりそうですか。"),
    ),
    Kind.RIVALRY: (
        _("どの技術・製品で、競争相手はどこまで来ているのですか。"),
        _("市場や価格に、いつごろどのような影響が出そうですか。"),
    ),
    Kind.LEAKAGE: (
        _("どのような取引・連携を通じて、どの技術が流出しうるのですか。"),
        _("これまでに分かっている例はありますか（企業名は書かないでください）。"),
    ),
    Kind.CYBER: (
        _("どのような攻撃が、どの製品・設備をねらっているのですか。"),
        _("攻撃を受けると、何が起きますか。"),
    ),
    Kind.PEOPLE: (
        _("どのような立場の人に、だれが、どのような働きかけをしているのですか。"),
        _("働きかけに応じると、何が失われますか。"),
    ),
}

MORE: dict[str, Sequence[Asked]] = {
    Kind.SUPPLY: (
        (
            _("供給への影響の見立て"),
            (
                _("代わりの調達先はありますか。切り替えにどのくらいかかりますか。"),
                _("国内の在庫は何か月分ですか。どの工程から先に止まりますか。"),
            ),
        ),
    ),
    Kind.COERCION: (
        (
            _("求められている内容と根拠"),
            (
                _("法令、許認可、契約など、どのような形で求められていますか。"),
                _("応じた場合と応じない場合に、企業は何を失いますか。"),
            ),
        ),
    ),
    Kind.RIVALRY: (
        (
            _("技術と生産の見立て"),
            (
                _("日本の企業が優位を保っているのは、どの工程・性能ですか。"),
                _("生産の能力と補助の規模は、どのくらいですか。"),
            ),
        ),
    ),
    Kind.LEAKAGE: (
        (
            _("流出の経路"),
            (
                _("共同研究、出資、委託、設備の保守など、どの場面で起きますか。"),
                _("気付くきっかけになる兆候は何ですか。"),
            ),
        ),
    ),
    Kind.CYBER: (
        (
            _("手口と見分け方"),
            (
                _("侵入の入り口、悪用される弱点、使われる通信先は何ですか。"),
                _("被害を受けたかどうかは、どの記録を見れば分かりますか。"),
            ),
        ),
    ),
    Kind.PEOPLE: (
        (
            _("働きかけの手口"),
            (
                _("最初の接触は、どこで、どのような名目で行われますか。"),
                _("見返りとして何が示され、何を渡すよう求められますか。"),
            ),
        ),
    ),
}

ACTIONS: dict[str, Sequence[tuple[Any, Any]]] = {
    Kind.SUPPLY: (
        (_("対象の品目の在庫と、代わりの調達先を確認する"), _("調達の責任者")),
        (_("生産に影響が出そうな場合は、担当府省庁に知らせる"), _("経済安全保障の担当者")),
    ),
    Kind.COERCION: (
        (_("求めに応じる前に、担当府省庁に相談する"), _("経営層・法務の責任者")),
        (_("海外拠点に、求めを受けたら本社に知らせるよう伝える"), _("海外事業の責任者")),
    ),
    Kind.RIVALRY: (
        (_("自社の技術のうち、守るべきものを見直す"), _("技術の責任者")),
        (_("価格や受注の変化を、担当府省庁に知らせる"), _("経済安全保障の担当者")),
    ),
    Kind.LEAKAGE: (
        (_("取引先・連携先に渡している技術情報を洗い出す"), _("技術・知財の責任者")),
        (_("契約の秘密保持と再委託の定めを確認する"), _("法務の責任者")),
    ),
    Kind.CYBER: (
        (_("対象の製品・設備を使っているかを確認し、更新を適用する"), _("情報システムの責任者")),
        (_("記録を調べ、疑わしい点があれば知らせる"), _("情報セキュリティの担当者")),
    ),
    Kind.PEOPLE: (
        (_("対象になりそうな部署の方に、手口を伝える"), _("人事・経済安全保障の担当者")),
        (_("接触を受けた方が相談できる窓口を、社内に示す"), _("人事の責任者")),
    ),
}


def template(kind: str, marking: str = "") -> Content:
    """The content a new draft of this kind begins with, in the language of whoever begins it; `marking` is the
    canonical text that all of it bears."""
    kind = Kind(kind)
    first = Section(heading=str(IN_SHORT), body=_questions(FIRST[kind]), marking=marking)
    more = [Section(heading=str(heading), body=_questions(asked), marking=marking) for heading, asked in MORE[kind]]
    actions = tuple(Action(what=str(what), who=str(who)) for what, who in ACTIONS[kind])
    last = Section(heading=str(WHAT_TO_DO), body="", marking=marking, actions=actions)
    return Content(kind=kind, sections=(first, *more, last))


def untouched(content: Content) -> list[Section]:
    """The sections in which a leading question still stands where the text should."""
    asked = {line for language in ("ja", "en") for line in _every_question(language)}
    return [each for each in content.sections if any(line.strip() in asked for line in each.body.splitlines())]


def _every_question(language: str) -> Iterator[str]:
    with translation.override(language):
        for kind in Kind:
            for each in (FIRST[kind], *(asked for _heading, asked in MORE[kind])):
                yield from _questions(each).splitlines()


def _questions(asked: Sequence[Any]) -> str:
    return "\n".join(gettext("- ［%(question)s］") % {"question": question} for question in asked)
