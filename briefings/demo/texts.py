"""The demo's briefings: one of three levels, four plain ones, and one that waits to be looked over. All made up."""

from __future__ import annotations

from ..content import Action, Concerns, Named, Section, Source
from ..kinds import Confidence, Kind, Likelihood, Severity
from .plan import Plan

ROOM = "semicon_chain"

SUPPLY = Plan(
    kind=Kind.SUPPLY,
    title="感光材の中間体：主要産地の水害による供給の途絶のおそれ",
    audience=ROOM,
    days=1.4,
    severity=Severity.SERIOUS,
    likelihood=Likelihood.LIKELY,
    confidence=Confidence.MEDIUM,
    acknowledge_in=6,
    expires_in=90,
    concerns=Concerns(
        sectors=("SEMICON", "CHEMICALS"),
        steps=("MATERIALS", "PARTS"),
        commodities=("感光材の中間体", "高純度溶剤"),
        technologies=("露光",),
        regions=("架空国アルダ",),
    ),
    sections=(
        Section(
            heading="概要",
            marking="PUBLIC",
            body="架空国アルダの南部で水害が続き、感光材の中間体をつくる工場の操業が止まっています。"
            "港の再開の見通しは立っていません。\n\n"
            "前工程の材料を扱う企業は、**手元の在庫と次の入荷日**を確かめてください。",
            actions=(Action("自社と一次取引先の在庫の日数を確かめる", "調達の責任者"),),
            sources=(Source("現地当局の発表と報道", "公開情報"),),
        ),
        Section(
            heading="代わりの調達先と切替えの目安",
            marking="SENSITIVE",
            body="代わりになる供給元は国内外に三か所あります。いずれも増産の余地は月あたり一割ほどで、"
            "同じ品種に注文が集まると足りなくなります。\n\n"
            "- 認定の試験には通常九か月かかります\n- 協会の共通試験を使うと、半年ほどに縮められます\n\n"
            "買いだめは価格を押し上げ、中小の企業ほど先に困ります。注文は必要な量にとどめてください。",
            actions=(
                Action("切替えに必要な認定の期間を、顧客と確かめる", "品質保証の責任者"),
                Action("共通試験を使うかどうかを、協会に伝える", "経営企画"),
            ),
            sources=(Source("供給元への聞き取り", "複数の聞き取りが一致"),),
        ),
        Section(
            heading="途絶までの日数の推計と優先配分の準備",
            marking="HI//SEMICON",
            body="各社からいただいた数字をまとめると、止まったままの場合、**四週間ほどで前工程の一部が止まる**"
            "見込みです。影響は医療機器向けの古い世代の品種から出ます。\n\n"
            "優先配分の手順の素案にしたがい、対象の品種と配分の割合の案を作り始めました。"
            "配分の発動を前提にした契約の変更は、まだ行わないでください。",
            named=(
                Named("location", "架空国アルダ 南部工業地帯", "中間体の工場が集まる"),
                Named("infrastructure", "アルダ南港", "危険物の取扱いを停止中"),
            ),
            actions=(Action("品種ごとの在庫の日数を、この場で回答する", "取扱者に指名された方"),),
            sources=(Source("この場での各社の回答", "社名を伏せて集計"),),
        ),
    ),
    read_by=("engineer", "foreign", "hokuto_sawada", "hekisui_aoki"),
    acknowledged_by=("hokuto_sawada",),
)

COERCION = Plan(
    kind=Kind.COERCION,
    title="輸出許可の手続を理由に、設計情報の提出を求める動き",
    audience="sector",
    days=6.2,
    severity=Severity.SERIOUS,
    likelihood=Likelihood.POSSIBLE,
    acknowledge_in=10,
    concerns=Concerns(
        sectors=("SEMICON", "MACHINERY"), steps=("EQUIPMENT",), technologies=("検査装置",), regions=("架空国ベルカ",)
    ),
    sections=(
        Section(
            heading="概要",
            marking="PUBLIC",
            body="架空国ベルカで、原材料の輸出許可と引換えに、装置の図面や運転の条件の提出を求められた例が"
            "複数あります。求めは書面ではなく、面談で示されることが多いようです。\n\n"
            "その場で答える必要はありません。「社内で確かめる」と伝え、**一人で判断しない**でください。",
            actions=(
                Action("面談の記録を残し、求められた情報の一覧をつくる", "現地の責任者"),
                Action("提出する前に、所管の窓口に相談する", "輸出管理の責任者"),
            ),
            sources=(Source("企業からの相談", "複数の相談が一致"),),
        ),
    ),
    read_by=("engineer", "hokuto_minami"),
)

RIVALRY = Plan(
    kind=Kind.RIVALRY,
    title="蓄電池用の部材：需要を上回る増産と、安値の長期契約の提案",
    audience="list",
    days=12.5,
    severity=Severity.MODERATE,
    likelihood=Likelihood.HAPPENING,
    confidence=Confidence.HIGH,
    concerns=Concerns(sectors=("BATTERY",), steps=("MATERIALS", "ASSEMBLY"), commodities=("負極材", "セパレーター")),
    sections=(
        Section(
            heading="概要",
            marking="SENSITIVE//BATTERY",
            body="海外の複数の製造者が、見込まれる需要の倍近い生産の設備を立ち上げています。"
            "採算に合わない値段での五年を超える契約の提案が、国内の組立ての企業に届いています。",
            sources=(Source("設備の発注の統計", "公開情報と聞き取り"),),
        ),
        Section(
            heading="考えておきたいこと",
            marking="SENSITIVE//BATTERY",
            body="短い間の費用は下がりますが、国内の製造者が手を引くと、あとで値段を選べなくなります。"
            "供給元を一つに絞る契約は、**途絶のときの代わり**を決めてからにしてください。",
            actions=(Action("提案の条件（期間・数量・独占）を整理して共有する", "調達の責任者"),),
        ),
    ),
    read_by=("todai_matsuo",),
    acknowledged_by=("todai_matsuo",),
)

LEAKAGE = Plan(
    kind=Kind.LEAKAGE,
    title="共同開発の相手先の再委託を通じた、工程の条件の流出",
    audience=ROOM,
    days=19.3,
    severity=Severity.MODERATE,
    likelihood=Likelihood.LIKELY,
    author="second_official",
    reviewer="official",
    concerns=Concerns(sectors=("SEMICON", "RESEARCH"), steps=("PARTS", "EQUIPMENT"), technologies=("研磨", "洗浄")),
    sections=(
        Section(
            heading="概要",
            marking="SENSITIVE",
            body="共同開発の相手が試作を別の会社に任せ、そこから研磨と洗浄の条件が外に出た例がありました。"
            "契約には再委託の定めがあったものの、**実際にだれが図面を開いたか**は分かっていませんでした。",
        ),
        Section(
            heading="企業にお願いしたいこと",
            marking="SENSITIVE",
            body="渡す情報を工程ごとに分け、全体が分かる資料は渡さないでください。",
            actions=(
                Action("再委託先の名前と、扱う情報の範囲を、年に一度確かめる", "共同開発の責任者"),
                Action("図面を開いた記録が残る方法で渡す", "情報システムの責任者"),
            ),
            sources=(Source("企業からの報告", "当事者による"),),
        ),
    ),
    read_by=("hokuto_sawada",),
)

CYBER = Plan(
    kind=Kind.CYBER,
    title="工場の遠隔保守の機器をねらう攻撃",
    audience="sector",
    days=2.6,
    severity=Severity.SERIOUS,
    likelihood=Likelihood.HAPPENING,
    confidence=Confidence.HIGH,
    acknowledge_in=3,
    concerns=Concerns(
        sectors=("SEMICON", "CYBER"), steps=("MATERIALS", "PARTS", "EQUIPMENT"), technologies=("遠隔保守の接続機器",)
    ),
    sections=(
        Section(
            heading="概要",
            marking="PUBLIC",
            body="装置の遠隔保守に使う接続機器の、古い版の弱点をねらった攻撃が続いています。"
            "入られると、装置の設定を書き換えられたり、工程の記録を持ち出されたりします。\n\n"
            "保守の業者が置いた機器は、社内の台帳に載っていないことがあります。",
            actions=(
                Action("遠隔保守の機器を数え、版を確かめて更新する", "工場の設備の担当者"),
                Action("使わないときは、外からの接続を切る", "情報システムの責任者"),
            ),
            named=(
                Named("campaign", "遠隔保守の機器をねらう一連の攻撃（架空）", "今年の夏から続く"),
                Named("infrastructure", "乗っ取られた中継の機器", "複数の国に散らばる"),
            ),
            sources=(Source("国内の事案の調査", "記録で確かめた"),),
        ),
    ),
    read_by=("engineer", "colleague", "hokuto_minami"),
    acknowledged_by=("hokuto_minami",),
)

PEOPLE = Plan(
    kind=Kind.PEOPLE,
    title="熟練の技術者への、短期の講師の誘い",
    audience=ROOM,
    days=0.3,
    severity=Severity.MODERATE,
    likelihood=Likelihood.POSSIBLE,
    confidence=Confidence.LOW,
    waiting=True,
    concerns=Concerns(sectors=("SEMICON",), technologies=("結晶の育成",)),
    sections=(
        Section(
            heading="概要",
            marking="SENSITIVE",
            body="週末だけの講師として招き、高い謝礼を払い、回を重ねるごとに工程の細部を聞き出す誘いの例があります。"
            "誘いは、退職した先輩や仲介の会社を通じて届きます。",
            actions=(Action("副業の届出の窓口を、技術者に知らせる", "人事の責任者"),),
        ),
        Section(
            heading="分かっている手口",
            marking="HI//SEMICON",
            body="二つの仲介の会社が、同じ連絡先を使っています。名前は確かめているところです。",
            sources=(Source("企業からの相談", "一件のみ"),),
        ),
    ),
)

PLANS = (LEAKAGE, RIVALRY, COERCION, CYBER, SUPPLY, PEOPLE)
