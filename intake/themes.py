"""What a concern can be about, and the questions that help to tell it. No question asks who somebody is."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Question:
    code: str
    label: str | Promise


@dataclass(frozen=True)
class Theme:
    code: str
    label: str | Promise
    questions: tuple[Question, ...]


THEMES = (
    Theme(
        "HANDOVER",
        _("図面、データ、作り方などを渡すように言われた"),
        (
            Question("handover-what", _("何を渡すように言われましたか。（例：図面、検査のデータ、材料の配合）")),
            Question("handover-how", _("どのように言われましたか。（例：口で言われた、契約書に書かれていた）")),
            Question("handover-else", _("断ると、どうなると言われましたか。")),
        ),
    ),
    Theme(
        "ABROAD",
        _("海外で作ることや、海外の会社に教えることを求められた"),
        (
            Question("abroad-what", _("どんな技術を、何のために求められましたか。")),
            Question("abroad-terms", _("どんな約束や条件がついていましたか。")),
            Question("abroad-when", _("いつまでに答えるように言われていますか。（「今月中」などで十分です）")),
        ),
    ),
    Theme(
        "PEOPLE",
        _("技術を知る人を引き抜かれた、送るように言われた"),
        (
            Question(
                "people-what", _("どんな仕事をしている人が、どのように誘われましたか。（名前は書かないでください）")
            ),
            Question("people-effect", _("その人がいなくなると、何に困りますか。")),
        ),
    ),
    Theme(
        "CAPITAL",
        _("出資、買収、共同研究の話に不安がある"),
        (
            Question("capital-what", _("どんな話を持ちかけられましたか。")),
            Question(
                "capital-worry", _("どこに不安がありますか。（例：技術だけを取られそう、相手の正体が分からない）")
            ),
        ),
    ),
    Theme(
        "TERMS",
        _("値段や支払いなど、取引のしかたに困っている"),
        (
            Question("terms-what", _("どんなことで困っていますか。（例：一方的に値段を決められた、支払いがおそい）")),
            Question("terms-since", _("いつごろから続いていますか。（「半年ほど前から」などで十分です）")),
        ),
    ),
    Theme(
        "LEAK",
        _("技術や情報をぬすまれた、のぞかれた心配がある"),
        (
            Question("leak-what", _("何が外に出た、または出そうだと思いますか。")),
            Question("leak-sign", _("そう思ったきっかけは何ですか。")),
        ),
    ),
    Theme("OTHER", _("ほかのこと"), ()),
)
BY_CODE = {theme.code: theme for theme in THEMES}
QUESTIONS = {question.code: question for theme in THEMES for question in theme.questions}
