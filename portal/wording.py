"""How dates, numbers, sizes and markings are put into words, in Japanese and in English."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clearance.markings import Parts, parse
from clearance.models import Level

WEEKDAYS_JA = "月火水木金土日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def is_english() -> bool:
    """Whether the page is being written in English."""
    return (get_language() or "ja").startswith("en")


def local(value: date | datetime) -> date | datetime:
    """An aware moment in the portal's own time zone; a plain date as it is."""
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def date_words(value: date | datetime | None) -> str:
    """`2026年11月22日(日)`, `Sun 22 November 2026`; empty for nothing."""
    if value is None:
        return ""
    day = local(value)
    if is_english():
        return f"{WEEKDAYS_EN[day.weekday()]} {day.day} {MONTHS_EN[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日({WEEKDAYS_JA[day.weekday()]})"


def datetime_words(value: datetime | None) -> str:
    """`2026年11月22日(日) 9:05`, `Sun 22 November 2026, 09:05`; empty for nothing."""
    if value is None:
        return ""
    moment = timezone.localtime(value) if timezone.is_aware(value) else value
    if is_english():
        return f"{date_words(moment)}, {moment:%H:%M}"
    return f"{date_words(moment)} {moment.hour}:{moment:%M}"


def number_words(value: int | float | None) -> str:
    """A number with a separator every three digits; empty for nothing."""
    return "" if value is None else f"{value:,}"


def size_words(value: int | None) -> str:
    """Bytes in the unit a person would choose: `840 B`, `12 KB`, `3.4 MB`, `2.0 GB` (1 KB = 1,024 B)."""
    if value is None:
        return ""
    if value < 1024:
        return f"{value:,} B"
    amount = float(value)
    for unit in ("KB", "MB", "GB", "TB"):
        amount /= 1024
        if amount < 1000 or unit == "TB":
            break
    return f"{amount:,.0f} {unit}" if unit == "KB" else f"{amount:,.1f} {unit}"


# --- markings -------------------------------------------------------------------------------------------------


class HasText(Protocol):
    """A marking's row, as far as words are concerned."""

    text: str


@dataclass(frozen=True)
class MarkingWords:
    """A marking as a reader meets it: level in words, what restricts it, how far it may be passed on."""

    level: int
    level_words: str
    compartments: tuple[str, ...]
    releasability: tuple[str, ...]
    tlp: str
    text: str

    @property
    def tlp_class(self) -> str:
        return f"tlp-{self.tlp.partition('+')[0].lower()}"

    @property
    def tlp_words(self) -> str:
        return tlp_words(self.tlp)


def marking_words(marking: HasText | str) -> MarkingWords:
    """The words for a marking's row or its canonical text. Raises ValidationError for text that is no marking."""
    found: Parts = parse(marking if isinstance(marking, str) else marking.text)
    return MarkingWords(
        level=int(found.level),
        level_words=str(Level(found.level).label),
        compartments=found.compartments,
        releasability=found.releasability,
        tlp=str(found.tlp.value),
        text=found.text,
    )


def tlp_words(tlp: str) -> str:
    """What FIRST's Traffic Light Protocol 2.0 lets a reader do with it, in one plain sentence; empty without one."""
    match tlp:
        case "CLEAR":
            return _("どなたにも伝えて構いません。")
        case "GREEN":
            return _("同じ分野の関係者には伝えて構いません。公開の場には載せないでください。")
        case "AMBER":
            return _("自組織の中と、対応に必要な顧客・取引先にだけ、必要な範囲で伝えて構いません。")
        case "AMBER+STRICT":
            return _("自組織の中で、知る必要のある方にだけ伝えて構いません。組織の外には伝えないでください。")
        case "RED":
            return _("受け取った方限りです。ほかのどなたにも伝えないでください。")
        case _:
            return ""
