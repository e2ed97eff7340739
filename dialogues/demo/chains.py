"""Rooms along supply chains, on one technology, with one firm. Made up from beginning to end."""

from __future__ import annotations

from ..models import Room
from .plan import RoomPlan, Said, ThreadPlan, observers, participants, stewards

Kind = Room.Kind

SEMICON = RoomPlan(
    key="semicon_chain",
    kind=Kind.SUPPLY_CHAIN,
    name="半導体前工程材料の供給途絶に備える対話",
    purpose="感光材・高純度ガス・研磨材などの前工程材料について、調達の偏りと在庫の実態を官民で共有し、"
    "途絶が起きたときの代替調達と優先配分の手順を平時のうちに決める。",
    ceiling="HI//SEMICON",
    steward="official",
    opened=210,
    members=(*stewards("second_official"), *participants("secretary", "tsusho_nagase"), *observers("buhin_ogata")),
    firms=(
        ("engineer", "colleague", "expired"),
        ("hokuto_sawada", "hokuto_minami"),
        ("hekisui_aoki",),
        ("foreign", "duinlicht_bakker"),
    ),
    threads=(
        ThreadPlan(
            title="感光材原料の単一調達先への依存",
            marking="HI//SEMICON",
            began=9.2,
            said=(
                Said(
                    "official", 0,
                    "前工程材料のうち、**特定の一社・一地域に七割以上を頼っている品目**を把握したいと考えています。"
                    "差し支えない範囲で、次の三点をお聞かせください。\n\n"
                    "1. 途絶したときに生産が止まるまでの日数\n2. 代替品への切替えに必要な認定期間\n"
                    "3. 国や業界に求めること\n\n回答はこの場だけで扱い、社名を伏せた形でのみ政策の検討に用います。",
                ),
                Said(
                    "engineer", 20.5,
                    "当社では露光用感光材の中間体が該当します。在庫はおよそ六週間分です。\n\n"
                    "- 代替候補は二社ありますが、**顧客側の再認定に最短で九か月**かかります\n"
                    "- 認定試験の費用より、"
                    "試験枠の確保が問題です\n\n試験枠を業界で融通できれば三か月は縮められます。",
                ),
                Said(
                    "hokuto_sawada", 44,
                    "基板側でも同じ事情です。切替えの試験は月に二件が限度で、複数社が同時に動くと順番待ちになります。"
                    "優先順位を平時に決めておくことに賛成します。",
                ),
                Said(
                    "secretary", 51,
                    "協会で共通の認定項目を整理する作業部会を立ち上げる案があります。次回の会合でお諮りします。",
                ),
                Said(
                    "second_official", 70,
                    "認定試験の共同利用は支援措置の対象にできる可能性があります。必要額と対象設備の考え方を、"
                    "来月の会合までに整理していただけますか。",
                ),
            ),
            read_by=("official",),
        ),
        ThreadPlan(
            title="優先配分の発動基準（素案）",
            marking="HI//SEMICON",
            began=3.1,
            said=(
                Said(
                    "second_official", 0,
                    "途絶時の優先配分について、発動の目安を次のように考えています。ご意見をください。\n\n"
                    "| 段階 | 目安 | すること |\n|---|---|---|\n| 注意 | 在庫が八週間を下回る | 週次の情報共有 |\n"
                    "| 警戒 | 在庫が五週間を下回る | 代替調達の開始 |\n| 発動 | 在庫が三週間を下回る | 優先配分 |",
                ),
                Said(
                    "hekisui_aoki", 6,
                    "「発動」の三週間では遅いと感じます。"
                    "当社の製造は受注から出荷まで四週間です。",
                ),
                Said("official", 26, "ご指摘ありがとうございます。五週間に引き上げた案を次の会合までに用意します。"),
            ),
            read_by=("official", "second_official"),
        ),
        ThreadPlan(
            title="四半期の定例会合の日程",
            marking="SENSITIVE",
            began=1.4,
            said=(
                Said("official", 0, "次回の定例会合は第二水曜日の午後を予定しています。議題の希望をお寄せください。"),
                Said(
                    "foreign", 5,
                    "We would welcome an item on service parts for inspection equipment. Lead times have doubled "
                    "since spring, and our customers in Japan ask us why.",
                ),
                Said("secretary", 18, "会場は協会の会議室を確保しました。遠隔でも参加できます。"),
            ),
            read_by=("official",),
        ),
        ThreadPlan(
            title="この対話の場の進め方",
            marking="PUBLIC",
            began=205,
            said=(
                Said(
                    "official", 0,
                    "この場では、各社の個別の事情は社名を伏せた形でのみ外に出します。"
                    "発言の格付は投稿のたびに選べます。"
                    "迷ったときは高い方を選んでください。後から確認のうえで下げることができます。",
                ),
            ),
            read_by=("official", "engineer", "secretary"),
        ),
    ),
)  # fmt: skip

TECHNOLOGY = RoomPlan(
    key="inspection_technology",
    kind=Kind.TECHNOLOGY,
    name="検査・計測装置の要素技術に関する対話",
    purpose="検査・計測装置の要素技術について、同志国の企業とともに保守部品の確保と技術流出の防止策を検討する。",
    ceiling="SENSITIVE//REL:LIKEMINDED",
    known_to="SENSITIVE//REL:LIKEMINDED",
    steward="anzen_toyama",
    opened=120,
    members=participants("official", "senken_shindo"),
    firms=(("yukiwari_chiba", "yukiwari_sugawara"), ("foreign", "duinlicht_bakker"), ("tallgrass_reyes",)),
    threads=(
        ThreadPlan(
            title="保守部品の相互融通",
            marking="SENSITIVE//REL:LIKEMINDED",
            began=5.6,
            said=(
                Said(
                    "anzen_toyama", 0,
                    "光学系の保守部品について、緊急時に互いの在庫を融通する枠組みを検討します。\n\n"
                    "English comments are welcome.",
                ),
                Said(
                    "duinlicht_bakker", 9,
                    "Export licences are the slow part: **up to ten weeks** for parts that were licensed before. "
                    "A pre-agreed list of parts would help more than extra stock.",
                ),
                Said(
                    "yukiwari_chiba", 30,
                    "小さな会社では在庫を持つ余裕がありません。"
                    "共同備蓄の形なら参加できます。",
                ),
            ),
        ),
        ThreadPlan(
            title="退職者の転職に伴う技術の持出しへの備え",
            marking="SENSITIVE//REL:LIKEMINDED",
            began=2.2,
            said=(
                Said(
                    "senken_shindo", 0,
                    "共同研究の終了後に、試料と測定条件の控えが個人に残る例があります。"
                    "終了時の確認書を標準化できないでしょうか。",
                ),
                Said(
                    "official", 12,
                    "様式の案を作ります。各社の現行の確認書があれば、"
                    "差し支えない範囲で文書として提供してください。",
                ),
            ),
        ),
    ),
    invited=(("engineer", False), ("secretary", False)),
)  # fmt: skip

FIRM = RoomPlan(
    key="asagiri",
    kind=Kind.FIRM,
    name="朝霧精密工業との個別対話",
    purpose="同社だけが知る調達上の懸念と設備投資の見通しを伺い、支援措置の使い方を具体的に相談する。",
    ceiling="HI//SEMICON",
    steward="official",
    opened=95,
    members=participants("second_official", "engineer", "asagiri_fukushima"),
    threads=(
        ThreadPlan(
            title="第二工場の増設と補助の対象範囲",
            marking="SENSITIVE//SEMICON",
            began=12,
            said=(
                Said("engineer", 0, "増設する洗浄工程のうち、薬液の再生設備は補助の対象に含まれますか。"),
                Said(
                    "official", 27,
                    "再生設備は、供給の安定に資する部分について対象になり得ます。"
                    "系統図をいただければ確認します。",
                ),
                Said("engineer", 50, "承知しました。社内の確認が済み次第、文書として提供します。"),
            ),
            read_by=("official", "engineer"),
        ),
        ThreadPlan(
            title="取引先から届いた不自然な技術資料の要求",
            marking="HI//SEMICON",
            began=0.9,
            said=(
                Said(
                    "engineer", 0,
                    "既存の取引先を名乗る担当者から、**通常は求められない工程条件**の提出を繰り返し求められています。"
                    "契約の窓口に確かめたところ、依頼の記録がないとのことでした。",
                ),
                Said(
                    "official", 3,
                    "情報をありがとうございます。回答は保留し、"
                    "受信記録を保存してください。同様の例を確認します。",
                ),
            ),
        ),
    ),
)  # fmt: skip

MINERALS = RoomPlan(
    key="minerals_chain",
    kind=Kind.SUPPLY_CHAIN,
    name="重要鉱物の調達多角化に関する対話",
    purpose="精製工程の偏りを把握し、共同調達・備蓄・再生資源の三つの道筋を関係する企業とともに具体化する。",
    ceiling="HI//MINERALS",
    steward="tsusho_hino",
    opened=160,
    members=(*stewards("anzen_toyama"), *participants("official", "chikuden_nomura")),
    firms=(("toko_miyoshi",), ("todai_arima",)),
    threads=(
        ThreadPlan(
            title="精製工程の国内回帰に必要な条件",
            marking="HI//MINERALS",
            began=7.5,
            said=(
                Said("tsusho_hino", 0, "精製の国内回帰について、採算が取れる規模と電力の条件を伺います。"),
                Said(
                    "todai_arima", 22,
                    "引取りの長期契約があれば、"
                    "年間の需要の三割までは国内精製に切り替えられます。",
                ),
                Said(
                    "chikuden_nomura", 41,
                    "会員への調査では、"
                    "価格差の一割五分までなら受け入れるという回答が多数でした。",
                ),
            ),
        ),
        ThreadPlan(
            title="使用済み電池からの回収の見通し",
            marking="SENSITIVE",
            began=2.7,
            said=(
                Said("chikuden_nomura", 0, "回収量は五年後に現在の四倍になる見込みです。前処理の能力が足りません。"),
                Said("official", 16, "前処理設備の立地について、地域の対話の場とも連携して検討します。"),
            ),
        ),
    ),
)  # fmt: skip

CHAINS = (SEMICON, TECHNOLOGY, FIRM, MINERALS)
