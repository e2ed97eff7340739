"""The people and organisations of the demo world. All made up; no one has a password.

Registry office 9999 does not exist, so no 法人番号 here is a real organisation's; `.example` is nobody's domain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.corporate_number import corporate_number_check_digit
from accounts.models import Appointment, ForeignControl, Membership, Organisation, Person

MINISTRY, ASSOCIATION = Organisation.Kind.MINISTRY, Organisation.Kind.ASSOCIATION
COMPANY, RESEARCH = Organisation.Kind.COMPANY, Organisation.Kind.RESEARCH
STEP, SIZE = Organisation.Step, Organisation.Size
DUTY = Appointment.Duty


@dataclass(frozen=True)
class Firm:
    """An organisation of the demo; `key` is the domain its people's addresses end in."""

    key: str
    kind: str
    name: str
    name_en: str
    sectors: tuple[str, ...] = ()
    step: str = STEP.NONE
    region: str = "KANTO"
    size: str = SIZE.NONE
    country: str = "JP"
    associations: tuple[str, ...] = ()
    foreign: tuple[str, int, int] | None = None  # votes in per cent, officers, secondees


FIRMS = (
    Firm("anzen", MINISTRY, "産業安全保障庁（架空）", "Agency for Industrial Security (fictional)"),
    Firm("tsusho", MINISTRY, "通商技術省（架空）", "Ministry of Trade and Technology (fictional)"),
    Firm(
        "buhin-kyokai", ASSOCIATION, "日本電子部材協会（架空）", "Japan Electronic Materials Association (fictional)",
        ("SEMICON", "COMPONENTS"),
    ),
    Firm(
        "chikuden-kai", ASSOCIATION, "日本蓄電池産業会（架空）", "Japan Battery Industry Council (fictional)",
        ("BATTERY",),
    ),
    Firm(
        "asagiri", COMPANY, "朝霧精密工業株式会社（架空）", "Asagiri Precision Industries (fictional)",
        ("SEMICON", "COMPONENTS"), STEP.PARTS, "CHUBU", SIZE.MEDIUM, "JP", ("buhin-kyokai",), ("4.20", 0, 0),
    ),
    Firm(
        "hokuto", COMPANY, "北斗シリコン株式会社（架空）", "Hokuto Silicon (fictional)",
        ("SEMICON",), STEP.MATERIALS, "HOKKAIDO", SIZE.LARGE, "JP", ("buhin-kyokai",), ("18.75", 1, 0),
    ),
    Firm(
        "hekisui", COMPANY, "碧水化学株式会社（架空）", "Hekisui Chemical (fictional)",
        ("CHEMICALS", "SEMICON", "BATTERY"), STEP.MATERIALS, "KINKI", SIZE.LARGE, "JP",
        ("buhin-kyokai", "chikuden-kai"), ("22.10", 1, 2),
    ),
    Firm(
        "yukiwari", COMPANY, "雪割精機株式会社（架空）", "Yukiwari Instruments (fictional)",
        ("MACHINERY", "SEMICON"), STEP.EQUIPMENT, "TOHOKU", SIZE.SMALL, "JP", ("buhin-kyokai",), ("0.00", 0, 0),
    ),
    Firm(
        "soten", COMPANY, "蒼天防衛システム株式会社（架空）", "Soten Defence Systems (fictional)",
        ("DEFENCE", "SEMICON"), STEP.ASSEMBLY, "KANTO", SIZE.LARGE, "JP", ("buhin-kyokai",), ("0.80", 0, 0),
    ),
    Firm(
        "todai", COMPANY, "燈台蓄電株式会社（架空）", "Todai Energy Storage (fictional)",
        ("BATTERY",), STEP.ASSEMBLY, "KYUSHU", SIZE.LARGE, "JP", ("chikuden-kai",), ("12.40", 1, 0),
    ),
    Firm(
        "setouchi", COMPANY, "瀬戸内磁石株式会社（架空）", "Setouchi Magnets (fictional)",
        ("MAGNETS", "MINERALS"), STEP.PARTS, "CHUGOKU", SIZE.SMALL, "JP", (), ("0.00", 0, 0),
    ),
    Firm(
        "toko", COMPANY, "東光鉱産株式会社（架空）", "Toko Minerals (fictional)",
        ("MINERALS",), STEP.MATERIALS, "SHIKOKU", SIZE.MEDIUM, "JP", ("chikuden-kai",), ("9.90", 0, 1),
    ),
    Firm(
        "momiji", COMPANY, "紅葉物流株式会社（架空）", "Momiji Logistics (fictional)",
        ("SEA_FREIGHT", "ROAD_FREIGHT"), STEP.DISTRIBUTION, "KINKI", SIZE.MEDIUM,
    ),
    Firm(
        "senken", RESEARCH, "先端物質研究機構（架空）", "Institute for Advanced Matter (fictional)",
        ("RESEARCH", "SEMICON", "BATTERY"), STEP.NONE, "KANTO",
    ),
    Firm(
        "duinlicht", COMPANY, "Duinlicht Optica B.V.（架空）", "Duinlicht Optica B.V. (fictional)",
        ("SEMICON",), STEP.EQUIPMENT, "ABROAD", SIZE.LARGE, "NL",
    ),
    Firm(
        "tallgrass", COMPANY, "Tallgrass Metrology Inc.（架空）", "Tallgrass Metrology Inc. (fictional)",
        ("SEMICON",), STEP.EQUIPMENT, "ABROAD", SIZE.MEDIUM, "US",
    ),
)  # fmt: skip

# key, firm, local part, name, title, duties. The first eleven are the personas of /demo/.
PEOPLE: tuple[tuple[str, str, str, str, str, tuple[str, ...]], ...] = (
    ("official", "anzen", "saeki", "佐伯 真理子", "産業安全保障課 課長補佐", (DUTY.OFFICIAL,)),
    ("second_official", "anzen", "kuroda", "黒田 慎一", "産業安全保障課 課長", (DUTY.OFFICIAL,)),
    ("clearance_officer", "anzen", "mitsui", "三井 和子", "情報保全室 保全責任者", (DUTY.CLEARANCE_OFFICER,)),
    ("second_clearance_officer", "anzen", "mori", "森 あかり", "情報保全室 主査",
     (DUTY.CLEARANCE_OFFICER, DUTY.DESK_MANAGER)),
    ("secretary", "buhin-kyokai", "hayami", "速水 恵", "事務局次長", (DUTY.SECRETARY,)),
    ("engineer", "asagiri", "kitagawa", "北川 千尋", "生産技術部 主任技師", ()),
    ("colleague", "asagiri", "onodera", "小野寺 健", "生産技術部 技師", ()),
    ("expired", "asagiri", "yasuda", "安田 正樹", "調達部 部長代理", ()),
    ("handler", "soten", "tachibana", "橘 冬子", "特定事業部 情報保全担当", ()),
    ("foreign", "duinlicht", "verhagen", "Anouk Verhagen", "Director, Partner Programmes", ()),
    ("auditor", "tsusho", "iwasaki", "岩崎 隆", "監察官室 監査官", (DUTY.AUDITOR,)),
    ("anzen_kanda", "anzen", "kanda", "神田 美咲", "産業安全保障課 係長", (DUTY.OFFICIAL,)),
    ("anzen_toyama", "anzen", "toyama", "外山 徹", "国際協力室 室長", (DUTY.OFFICIAL,)),
    ("tsusho_nagase", "tsusho", "nagase", "長瀬 亮", "電子部材課 課長補佐", (DUTY.OFFICIAL,)),
    ("tsusho_hino", "tsusho", "hino", "日野 由紀", "電池政策室 係長", (DUTY.OFFICIAL,)),
    ("buhin_ogata", "buhin-kyokai", "ogata", "緒方 聡", "技術部 部長", ()),
    ("buhin_sugiura", "buhin-kyokai", "sugiura", "杉浦 玲奈", "事務局員", (DUTY.SECRETARY,)),
    ("chikuden_nomura", "chikuden-kai", "nomura", "野村 浩二", "事務局長", (DUTY.SECRETARY,)),
    ("chikuden_ebina", "chikuden-kai", "ebina", "海老名 楓", "調査部 課長", ()),
    ("asagiri_fukushima", "asagiri", "fukushima", "福島 由香", "経営企画部 部長", ()),
    ("asagiri_tsuda", "asagiri", "tsuda", "津田 直樹", "品質保証部 課長", ()),
    ("asagiri_kume", "asagiri", "kume", "久米 里奈", "情報システム部", ()),
    ("hokuto_sawada", "hokuto", "sawada", "沢田 大輔", "経済安全保障室 室長", ()),
    ("hokuto_minami", "hokuto", "minami", "南 七海", "調達本部 課長", ()),
    ("hokuto_ishida", "hokuto", "ishida", "石田 修", "結晶技術部 主席研究員", ()),
    ("hekisui_aoki", "hekisui", "aoki", "青木 翔太", "電子材料事業部 部長", ()),
    ("hekisui_mukai", "hekisui", "mukai", "向井 沙織", "法務・知財部 課長", ()),
    ("hekisui_uno", "hekisui", "uno", "宇野 拓海", "物流企画室", ()),
    ("yukiwari_chiba", "yukiwari", "chiba", "千葉 茂", "代表取締役", ()),
    ("yukiwari_sugawara", "yukiwari", "sugawara", "菅原 麻衣", "設計課 課長", ()),
    ("soten_kurosawa", "soten", "kurosawa", "黒沢 仁", "特定事業部 部長", ()),
    ("soten_hatano", "soten", "hatano", "波多野 静香", "特定事業部 技師", ()),
    ("soten_ueno", "soten", "ueno", "上野 剛", "調達部 課長", ()),
    ("todai_matsuo", "todai", "matsuo", "松尾 恵美", "渉外部 部長", ()),
    ("todai_goto", "todai", "goto", "後藤 亮太", "電池セル開発部", ()),
    ("todai_arima", "todai", "arima", "有馬 俊介", "サプライチェーン推進室", ()),
    ("setouchi_kobayakawa", "setouchi", "kobayakawa", "小早川 弘", "専務取締役", ()),
    ("setouchi_inoue", "setouchi", "inoue", "井上 真央", "製造部 主任", ()),
    ("toko_miyoshi", "toko", "miyoshi", "三好 哲也", "資源開発部 部長", ()),
    ("toko_takechi", "toko", "takechi", "武智 結衣", "営業部", ()),
    ("momiji_nishida", "momiji", "nishida", "西田 圭", "国際輸送部 課長", ()),
    ("momiji_okuno", "momiji", "okuno", "奥野 美和", "リスク管理室 室長", ()),
    ("senken_shindo", "senken", "shindo", "進藤 明", "量子材料部門 教授", ()),
    ("senken_tamura", "senken", "tamura", "田村 優子", "研究セキュリティ室 室長", ()),
    ("duinlicht_bakker", "duinlicht", "bakker", "Pieter Bakker", "Export Control Officer", ()),
    ("tallgrass_reyes", "tallgrass", "reyes", "Marisol Reyes", "Government Relations", ()),
    ("tallgrass_lindqvist", "tallgrass", "lindqvist", "Owen Lindqvist", "Applications Engineer", ()),
)  # fmt: skip


@transaction.atomic
def make_people() -> dict[str, Person]:
    """Make what is missing of the demo's organisations and people; everyone by their key. May run again.

    Writes appointments, so it runs as the owner (accounts.operator.as_owner).
    """
    firms = {firm.key: _organisation(number, firm) for number, firm in enumerate(FIRMS, start=1)}
    for firm in FIRMS:
        for association in firm.associations:
            _membership(firms[association], firms[firm.key])
        if firm.foreign is not None:
            _foreign_control(firms[firm.key], *firm.foreign)
    return {
        key: _person(firms[firm], f"{local}@{firm}.example", name, title, duties)
        for key, firm, local, name, title, duties in PEOPLE
    }


def address_of(key: str) -> str:
    """The address of one of the demo's people. Raises StopIteration for an unknown key."""
    return next(f"{local}@{firm}.example" for each, firm, local, *_rest in PEOPLE if each == key)


def _organisation(number: int, firm: Firm) -> Organisation:
    found = Organisation.objects.filter(name=firm.name).first()
    if found is not None:
        return found
    twelve = f"999901{number:06d}"
    made = Organisation(
        kind=firm.kind,
        name=firm.name,
        name_en=firm.name_en,
        corporate_number=f"{corporate_number_check_digit(twelve)}{twelve}" if firm.country == "JP" else None,
        sectors=list(firm.sectors),
        step=firm.step,
        region=firm.region,
        size=firm.size,
        country=firm.country,
    )
    made.full_clean()
    made.save(force_insert=True)
    return made


def _membership(association: Organisation, member: Organisation) -> None:
    if not Membership.objects.filter(association=association, member=member).exists():
        Membership(association=association, member=member, since=timezone.now() - timedelta(days=900)).save()


def _foreign_control(organisation: Organisation, votes: str, officers: int, secondees: int) -> None:
    if not organisation.foreign_control.exists():
        ForeignControl(
            organisation=organisation,
            as_of=date(2026, 3, 31),
            voting_share=Decimal(votes),
            officers=officers,
            secondees=secondees,
            source="組織からの申告（架空）",
        ).save()


def _person(organisation: Organisation, email: str, name: str, title: str, duties: tuple[str, ...]) -> Person:
    person = Person.objects.filter(email=email).select_related("organisation").first()
    if person is None:
        language = "ja" if organisation.country == "JP" else "en"
        person = Person(email=email, name=name, title=title, organisation=organisation, language=language)
        person.set_password(None)
        person.save(force_insert=True)
    now = timezone.now()
    for duty in duties:
        if not Appointment.objects.in_force(now).filter(person=person, duty=duty).exists():
            Appointment(person=person, duty=duty, since=now - timedelta(days=365)).save()
    return person
