"""Markings as text: the canonical string, its parts, and the one row behind it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .masks import RESERVED, UNRESTRICTED, union
from .models import Compartment, Level, Marking, ReleaseGroup, Tlp

SHAPE = re.compile(
    r"(?P<level>PUBLIC|SENSITIVE|HI|CESI|SDS)"
    r"(?://(?!REL:|TLP:)(?P<compartments>[A-Z0-9,-]+))?"
    r"(?://REL:(?P<releasability>[A-Z0-9,-]+))?"
    r"(?://TLP:(?P<tlp>CLEAR|GREEN|AMBER\+STRICT|AMBER|RED))?"
)


@dataclass(frozen=True)
class Parts:
    """What a marking is made of; `text` is canonical: codes sorted, empty parts left out."""

    level: Level
    compartments: tuple[str, ...] = ()
    releasability: tuple[str, ...] = ()
    tlp: Tlp = Tlp.NONE

    @property
    def text(self) -> str:
        parts = [self.level.name]
        if self.compartments:
            parts.append(",".join(self.compartments))
        if self.releasability:
            parts.append("REL:" + ",".join(self.releasability))
        if self.tlp:
            parts.append(f"TLP:{self.tlp}")
        return "//".join(parts)


def parts(level: int, compartments: Iterable[str] = (), releasability: Iterable[str] = (), tlp: str = "") -> Parts:
    """The canonical parts. Raises ValidationError for a PUBLIC marking with restrictions."""
    made = Parts(Level(level), tuple(sorted(set(compartments))), tuple(sorted(set(releasability))), Tlp(tlp))
    if made.level == Level.PUBLIC and (made.compartments or made.releasability):
        raise ValidationError(
            _("公開の情報には取扱分野や提供可能な国・地域を付けられません。制限する場合は格付を上げてください。"),
            code="public_restricted",
        )
    return made


def parse(text: str) -> Parts:
    """The parts of a marking's text. Raises ValidationError for anything but the canonical form."""
    match = SHAPE.fullmatch(text)
    if not match:
        raise ValidationError(_misspelt(), code="shape")
    found = parts(
        Level[match["level"]],
        (match["compartments"] or "").split(",") if match["compartments"] else (),
        (match["releasability"] or "").split(",") if match["releasability"] else (),
        match["tlp"] or "",
    )
    if found.text != text:
        raise ValidationError(_misspelt(), code="shape")
    return found


def _misspelt() -> str:
    return _(
        "書き方が分からないときは、下の「格付・取扱制限を選んで作る」を使ってください。例：HI//SEMICON（秘文書・半導体）"
    )


def overall(texts: Iterable[str]) -> str:
    """What a page that shows several things is marked: the highest level, every compartment, the strictest TLP.

    Only of what the page shows to this reader. Of release groups those that all restricted things have in common, or
    all of them where they have none: each thing carries its own marking besides.
    """
    shown = [parse(text) for text in texts]
    restricted = [set(each.releasability) for each in shown if each.releasability]
    common = set.intersection(*restricted) if restricted else set()
    return Parts(
        max((each.level for each in shown), default=Level.PUBLIC),
        tuple(sorted({code for each in shown for code in each.compartments})),
        tuple(sorted(common or {code for groups in restricted for code in groups})),
        max((each.tlp for each in shown), key=list(Tlp).index, default=Tlp.NONE),
    ).text


def refuse_above_ceiling(level: int) -> None:
    """Raise ValidationError for a level this deployment may not hold (docs/glossary.md 取り扱う格付の上限)."""
    if level > settings.CEILING:
        raise ValidationError(_above_ceiling(level), code="above_ceiling")


def _above_ceiling(level: int) -> str:
    if level <= Level.HI:
        return _("このシステムで取り扱える格付の上限を超えています。所定の保管場所で管理してください。")
    if settings.CEILING > Level.HI:
        return _(
            "特定秘密は、このシステムに入れられません。ファイルはここには保存されていません。"
            "所属の情報保全担当の指示に従ってください。"
        )
    return _(
        "重要経済安保情報と特定秘密は、このシステムに入れられません。ファイルはここには保存されていません。"
        "所属の情報保全担当の指示に従ってください。"
    )


def marking(level: int, compartments: Iterable[str] = (), releasability: Iterable[str] = (), tlp: str = "") -> Marking:
    """The one row of this combination, made on first use. Raises ValidationError for unknown codes or the ceiling."""
    return of(parts(level, compartments, releasability, tlp))


def from_text(text: str) -> Marking:
    """The one row of a canonical string."""
    return of(parse(text))


def of(found: Parts) -> Marking:
    """The one row of these parts, made on first use by whoever comes first."""
    refuse_above_ceiling(found.level)
    if existing := Marking.objects.filter(id=key_of(found.text)).first():
        return existing
    made = draft(found)
    Marking.objects.bulk_create([made], ignore_conflicts=True)
    return made


def key_of(text: str) -> UUID:
    """The id of the marking so written: a UUIDv8 (RFC 9562) of the text's SHA-256.

    Not a UUIDv5, whose SHA-1 the database cannot work out: it holds each new row to this (clearance_hold_marking).
    """
    digest = bytearray(sha256(text.encode()).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def draft(found: Parts) -> Marking:
    """The row of these parts as it would be, not saved. Raises ValidationError for unknown codes or the ceiling."""
    refuse_above_ceiling(found.level)
    return Marking(
        id=key_of(found.text),
        text=found.text,
        level=found.level,
        comp_mask=RESERVED | _mask(Compartment, found.compartments),
        release_mask=_mask(ReleaseGroup, found.releasability) if found.releasability else UNRESTRICTED,
        tlp=found.tlp,
    )


def _mask(model: type[Compartment] | type[ReleaseGroup], codes: tuple[str, ...]) -> int:
    bits = dict(model.objects.filter(code__in=codes).values_list("code", "bit"))
    if unknown := [code for code in codes if code not in bits]:
        raise ValidationError(
            _("登録されていない符号です：%(codes)s"), code="unknown_code", params={"codes": "、".join(unknown)}
        )
    return union(bits.values())


@lru_cache(maxsize=4096)
def text_of(marking_id: UUID) -> str:
    """The text of a marking. Rows are immutable, so each process asks once."""
    return Marking.objects.values_list("text", flat=True).get(id=marking_id)
