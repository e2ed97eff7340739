"""What could give the writer away is found, what is plain speech is left alone, and no text takes long."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from intake.giveaways import Kind, findings, in_file_name, marked
from portal.embedded import translations
from tests.thorough import FEW_CASES

translations.compile_changed()
SAMPLES = Path(__file__).resolve().parent.parent.parent.parent / "shared" / "samples"


def found(text: str) -> list[tuple[Kind, str]]:
    return [(one.kind, one.text) for one in findings(text)]


FOUND = [
    ("大阪の工場で作っています", Kind.PLACE, "大阪"),
    ("the plant in Osaka, since spring", Kind.PLACE, "Osaka"),
    ("丸山商事の方から", Kind.COMPANY, "丸山商事"),
    ("トヨタの子会社から", Kind.COMPANY, "トヨタの子会社"),
    ("先月の3日に言われた", Kind.DATE, "先月の3日"),
    ("on 3 November 2026 they came", Kind.DATE, "3 November 2026"),
    ("会議に出たのは12人でした", Kind.HEADCOUNT, "12人"),
    ("部品AB-1234-Cの図面", Kind.PART, "AB-1234-C"),
    ("品番はX9000です", Kind.PART, "品番はX9000"),
    ("図面番号：ＫＭ－２０３４を渡した", Kind.PART, "図面番号：ＫＭ－２０３４"),
    ("型式 TRX500Bの機械", Kind.PART, "型式 TRX500B"),
    ("木村さんが来ました", Kind.PERSON, "木村さん"),
    ("ナカムラ様から", Kind.PERSON, "ナカムラ様"),
    ("そこで高橋部長が言った", Kind.PERSON, "高橋部長"),
    ("工藤社長に", Kind.PERSON, "工藤社長"),
    ("西田工場長の話", Kind.PERSON, "西田工場長"),
    ("when Mr. Brown called", Kind.PERSON, "Mr. Brown"),
    ("Ms Sato said", Kind.PERSON, "Ms Sato"),
    ("株式会社みどりは", Kind.COMPANY, "株式会社みどりは"),
    ("星野精工株式会社から", Kind.COMPANY, "星野精工株式会社"),
    ("㈱ホシノ", Kind.COMPANY, "㈱ホシノ"),
    ("（株）星野に", Kind.COMPANY, "（株）星野"),
    ("有限会社北川鉄工所の", Kind.COMPANY, "有限会社北川鉄工所"),
    ("北川製作所は", Kind.COMPANY, "北川製作所"),
    ("三沢工業の人", Kind.COMPANY, "三沢工業"),
    ("at Hoshino Precision Co., Ltd. we", Kind.COMPANY, "Hoshino Precision Co., Ltd."),
    ("2026年10月3日に", Kind.DATE, "2026年10月3日"),
    ("令和8年4月に", Kind.DATE, "令和8年4月"),
    ("２０２６／１０／３まで", Kind.DATE, "２０２６／１０／３"),
    ("5月12日の会議", Kind.DATE, "5月12日"),
    ("10/23に", Kind.DATE, "10/23"),
    ("先週の金曜日に", Kind.DATE, "先週の金曜日"),
    ("on October 3, 2026 we", Kind.DATE, "October 3, 2026"),
    ("午後3時半に", Kind.TIME, "午後3時半"),
    ("14:30から", Kind.TIME, "14:30"),
    ("埼玉県川口市の", Kind.PLACE, "埼玉県川口市"),
    ("大田区の町工場", Kind.PLACE, "大田区"),
    ("北海道に", Kind.PLACE, "北海道"),
    ("蒲田駅の近く", Kind.PLACE, "蒲田駅"),
    ("浜松工場で", Kind.PLACE, "浜松工場"),
    ("〒332-0012", Kind.PLACE, "〒332-0012"),
    ("at Chiba Station", Kind.PLACE, "Chiba Station"),
    ("従業員12名の", Kind.HEADCOUNT, "従業員12名の会社"),
    ("社員が二十人", Kind.HEADCOUNT, "社員が二十人"),
    ("we have 14 employees", Kind.HEADCOUNT, "14 employees"),
    ("シェア3割の", Kind.SHARE, "シェア3割"),
    ("世界トップの", Kind.SHARE, "世界トップ"),
    ("市場の45％を", Kind.SHARE, "市場の45％"),
    ("唯一の会社", Kind.SOLE, "唯一の"),
    ("一社だけが", Kind.SOLE, "一社だけ"),
    ("独占している", Kind.SOLE, "独占して"),
    ("the only supplier", Kind.SOLE, "the only supplier"),
    ("1,200万円を", Kind.AMOUNT, "1,200万円"),
    ("$5,000 a month", Kind.AMOUNT, "$5,000"),
    ("月に3000個", Kind.AMOUNT, "月に3000個"),
    ("048-123-4567に", Kind.TELEPHONE, "048-123-4567"),
    ("０９０－１２３４－５６７８", Kind.TELEPHONE, "０９０－１２３４－５６７８"),
    ("+81 90-1234-5678", Kind.TELEPHONE, "+81 90-1234-5678"),
    ("taro.k@example.co.jp へ", Kind.ADDRESS, "taro.k@example.co.jp"),
    ("https://example.com/a?b=1 を", Kind.LINK, "https://example.com/a?b=1"),
    ("契約番号：K-2026-001", Kind.CONTRACT, "契約番号：K-2026-001"),
    ("PO-4471023 for", Kind.CONTRACT, "PO-4471023"),
    ("法人番号は1234567890123", Kind.CORPORATE_NUMBER, "法人番号は1234567890123"),
    ("3234567890128です", Kind.CORPORATE_NUMBER, "3234567890128"),
    ("本体に8FJ2K39DKXとある", Kind.SERIAL, "8FJ2K39DKX"),
    ("私は設計課の主任です", Kind.ROLE, "私は設計課の"),
    ("私だけが知っています", Kind.ROLE, "私だけが知ってい"),
    ("勤続18年です", Kind.ROLE, "勤続18年"),
    ("since I am the only engineer there", Kind.ROLE, "I am the only engineer there"),
]


@pytest.mark.parametrize(("text", "kind", "part"), FOUND)
def test_what_could_give_the_writer_away_is_found(text: str, kind: Kind, part: str) -> None:
    whole = text + "会社" if part.endswith("の会社") else text
    assert (kind, part) in found(whole)


PLAIN = [
    "取引先の担当者さんから、図面を出すように言われて困っています。",
    "お客様のためと言われましたが、皆さんも同じように困っています。仕様書をください。",
    "部長や社長にも相談しました。営業部長は知りません。",
    "断ると仕事がなくなるかもしれないと思うと、だれにも言えません。",
    "下請けの会社はどこも同じです。国内の工場も海外の工場も、人材が足りません。",
    "市場の様子が変わり、半導体産業や化学工業では、技術を守ることが大切だと聞きました。",
    "JISやISOの規格に合わせて、品質を上げるように求められました。COVID-19のころからです。",
    "契約書に書かれていないことまで、教えるように言われます。他人事ではありません。",
    "A customer asks us to hand over our know-how, and we cannot refuse. What can we do?",
    "They told us in a meeting that the contract would end if we said no.",
]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_speech_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_findings_are_in_order_and_none_lies_over_another() -> None:
    text = "。".join(one for one, _, _ in FOUND)
    ones = findings(text)
    assert len(ones) >= len(FOUND) - 4
    assert all(before.end <= after.start for before, after in pairwise(ones))
    assert all(text[one.start : one.end] == one.text for one in ones)


@FEW_CASES
@given(st.text(alphabet="あ私は会社区市A1-2.@ 　３円年月日さん様株式会工業\n", max_size=120))
def test_the_stretches_are_the_text(text: str) -> None:
    stretches = marked(text)
    assert "".join(part for part, _ in stretches) == text
    assert [(kind, part) for part, kind in stretches if kind] == found(text)
    assert all(part for part, _ in stretches)


def test_nothing_is_marked_in_an_empty_text() -> None:
    assert marked("") == []


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("AB-1234-C_図面.pdf", [Kind.PART]),
        ("北川製作所_見積_2026-10-03.xlsx", [Kind.COMPANY, Kind.DATE]),
        ("木村さん.jpg", [Kind.PERSON]),
        ("写真1.jpg", []),
        ("memo", []),
    ],
)
def test_a_file_s_name_is_looked_at_as_well(name: str, kinds: list[Kind]) -> None:
    assert [one.kind for one in in_file_name(name)] == kinds


def test_each_kind_has_a_label_and_a_sentence_in_both_languages() -> None:
    for kind in Kind:
        japanese = (str(kind.label), str(kind.advice))
        assert japanese[1].endswith("。")
        with translation.override("en"):
            english = (str(kind.label), str(kind.advice))
        assert english[0].isascii()
        assert english[1][-1] in ".?"


def test_a_report_of_ordinary_prose_is_marked_at_its_dates_and_figures_and_hardly_elsewhere() -> None:
    if not SAMPLES.is_dir():  # the texts are not part of the product
        return
    text = (SAMPLES / "economic-security-dialogue.ja.txt").read_text()
    others = [one for one in findings(text) if one.kind not in (Kind.DATE, Kind.AMOUNT, Kind.SHARE, Kind.LINK)]
    assert len(others) < len(text) / 2000


LENGTH = 8000
HOSTILE = [
    *"a1漢アあ市-@. I(:〒0,",
    *(
        "A-",
        "1-",
        "a@",
        "a.",
        "A1",
        "1,",
        "私は",
        "私だけ",
        "東京都",
        "東京都ん",
        "株式会社",
        "会社株式",
        "漢市",
        "Ab ",
        "1年1月",
    ),
    *(
        "http://",
        "売上",
        "シェア",
        "契約番号",
        "I am the ",
        "2026-",
        "令和",
        "さん",
        "+81",
        "0120-",
        "品番",
        "〒1",
        "従業員は",
        "一",
        "工業",
    ),
    *(
        "漢字漢字漢字漢字漢字漢字漢さ",
        "Abcdefgh Co",
        "abcdefg1-",
        "a@b.",
        "１，",
        "Ａ－",
        "図面「",
        "勤続十",
        "他社に",
        "社員が百",
    ),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_text_made_to_be_slow_takes_no_longer_than_another(piece: str) -> None:
    text = (piece * LENGTH)[:LENGTH]
    assert any(spent(text) < 0.05 for _ in range(3))  # the machine may be busy once or twice


def spent(text: str) -> float:
    began = time.process_time()
    findings(text)
    return time.process_time() - began
