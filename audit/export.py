"""The log as CSV: streamed, safe to open in a spreadsheet, and no more than its reader may see on the page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit.naming import target_words
from audit.queries import Cursor, Holds, Narrowing, Shown, below, events, shown

CHUNK = 2000  # events a query
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it a Japanese spreadsheet takes UTF-8 for Shift_JIS

# What makes a spreadsheet take a cell for a formula, the full-width forms included, as Excel turns them into ASCII.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # fmt: skip

Reading = Callable[[], AbstractContextManager[Holds | None]]


def lines(asked: Narrowing, reading: Reading) -> Iterator[str]:
    """The CSV, by the chunk. `reading` gives each chunk its own transaction, and the levels its reader holds then; None
    once they may not read the log any more."""
    language = translation.get_language()
    with translation.override(language):
        yield BOM + _written([_header()])
    cursor: Cursor | None = None
    while True:
        with reading() as holds, translation.override(language):
            if holds is None:
                yield _written([[_("監査の職務が終わったため、書出しを中断しました。")]])
                return
            found = below(events(asked, holds), cursor, CHUNK)
            text = _written([_cells(each) for each in shown(found, holds)])
        yield text
        if len(found) < CHUNK:
            return
        cursor = Cursor(found[-1].at, found[-1].id)


def safe(cell: str) -> str:
    """The cell as text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _header() -> list[str]:
    return [
        _("日時"), _("操作の記号"), _("操作の内容"), _("利用者の番号"), _("氏名"), _("組織の番号"), _("組織"),
        _("対象の種類"), _("対象の番号"), _("格付・取扱制限"), _("格付の区分"), _("記録の詳細"), _("記録の番号"),
    ]  # fmt: skip


def _cells(row: Shown) -> list[str]:
    event, outside = row.event, _("（あなたの取扱資格では表示できません）")
    return [
        timezone.localtime(event.at).isoformat(timespec="seconds"),
        event.act,
        row.act,
        str(event.person_id or ""),
        row.person,
        str(event.organisation_id or ""),
        row.organisation,
        target_words(event.target_type),
        outside if row.hidden else event.target_id,
        outside if row.hidden else event.label,
        outside if row.hidden else str(event.level),
        outside if row.hidden else json.dumps(event.detail, ensure_ascii=False, sort_keys=True),
        str(event.pk),
    ]


def _written(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue()
