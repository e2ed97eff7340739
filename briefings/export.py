"""What a reader may read, to take along as CSV or JSON: so many at a time, each as the reader sees it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.export import BOM, safe
from clearance.access import Actor, newest, visible_to
from clearance.markings import overall, parse
from clearance.models import compared

from .content import Concerns
from .models import Briefing, Portion
from .queries.editions import words_of
from .queries.readable import LINE
from .queries.standing import Standing, standing

# Each briefing and each of its sections opens a key, and all of it is in memory at once.
AT_ONCE = 200


@dataclass(frozen=True)
class Taken:
    """One briefing with its readable sections."""

    briefing: Briefing
    portions: list[Portion]
    standing: Standing

    @property
    def marking(self) -> str:
        return overall([self.briefing.marking.text, *(each.marking.text for each in self.portions)])


@dataclass(frozen=True)
class Bundle:
    """So many of them, the newest first, and the cursor of what follows."""

    rows: list[Taken]
    next: str

    @property
    def level(self) -> int:
        return max((int(parse(each.marking).level) for each in self.rows), default=0)


def bundle(actor: Actor, after: str = "") -> Bundle:
    """The next briefings the actor may read, newest first, in as many questions for one as for two hundred."""
    page = newest(actor, Briefing.objects.select_related(*LINE), after=after, limit=AT_ONCE)
    stands = standing(actor, page.rows)
    rows = visible_to(
        actor, Portion.objects.filter(briefing_id__in=list(stands), until__isnull=True).select_related("marking")
    )
    sections: dict[UUID, list[Portion]] = {}
    for each in compared(rows).order_by("place", "created", "id"):
        sections.setdefault(each.briefing_id, []).append(each)
    return Bundle([Taken(each, sections.get(each.pk, []), stands[each.pk]) for each in page], page.next)


def as_csv(taken: Bundle, onward: str) -> str:
    """One line a briefing. A last line gives the address of what follows, where something does."""
    text = io.StringIO()
    rows = [_header(), *(_cells(each) for each in taken.rows)]
    if onward:
        rows.append([_("続きのアドレス"), onward])
    csv.writer(text, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return BOM + text.getvalue()


def as_json(taken: Bundle, onward: str) -> str:
    """The same with the sections apart, each under its own marking; `next` is the address of what follows."""
    return json.dumps({"briefings": [_entry(each) for each in taken.rows], "next": onward}, ensure_ascii=False)


def _header() -> list[str]:
    return [
        _("番号"), _("題名"), _("格付・取扱制限"), _("リスクの種類"), _("影響の大きさ"), _("起きる見込み"),
        _("評価の確かさ"), _("業種"), _("工程"), _("品目"), _("技術"), _("地域"), _("情報提供元"), _("公表日時"),
        _("確認の期限"), _("確認日時"), _("本文"),
    ]  # fmt: skip


def _cells(each: Taken) -> list[str]:
    one, concerns = each.briefing, Concerns.read(each.briefing.concerns)
    lists = (concerns.sectors, concerns.steps, concerns.commodities, concerns.technologies, concerns.regions)
    return [
        str(one.pk),
        one.title,
        each.marking,
        str(one.get_kind_display()),
        str(one.get_severity_display()),
        str(one.get_likelihood_display()),
        str(one.get_confidence_display()),
        *("、".join(names) for names in lists),
        one.originator.name,
        _moment(one.created),
        str(one.acknowledge_by or ""),
        _moment(each.standing.acknowledged),
        "\n\n".join(words_of(portion) for portion in each.portions),
    ]


def _entry(each: Taken) -> dict[str, Any]:
    one = each.briefing
    return {
        "id": str(one.pk),
        "title": one.title,
        "marking": each.marking,
        "kind": one.kind,
        "severity": one.severity,
        "likelihood": one.likelihood,
        "confidence": one.confidence,
        "concerns": one.concerns,
        "originator": one.originator.name,
        "published": _moment(one.created),
        "acknowledge_by": str(one.acknowledge_by) if one.acknowledge_by else None,
        "acknowledged": _moment(each.standing.acknowledged) or None,
        "sections": list(_sections(each.portions)),
    }


def _sections(portions: Iterable[Portion]) -> Iterable[dict[str, Any]]:
    for portion in portions:
        lists = {name: portion.more.get(name, []) for name in ("actions", "named", "sources")}
        yield {"marking": portion.marking.text, "heading": portion.heading, "body": portion.body, **lists}


def _moment(at: Any) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""
