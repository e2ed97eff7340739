"""Places as STIX names them: by country or region. What is in neither list stands under its own name."""

from __future__ import annotations

COUNTRIES = {
    "日本": "JP", "台湾": "TW", "韓国": "KR", "中国": "CN", "米国": "US", "アメリカ": "US", "オランダ": "NL",
    "ドイツ": "DE", "フランス": "FR", "英国": "GB", "イギリス": "GB",
    "ロシア": "RU", "ウクライナ": "UA", "インド": "IN",
    "ベトナム": "VN", "タイ": "TH", "マレーシア": "MY", "シンガポール": "SG", "インドネシア": "ID", "フィリピン": "PH",
    "豪州": "AU", "オーストラリア": "AU", "カナダ": "CA", "メキシコ": "MX", "ブラジル": "BR", "チリ": "CL",
    "南アフリカ": "ZA", "コンゴ民主共和国": "CD", "イスラエル": "IL", "イラン": "IR", "サウジアラビア": "SA",
}  # fmt: skip
REGIONS = {
    "東アジア": "eastern-asia", "東南アジア": "south-eastern-asia", "南アジア": "southern-asia",
    "中央アジア": "central-asia", "中東": "western-asia", "アジア": "asia", "欧州": "europe",
    "東欧": "eastern-europe",
    "北米": "northern-america", "中南米": "latin-america-caribbean", "南米": "south-america", "アフリカ": "africa",
    "東アフリカ": "eastern-africa", "西アフリカ": "western-africa", "北アフリカ": "northern-africa",
    "オセアニア": "oceania",
}  # fmt: skip


def where(name: str) -> dict[str, str]:
    """The property that a location must have besides its name."""
    plain = name.strip()
    if plain in COUNTRIES:
        return {"country": COUNTRIES[plain]}
    if len(plain) == 2 and plain.isascii() and plain.isalpha():
        return {"country": plain.upper()}
    return {"region": REGIONS.get(plain, plain)}
