"""The room that level 3 is shown in, made only where the ceiling allows it. Made up from beginning to end."""

from __future__ import annotations

from ..models import Room
from .plan import RoomPlan, Said, ThreadPlan, participants

SOTEN = RoomPlan(
    key="soten",
    kind=Room.Kind.FIRM,
    name="蒼天防衛システムとの個別対話",
    purpose="適合事業者である同社と、基幹設備に使う半導体の供給の弱点と備えを検討する。"
    "重要経済安保情報は文書としてお渡しし、文書ごとの取扱者名簿に記載された方だけが読む。",
    ceiling="CESI//SEMICON",
    steward="official",
    opened=60,
    members=participants("second_official"),
    firms=(("handler", "soten_kurosawa", "soten_hatano"),),
    threads=(
        ThreadPlan(
            title="指定された情報の受渡しと取扱者名簿",
            marking="SENSITIVE",
            began=4.6,
            said=(
                Said(
                    "official", 0,
                    "重要経済安保情報にあたる文書は、発言には書かず、**文書として**この場に置きます。"
                    "文書ごとの取扱者名簿に記載した方だけが、パスキーでの本人確認の後に画面で読めます。"
                    "\n\n点検に要る方のお名前を、窓口の橘さんから私にお知らせください。",
                ),
                Said(
                    "handler", 5,
                    "承知しました。まずは私だけで拝見し、"
                    "ほかに要る者がいれば、認定の範囲を確かめてからお願いします。",
                ),
            ),
            read_by=("official",),
        ),
    ),
)  # fmt: skip

HANDLED = (SOTEN,)
