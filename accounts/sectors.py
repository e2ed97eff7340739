"""業種・地域・国: the lists an organisation is described by.

Sectors are what economic security law names: the critical materials (特定重要物資, 経済安全保障推進法 第7条) and the
infrastructure businesses (特定社会基盤事業, 同 第50条), with the other trades that take part in the dialogue.
"""

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Sector(TextChoices):
    ANTIBIOTICS = "ANTIBIOTICS", _("抗菌性物質製剤")
    FERTILISER = "FERTILISER", _("肥料")
    MAGNETS = "MAGNETS", _("永久磁石")
    MACHINERY = "MACHINERY", _("工作機械・産業用ロボット")
    AIRCRAFT = "AIRCRAFT", _("航空機の部品")
    SEMICON = "SEMICON", _("半導体")
    BATTERY = "BATTERY", _("蓄電池")
    CLOUD = "CLOUD", _("クラウドプログラム")
    GAS = "GAS", _("天然ガス")
    MINERALS = "MINERALS", _("重要鉱物")
    SHIPS = "SHIPS", _("船舶の部品")
    COMPONENTS = "COMPONENTS", _("先端電子部品")
    ELECTRICITY = "ELECTRICITY", _("電気")
    CITY_GAS = "CITY_GAS", _("ガス")
    OIL = "OIL", _("石油")
    WATER = "WATER", _("水道")
    RAIL = "RAIL", _("鉄道")
    ROAD_FREIGHT = "ROAD_FREIGHT", _("貨物自動車運送")
    SEA_FREIGHT = "SEA_FREIGHT", _("外航貨物")
    PORTS = "PORTS", _("港湾運送")
    AIRLINES = "AIRLINES", _("航空")
    AIRPORTS = "AIRPORTS", _("空港")
    TELECOMS = "TELECOMS", _("電気通信")
    BROADCASTING = "BROADCASTING", _("放送")
    POST = "POST", _("郵便")
    FINANCE = "FINANCE", _("金融")
    CREDIT_CARDS = "CREDIT_CARDS", _("クレジットカード")
    MEDICAL = "MEDICAL", _("医療")
    CHEMICALS = "CHEMICALS", _("化学")
    STEEL = "STEEL", _("鉄鋼・非鉄金属")
    AUTOMOTIVE = "AUTOMOTIVE", _("自動車")
    SPACE = "SPACE", _("宇宙")
    DEFENCE = "DEFENCE", _("防衛装備")
    CYBER = "CYBER", _("サイバーセキュリティ")
    RESEARCH = "RESEARCH", _("研究開発")
    OTHER = "OTHER", _("その他")


class Region(TextChoices):
    NONE = "", _("該当なし")
    HOKKAIDO = "HOKKAIDO", _("北海道")
    TOHOKU = "TOHOKU", _("東北")
    KANTO = "KANTO", _("関東")
    CHUBU = "CHUBU", _("中部")
    KINKI = "KINKI", _("近畿")
    CHUGOKU = "CHUGOKU", pgettext_lazy("region", "中国")
    SHIKOKU = "SHIKOKU", _("四国")
    KYUSHU = "KYUSHU", _("九州・沖縄")
    ABROAD = "ABROAD", _("国外")


def validate_sectors(value: object) -> None:
    """Raise unless `value` is a list of known sectors, each once."""
    known = isinstance(value, list) and all(isinstance(code, str) and code in Sector.values for code in value)
    if not known or len(set(value)) != len(value):  # type: ignore[arg-type, call-overload]
        raise ValidationError(_("業種は一覧から選んでください。"), code="sectors")


# The countries and regions a partner of the dialogue may sit in, by ISO 3166-1 code. A code that is not here is
# still stored and shown as it is.
COUNTRIES: dict[str, Promise] = {
    "JP": _("日本"),
    "AE": _("アラブ首長国連邦"),
    "AR": _("アルゼンチン"),
    "AT": _("オーストリア"),
    "AU": _("オーストラリア"),
    "BE": _("ベルギー"),
    "BR": _("ブラジル"),
    "CA": _("カナダ"),
    "CH": _("スイス"),
    "CL": _("チリ"),
    "CN": pgettext_lazy("country", "中国"),
    "CZ": _("チェコ"),
    "DE": _("ドイツ"),
    "DK": _("デンマーク"),
    "EE": _("エストニア"),
    "ES": _("スペイン"),
    "FI": _("フィンランド"),
    "FR": _("フランス"),
    "GB": _("英国"),
    "HK": _("香港"),
    "ID": _("インドネシア"),
    "IE": _("アイルランド"),
    "IL": _("イスラエル"),
    "IN": _("インド"),
    "IT": _("イタリア"),
    "KR": _("韓国"),
    "LT": _("リトアニア"),
    "LU": _("ルクセンブルク"),
    "LV": _("ラトビア"),
    "MX": _("メキシコ"),
    "MY": _("マレーシア"),
    "NL": _("オランダ"),
    "NO": _("ノルウェー"),
    "NZ": _("ニュージーランド"),
    "PH": _("フィリピン"),
    "PL": _("ポーランド"),
    "PT": _("ポルトガル"),
    "RO": _("ルーマニア"),
    "SA": _("サウジアラビア"),
    "SE": _("スウェーデン"),
    "SG": _("シンガポール"),
    "TH": _("タイ"),
    "TW": _("台湾"),
    "US": _("米国"),
    "VN": _("ベトナム"),
    "ZA": _("南アフリカ"),
}


def country_name(code: str) -> str:
    """The country's name in the reader's language; the code where the list does not have it."""
    return str(COUNTRIES.get(code, code))
