"""The documents of the demo. Made up from beginning to end; any likeness to a real firm's affairs is chance."""

from __future__ import annotations

from .pdf import pdf
from .plan import Later, Plan

RECORD = ("重要物資供給網対話（令和8年度）", "5", "TRANSFER")

BRIEFING = """\
前工程材料の供給途絶シナリオと官民の初動（案）

産業安全保障庁 産業安全保障課（架空）


1　この資料の位置づけ

　この資料は、前工程材料のうち調達先が特定の国・企業に偏る品目について、供給が途絶えた場合に想定される事態と、\
その際の官民の初動をまとめたものである。数値はすべて演習のために作成した架空のものであり、実在の企業・取引とは\
関係がない。

　参加者は、自社の状況に照らして誤りや不足を指摘していただきたい。社名を伏せた形で取りまとめ、次回の会合で共有する。


2　想定する事態

（1）輸出許可の遅延
　主要な供給国が、感光材の中間体と高純度の研磨材について輸出許可の審査を長期化させる。通関の統計では通常の三割\
まで落ち込み、契約上の納期は守られない。開始から四週間で、在庫の少ない工場から投入量の調整が始まる。

（2）製造拠点の停止
　供給国の一つの拠点が停電と設備の損傷により止まる。復旧には十週間を要する。同じ拠点が国内需要の四割を担うため、\
代替の拠点に注文が集中し、割当てが始まる。

（3）物流の寸断
　主要航路の一つが使えなくなり、迂回により輸送日数が十二日延びる。温度管理を要する材料では、使用期限との関係で\
受け入れられない荷が生じる。


3　品目ごとの見立て

　品目　　　　　　　国内在庫　　代替の認定　　偏り
　感光材の中間体　　六週間　　　九か月　　　　一社で七割
　高純度ガス　　　　四週間　　　三か月　　　　二社で八割
　研磨材　　　　　　八週間　　　六か月　　　　一か国で九割
　石英部材　　　　　十二週間　　十二か月　　　三社で六割

　在庫の週数は、各社の回答の中央値である。最も少ない社では感光材の中間体が三週間であった。


4　官民の初動

（1）最初の四十八時間
　供給の異常に気付いた企業は、対話の場に一報を入れる。確かめられていない情報でもよい。役所は、同じ兆候を見ている\
企業がないかを、照会元が分からない形で各社に尋ねる。

（2）最初の二週間
　在庫が五週間を下回った品目について、代替調達の可否を各社で確認する。認定試験の枠を融通できるかを業界団体が\
取りまとめる。役所は、通関・輸送・許認可の手続を優先して処理する窓口を開く。

（3）最初の三か月
　優先配分の要否を判断する。判断の基準は別途定める。支援措置の対象となる設備と費用の範囲を確定し、予算上の手当て\
を行う。


5　御議論いただきたい点

　ア　異常の一報を入れる目安として、何を見るのが現実的か。
　イ　認定試験の枠を融通する場合、秘密保持と費用の分担をどう定めるか。
　ウ　優先配分を発動する在庫の水準は、品目ごとに変えるべきか。
　エ　国に求める支援のうち、平時に済ませておくべきものは何か。


6　取扱い

　この資料は秘文書である。印刷した場合は施錠できる場所に保管し、用済み後は裁断する。参加者の範囲を超えて伝える\
場合は、産業安全保障課の同意を得ること。
"""

REVISED = BRIEFING.replace("感光材の中間体が三週間であった", "感光材の中間体が二週間半であった").replace(
    "在庫が五週間を下回った品目", "在庫が六週間を下回った品目"
)

HOW = "この場では、社名を挙げずに議論します。\n会合は月に一度、終わった翌週に概要をお送りします。\n"

STOCK = """\
品目,単位,月間使用量,在庫量,在庫日数,代替候補の数,認定に要する月数
感光材中間体A,kg,420,610,43,2,9
感光材中間体B,kg,180,130,21,0,12
高純度ガスC,本,96,88,27,3,3
研磨材D,kg,2300,4800,62,1,6
石英治具E,個,14,31,66,1,12
洗浄液F,L,8800,9100,31,4,2
"""

FIRM = """\
中間体Bの調達に関する懸念について

朝霧精密工業株式会社 生産技術部（架空）

　当社が中間体Bを購入している唯一の供給者から、来年度の契約について、数量の三割減と価格の見直しを求められています。\
理由の説明はありません。

1　事実
　・申入れは今月上旬、口頭。書面は受け取っていません。
　・他社への出荷が増えた様子はありません。
　・同社の株主に最近変更があったと聞いていますが、確認できていません。

2　影響
　・在庫は三週間分です。
　・代替候補はありません。自社での合成を検討しましたが、設備の許可に一年以上かかります。

3　お願い
　・株主の変更について、公開情報で確認できる範囲を教えてください。
　・同じ申入れを受けた企業がほかにないか、当社の名前を出さずに確かめてください。

　この内容が外に伝わると、取引そのものを失うおそれがあります。取扱いに御配慮ください。
"""

REGION = """\
中部地域 部材供給網の点検結果（概要）

1　対象　地域内の部材製造業 四十八社（回答三十七社）

2　分かったこと
　・一次の取引先が被災した場合の代替を決めている社は、十一社にとどまる。
　・自家発電を持つ社は九社。燃料の備蓄は平均二十時間分。
　・輸送を一社に任せている社が二十一社ある。

3　今後の進め方
　・代替生産の覚書のひな形を業界団体と作る。
　・燃料の優先供給について、自治体との協定を検討する。
　・次の点検は来年の六月に行う。
"""

GUIDE = """\
技術流出を防ぐために、まず確かめていただきたいこと

1　誰が、何を、どこまで見られるか
　設計情報や製造条件を置いている場所ごとに、見られる方の一覧を作ってください。退職した方や異動した方が残って\
いないかを、半年に一度は見直してください。

2　共同研究と来訪
　研究員や来訪者を受け入れる前に、所属、資金の出どころ、これまでの共同研究の相手を確かめてください。見学の経路は、\
製造条件が読み取れないように決めてください。

3　引き抜きの兆候
　破格の条件での誘い、秘密保持契約の内容を尋ねる連絡、短期間での大量の印刷や持ち出しがあれば、一人で抱えずに\
相談してください。

4　起きてしまったら
　記録を残し、機器の電源を切らずに、対話の場か所管の窓口に連絡してください。早いほど取り返せます。
"""

MINUTES = """\
第三回 電子部材業界の戦略対話 議事の概要

日時　先月二十日 十四時から十六時
場所　日本電子部材協会 会議室（架空）

1　報告　事務局から、認定項目の共通化の案について説明があった。
2　意見　・項目を減らすだけでなく、試験の条件をそろえることが要る。
　　　　　・海外の顧客にも認めてもらえるよう、英語の版を同時に作るべきである。
　　　　　・費用の負担は、受益の大きさに応じて分けたい。
3　決定　・作業部会を置く。部会長は緒方技術部長とする。
　　　　　・次回までに、対象とする三品目を選ぶ。
4　宿題　・各社は、認定に要する月数と件数を来月十日までに事務局へ知らせる。
"""

ADVISORY = pdf(
    [
        [
            "INSPECTION AND METROLOGY: QUESTIONS FOR PARTNERS",
            "Agency for Industrial Security (fictional)",
            "",
            "1. Purpose",
            "This note asks partners which parts of inspection and metrology",
            "equipment have a single source, and what would help to add a second.",
            "All figures are invented for exercises.",
            "",
            "2. What we see",
            "- Two light sources in three come from one region.",
            "- Spare parts are held for nine weeks on average.",
            "- Field engineers who may service the newest tools are few.",
        ],
        [
            "3. What we ask",
            "a. Which spare parts could be stocked jointly, and where?",
            "b. Could service be licensed to a second firm in a like-minded country?",
            "c. Which export licences take longest, and why?",
            "",
            "4. How answers are used",
            "Answers stay in this room. They are summarised without names.",
            "",
            "Please answer within four weeks.",
        ],
    ]
)

PLANS = (
    Plan(
        "semicon_chain", "official", "前工程材料の供給途絶シナリオと官民の初動（案）", "HI//SEMICON",
        "供給途絶シナリオ（案）.txt", BRIEFING.encode(), 12.2, ("second_official", "engineer", "secretary"), RECORD,
        (Later(70, "供給途絶シナリオ改.txt", REVISED.encode(), "在庫の最少値と、代替調達を始める目安を改めました。"),),
    ),
    Plan(
        "semicon_chain", "engineer", "主要材料の在庫と代替候補（当社分）", "HI//SEMICON//TLP:RED",
        "在庫一覧.csv", STOCK.encode("cp932"), 5.4, ("official",),
    ),
    Plan(
        "semicon_chain", "second_official", "対話の場の進め方", "SENSITIVE",
        "進め方.txt", HOW.encode(), 40.1, ("engineer", "foreign"), RECORD,
    ),
    Plan(
        "asagiri", "engineer", "中間体Bの調達に関する懸念について", "HI//SEMICON//TLP:RED",
        "懸念について.txt", FIRM.encode(), 3.3, ("official",), RECORD,
    ),
    Plan(
        "inspection_technology", "anzen_toyama", "Inspection and metrology: questions for partners",
        "SENSITIVE//REL:LIKEMINDED", "questions-for-partners.pdf", ADVISORY, 8.6, ("foreign", "yukiwari_chiba"),
        ("要素技術対話（令和8年度）", "10", "TRANSFER"),
    ),
    Plan(
        "components_industry", "secretary", "第三回 戦略対話 議事の概要", "SENSITIVE//SEMICON",
        "第三回議事概要.txt", MINUTES.encode(), 20.5, ("official",),
    ),
    Plan(
        "chubu_region", "anzen_kanda", "中部地域 部材供給網の点検結果（概要）", "SENSITIVE",
        "点検結果.txt", REGION.encode("cp932"), 15.7, ("engineer",), ("地域供給網の点検（令和8年度）", "3", "DESTROY"),
    ),
    Plan(
        "leakage_technology", "official", "技術流出を防ぐために、まず確かめていただきたいこと", "PUBLIC//TLP:CLEAR",
        "まず確かめること.txt", GUIDE.encode(), 30.9, ("engineer", "secretary"),
        ("技術流出対策（令和8年度）", "3", "TRANSFER"),
    ),
)  # fmt: skip
