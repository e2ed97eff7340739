"""Rooms of industries, of a region, of councils; and one that has ended. Made up from beginning to end."""

from __future__ import annotations

from ..models import Room
from .plan import RoomPlan, Said, ThreadPlan, observers, participants, stewards

Kind = Room.Kind

COMPONENTS = RoomPlan(
    key="components_industry",
    kind=Kind.INDUSTRY,
    name="電子部材業界の戦略対話",
    purpose="業界に共通する供給上の弱点と技術の守り方を整理し、業界としての行動計画と国への提案をまとめる。",
    ceiling="SENSITIVE//SEMICON",
    steward="secretary",
    opened=280,
    members=(*stewards("buhin_sugiura"), *participants("official", "tsusho_nagase"), *observers("second_official")),
    firms=(
        ("engineer",), ("hokuto_minami", "hokuto_sawada"), ("hekisui_aoki",), ("yukiwari_sugawara",),
        ("handler", "soten_kurosawa"),
    ),
    threads=(
        ThreadPlan(
            title="業界の共通行動計画：第一次案",
            marking="SENSITIVE",
            began=6.3,
            said=(
                Said(
                    "secretary", 0,
                    "第一次案の柱を三つにまとめました。\n\n1. **認定試験の共同利用**\n2. 在庫情報の匿名での持ち寄り\n"
                    "3. 中小企業向けの情報管理の手引\n\nご意見を今週末までにお願いします。",
                ),
                Said(
                    "hokuto_minami", 8,
                    "二番目について、"
                    "競争法上の整理を先に示していただけると参加しやすくなります。",
                ),
                Said("tsusho_nagase", 29, "競争当局とも相談し、匿名化の方法と合わせて考え方を示します。"),
                Said("yukiwari_sugawara", 33, "三番目は、専任の担当者を置けない会社でも使える分量にしてください。"),
            ),
            read_by=("official",),
        ),
        ThreadPlan(
            title="会員企業からの相談：図面管理の実務",
            marking="SENSITIVE//SEMICON",
            began=3.8,
            said=(
                Said(
                    "engineer", 0,
                    "委託先に渡す図面の版管理を厳しくしたところ、"
                    "納期に影響が出ています。他社の工夫を伺えますか。",
                ),
                Said("handler", 14, "当社では図面を三つの区分に分け、最も重要な区分だけを閲覧専用にしています。"),
            ),
        ),
        ThreadPlan(
            title="公開シンポジウムのご案内",
            marking="PUBLIC",
            began=1.1,
            said=(
                Said(
                    "buhin_sugiura", 0,
                    "来月、部材の安定供給をテーマに公開のシンポジウムを開きます。参加は無料です。"
                    "各社でお知り合いの方にもご案内ください。",
                ),
            ),
        ),
    ),
)  # fmt: skip

BATTERY = RoomPlan(
    key="battery_industry",
    kind=Kind.INDUSTRY,
    name="蓄電池産業の戦略対話",
    purpose="蓄電池の材料・製造・再利用を通じた競争力と安全保障上の課題を、業界と府省庁で継続して話し合う。",
    ceiling="SENSITIVE//BATTERY",
    steward="chikuden_nomura",
    opened=240,
    members=participants("tsusho_hino", "official", "chikuden_ebina"),
    firms=(("todai_matsuo", "todai_arima"), ("hekisui_mukai",)),
    threads=(
        ThreadPlan(
            title="製造装置の海外依存の調査票",
            marking="SENSITIVE//BATTERY",
            began=4.4,
            said=(
                Said("chikuden_ebina", 0, "調査票の案を回します。設備ごとに、供給国と保守の可否を記入する形です。"),
                Said("todai_matsuo", 19, "保守の欄は「部品」と「技術者」に分けると実態が見えやすくなります。"),
                Said(
                    "tsusho_hino", 40,
                    "その形でお願いします。"
                    "回答は業界全体の集計だけを国に提供していただければ足ります。",
                ),
            ),
        ),
        ThreadPlan(
            title="試験データの国外保管",
            marking="SENSITIVE",
            began=0.6,
            said=(
                Said(
                    "hekisui_mukai", 0,
                    "共同試験のデータを国外の事業者に保管している例について、"
                    "各社の方針を伺いたいです。",
                ),
            ),
        ),
    ),
)  # fmt: skip

REGION = RoomPlan(
    key="chubu_region",
    kind=Kind.REGION,
    name="中部地域の部材供給網に関する対話",
    purpose="災害や物流の停滞に備え、地域の企業が互いの生産と輸送の状況を早く知り、助け合う仕組みを作る。",
    ceiling="SENSITIVE",
    steward="anzen_kanda",
    opened=70,
    members=participants("official", "buhin_ogata"),
    firms=(("engineer", "asagiri_fukushima", "colleague"), ("hokuto_minami",)),
    threads=(
        ThreadPlan(
            title="港湾が使えないときの迂回輸送",
            marking="SENSITIVE",
            began=5.0,
            said=(
                Said(
                    "anzen_kanda", 0,
                    "港湾が二週間止まった場合の迂回経路を、"
                    "品目ごとに確かめておきたいと考えています。",
                ),
                Said(
                    "asagiri_fukushima", 21,
                    "薬液は鉄道に載せられません。"
                    "陸送の認可を持つ会社が地域に二社しかない点が弱点です。",
                ),
                Said("hokuto_minami", 28, "当社の契約先に余力があります。緊急時の融通の条件を相談できます。"),
            ),
            read_by=("official",),
        ),
        ThreadPlan(
            title="合同防災訓練の日程",
            marking="PUBLIC",
            began=2.0,
            said=(
                Said(
                    "anzen_kanda", 0,
                    "訓練は来月の第三木曜日です。"
                    "参加を希望する会社は担当までお知らせください。",
                ),
            ),
        ),
    ),
)  # fmt: skip

COUNCIL = RoomPlan(
    key="supply_council",
    kind=Kind.COUNCIL,
    name="重要物資供給安定化協議会（架空）",
    purpose="法律に基づく協議会として、重要物資の供給に支障が出るおそれを早くつかみ、構成員の間で対応を協議する。",
    legal_basis="重要物資の供給の安定に関する法律（架空）第十条第一項",
    ceiling="HI//BATTERY,SEMICON",
    steward="second_official",
    opened=330,
    members=(*stewards("official"), *participants("hokuto_sawada", "hekisui_aoki", "todai_matsuo")),
    threads=(
        ThreadPlan(
            title="第三回協議会の議事",
            marking="SENSITIVE",
            began=8.0,
            said=(
                Said(
                    "second_official", 0,
                    "第三回の議事は次のとおりです。\n\n1. 供給の見通し（府省庁）"
                    "\n2. 構成員からの報告\n3. 今後の進め方\n\n"
                    "資料は会合の一週間前までに文書として提供します。",
                ),
                Said("hokuto_sawada", 25, "二番目で、基板の在庫の推移を報告します。"),
                Said("todai_matsuo", 47, "当社からは電解液の調達状況を報告します。"),
            ),
            read_by=("official",),
        ),
        ThreadPlan(
            title="輸出管理の変更が見込まれる品目",
            marking="HI//BATTERY,SEMICON",
            began=1.7,
            said=(
                Said(
                    "official", 0,
                    "来年度に輸出の手続が厳しくなる見込みの品目について、"
                    "影響の見積りをお願いします。",
                ),
                Said("hekisui_aoki", 10, "二品目が該当します。切替えには半年を要し、その間の在庫は四か月分です。"),
            ),
        ),
    ),
)  # fmt: skip

LEAKAGE = RoomPlan(
    key="leakage_technology",
    kind=Kind.TECHNOLOGY,
    name="技術流出対策の実務に関する対話",
    purpose="人・物・情報の三つの経路から、企業と研究機関の現場で続けられる技術流出対策をまとめる。",
    ceiling="SENSITIVE",
    steward="official",
    opened=45,
    members=participants("secretary", "senken_tamura", "hekisui_mukai", "soten_kurosawa"),
    firms=(("engineer",), ("setouchi_kobayakawa",)),
    threads=(
        ThreadPlan(
            title="出張時の端末の扱い",
            marking="SENSITIVE",
            began=3.3,
            said=(
                Said(
                    "senken_tamura", 0,
                    "渡航先に応じて貸出用の端末を使い分けています。"
                    "規程の書き方に悩んでいます。",
                ),
                Said(
                    "soten_kurosawa", 11,
                    "当社は「持ち出す情報」を先に決め、"
                    "端末はその後に決める順序に改めました。",
                ),
                Said(
                    "setouchi_kobayakawa", 36,
                    "小規模な会社でも始められる最低限の項目を示していただけると助かります。"
                    "",
                ),
            ),
        ),
        ThreadPlan(
            title="採用時の確認でしてはいけないこと",
            marking="PUBLIC",
            began=10,
            said=(
                Said(
                    "official", 0,
                    "国籍や家族の事情を尋ねることはできません。"
                    "職務に必要な範囲の確認にとどめてください。",
                ),
            ),
            read_by=("engineer", "secretary"),
        ),
    ),
    invited=(("yukiwari_chiba", True), ("handler", False)),
)  # fmt: skip

ENDED = RoomPlan(
    key="drought_ended",
    kind=Kind.REGION,
    name="半導体工場の渇水対応に関する対話（昨年度）",
    purpose="渇水時の工業用水の配分と再利用について、地域の工場と府省庁で対応を決めた。",
    ceiling="SENSITIVE",
    steward="official",
    opened=500,
    archived=150,
    members=participants("secretary", "engineer", "second_official"),
    threads=(
        ThreadPlan(
            title="節水の段階と再利用率の目標",
            marking="SENSITIVE",
            began=420,
            said=(
                Said("official", 0, "三段階の節水計画を確定しました。ご協力に感謝します。"),
                Said("engineer", 30, "当社の再利用率は目標の八割に達しました。"),
            ),
            read_by=("official", "engineer", "secretary"),
        ),
    ),
)  # fmt: skip

TRADES = (COMPONENTS, BATTERY, REGION, COUNCIL, LEAKAGE, ENDED)
