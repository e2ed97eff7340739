"""The answer: what may be told, why the rest may not, and what to be careful of. Reasons are for the official alone."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from disclosure.asking import Amount, Coordinates
from disclosure.periods import Period


class Reason(TextChoices):
    """Why a figure, a table or a statement may not be told."""

    FEW = "few", _("もとになる相談が足りません。")
    ALL = "all", _("ほとんどの情報源が当てはまるため、一人ひとりの答えが分かります。")
    FIELD = "field", _("当てはまりうる人のほとんどが含まれるため、一人ひとりの答えが分かります。")
    BATCH = "batch", _("前回の公表のあとに加わった（または抜けた）情報源が少なすぎます。")
    DERIVABLE = "derivable", _("ほかの欄や以前の公表値との差し引きで、少数の情報源のことが分かります。")
    DOMINATED = "dominated", _("一者か二者が合計の大部分を占めています。")
    CHANGED = "changed", _("以前に公表した合計のもとになった金額が変わったか、なくなっています。")
    BUDGET = "budget", _("このデータについて公表できる数を使い切りました。")
    INTRICATE = "intricate", _("重なり合う公表値が多く、安全を確かめられません。")
    EARLIER = "earlier", _("前回の公表で伏せた欄です。")

    @property
    def advice(self) -> str | Promise:
        return ADVICE[self]


ADVICE = {
    Reason.FEW: _("5件以上を選んでください。"),
    Reason.ALL: _("区分をまとめるか、数字を使わずに述べてください。"),
    Reason.FIELD: _("当てはまる範囲を広げて述べてください。"),
    Reason.BATCH: _("前回と同じ情報源で集計するか、増えるまで待つか、期間ごとに別の集計にしてください。"),
    Reason.DERIVABLE: _("前回と同じ区分と情報源で公表するか、区分をまとめてください。"),
    Reason.DOMINATED: _("区分をまとめるか、合計を出さずに件数だけを公表してください。"),
    Reason.CHANGED: _("合計は公表せず、件数だけを公表してください。"),
    Reason.BUDGET: _("すでに公表した値を使うか、新しい期間の集計を始めてください。"),
    Reason.INTRICATE: _("区分を減らすか、以前と同じ区分で公表してください。"),
    Reason.EARLIER: _("同じ公表には、いつも同じ答えになります。"),
}


class Caution(TextChoices):
    """What outside knowledge could still reveal; shown to the official before anything is told."""

    UNIVERSE_UNKNOWN = (
        "universe_unknown",
        _("この話ができる人が全部で何人いるか、分かっていません。もし数人しかいなければ、だれの話か分かります。"),
    )
    OUTSIDE_UNKNOWN = "outside_unknown", _("当てはまる人や会社がいくつあるか、入っていません。")
    FEW_PEOPLE = "few_people", _("当てはまりうる人が少なく、心当たりで絞り込まれるおそれがあります。")
    FEW_FIRMS = "few_firms", _("当てはまりうる企業がごくわずかです。誰のことか、業界の人には分かります。")
    MOST = "most", _("当てはまりうる人の半数以上が含まれています。「あの会社もそうだ」と推し量られます。")
    FEW_BEHIND = "few_behind", _("情報源が少なめです。互いに示し合わせると、残りの人の内容が分かることがあります。")
    ALONE = "alone", _("少数の情報源だけに基づいています。同意の範囲を超えないか、もう一度確かめてください。")
    WORDS = "words", _("文章そのものから分かることがあります。")
    NEWEST = "newest", _("最近加わった人がいると知られていると、その人のことだと思われるおそれがあります。")
    BUDGET_LOW = "budget_low", _("このデータについて公表できる残りが少なくなっています。")

    @property
    def advice(self) -> str | Promise:
        return CARE[self]


CARE = {
    Caution.UNIVERSE_UNKNOWN: _("人数や会社の数を「変更する」で入れてください。"),
    Caution.OUTSIDE_UNKNOWN: _("その部品や素材を作る会社が何社あるかなどを、「変更する」で入れてください。"),
    Caution.FEW_PEOPLE: _("品目や地域を広げて述べてください。"),
    Caution.FEW_FIRMS: _("品目や工程の名を出さず、広い分野名で述べてください。"),
    Caution.MOST: _("割合や人数を使わず、例として述べてください。"),
    Caution.FEW_BEHIND: _("どの情報源も述べていることだけを書き、一者だけの事情は書かないでください。"),
    Caution.ALONE: _("同意した内容と使い方を、送った人の言葉で確かめてください。"),
    Caution.WORDS: _("部品番号、社名、日付、場所、人数、独特の言い回しを除いてください。"),
    Caution.NEWEST: _("急がない場合は、時期をずらして公表してください。"),
    Caution.BUDGET_LOW: _("本当に必要な公表かどうか、確かめてください。"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a table: what may be told of it, or why nothing may."""

    at: Coordinates
    figure: Amount | None
    reason: Reason | None = None

    @property
    def told(self) -> bool:
        return self.figure is not None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Truthy when something may be told.

    cells: every figure asked for, margins too, in the table's order. reasons: why nothing at all may be told.
    at_least: of a statement, what may be said of the number behind it ("k or more"); None where it rests on consent
    alone.
    periods: of a statement, the coarse dates that may be named; empty: none.
    cost, left: of the dataset's budget, in figures: what telling this draws, and what is left before it is drawn.
    repeated: the very same was told before; it draws nothing.
    """

    cells: tuple[Cell, ...] = ()
    reasons: tuple[Reason, ...] = ()
    cautions: tuple[Caution, ...] = ()
    at_least: int | None = None
    periods: tuple[Period, ...] = ()
    cost: int = 0
    left: int = 0
    repeated: bool = False

    def __bool__(self) -> bool:
        return not self.reasons

    def cell(self, *at: str | None) -> Cell:
        """The figure at these coordinates. Raises KeyError where none was asked for."""
        for cell in self.cells:
            if cell.at == at:
                return cell
        raise KeyError(at)
