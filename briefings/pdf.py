"""A reader's own copy of a briefing as PDF: on each page its marking at top and foot, whose copy it is, and when it was
drawn. Made in memory while the request is answered, from what the sheet shows this reader; nothing is kept.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from clearance.markings import parse

from .japanese_type import NAME, japanese
from .passing import may_tell
from .plain import plain
from .queries.editions import words_of
from .queries.page import Sheet

WIDTH, HEIGHT = A4
MARGIN, TOP, FOOT = 48.0, 84.0, 72.0
LINE = 1.6
# Whatever is written (a section has 40,000 characters), a copy ends here and says so.
PAGES = 200
# No line begins with one of these: they close what stands before (JIS X 4051, kinsoku).
CLOSING = frozenset("、。，．・：；？！）］｝」』】〉》〕ゝゞ々ーぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}")


class _Full(Exception):
    """The copy has as many pages as it may."""


class _Copy:
    """The pages being written, from the top down."""

    def __init__(self, sheet: Sheet, *, name: str, organisation: str, at: datetime) -> None:
        japanese()
        self.file = io.BytesIO()
        self.canvas = Canvas(self.file, pagesize=A4, pageCompression=1, invariant=1, lang="ja")
        self.marking = parse(sheet.overall).text
        self.level = str(parse(sheet.overall).level.label)
        self.whose = " / ".join((organisation, name, _moment(at)))
        self.pages, self.y = 0, 0.0
        self.canvas.setTitle(sheet.briefing.title)
        self._begin()

    def text(self, words: str, size: float = 10.5, *, before: float = 0.0) -> None:
        """Running text, broken where the line is full."""
        self.y -= before
        for line in _lines(words, size, WIDTH - 2 * MARGIN):
            if self.y - size * LINE < FOOT:
                self._turn()
            self.y -= size * LINE
            self.canvas.setFont(NAME, size)
            self.canvas.drawString(MARGIN, self.y, line)

    def done(self) -> bytes:
        self.canvas.showPage()
        self.canvas.save()
        return self.file.getvalue()

    def cut(self) -> None:
        """The last line of a copy that is too long."""
        self.canvas.setFont(NAME, 9)
        self.canvas.drawString(MARGIN, FOOT - 14, _("長いため、ここで終わります。続きは画面でお読みください。"))

    def _turn(self) -> None:
        if self.pages >= PAGES:
            raise _Full
        self.canvas.showPage()
        self._begin()

    def _begin(self) -> None:
        self.pages += 1
        self.y = HEIGHT - TOP
        self.canvas.setFont(NAME, 10)
        for y in (HEIGHT - 40, 28):
            self.canvas.rect(MARGIN, y - 6, WIDTH - 2 * MARGIN, 20)
            self.canvas.drawCentredString(WIDTH / 2, y, f"{self.level}  {self.marking}")
        self.canvas.setFont(NAME, 8)
        for y in (HEIGHT - 60, 52):
            self.canvas.drawString(MARGIN, y, self.whose)
        self.canvas.drawRightString(WIDTH - MARGIN, 52, str(self.pages))


def drawn(sheet: Sheet, *, name: str, organisation: str, at: datetime) -> bytes:
    """The PDF of what is on the sheet, at most `PAGES` pages."""
    copy = _Copy(sheet, name=name, organisation=organisation, at=at)
    try:
        for words, size, before in _parts(sheet):
            copy.text(words, size, before=before)
    except _Full:
        copy.cut()
    return copy.done()


def _parts(sheet: Sheet) -> Iterator[tuple[str, float, float]]:
    """What stands in the copy, in order: words, size, space before. In points."""
    of = sheet.briefing
    yield of.title, 18, 0
    yield str(of.get_kind_display()), 10.5, 6
    for scale in sheet.scales:
        boxes = "■" * scale.step + "□" * (scale.of - scale.step)
        yield f"{scale.label}: {boxes} {scale.words}", 10.5, 0
    yield _("情報提供元：%(name)s") % {"name": of.originator.name}, 10.5, 0
    yield _("公表日時：%(at)s") % {"at": _moment(of.created)}, 10.5, 0
    asked = _("どこまで伝えてよいか（TLP:%(tlp)s）") if sheet.tlp else _("どこまで伝えてよいか（TLPの指定なし）")
    yield asked % {"tlp": sheet.tlp}, 13, 12
    yield may_tell(sheet.tlp, sheet.level), 10.5, 2
    if sheet.todos:
        yield _("すること"), 13, 12
    for todo in sheet.todos:
        yield "・" + " / ".join(filter(None, (todo.by.isoformat() if todo.by else "", todo.who, todo.what))), 10.5, 0
    for section in sheet.sections:
        portion = section.portion
        yield f"［{portion.marking.text} {parse(portion.marking.text).level.label}］", 9, 14
        if portion.heading:
            yield portion.heading, 13, 0
        yield plain(portion.body), 10.5, 4
        lists = words_of(portion).removeprefix("\n".join(filter(None, (portion.heading, portion.body)))).lstrip("\n")
        if lists:
            yield lists, 10.5, 4


def _lines(words: str, size: float, room: float) -> Iterator[str]:
    """Broken at the last character that fits; a word in letters stays whole where it can."""
    width = japanese().stringWidth
    for paragraph in words.splitlines() or [""]:
        line, used = "", 0.0
        for each in paragraph.expandtabs(4):
            wide = width(each, size)
            if used + wide > room and each not in CLOSING:
                kept, carried = _break(line, each)
                yield kept
                line, used = carried, width(carried, size)
            line, used = line + each, used + wide
        yield line


def _break(line: str, following: str) -> tuple[str, str]:
    """Where a line of letters ends at its last space; else at its end."""
    if following.isascii() and not following.isspace() and line[-1:].isascii():
        head, space, tail = line.rpartition(" ")
        if space and len(tail) < 40 and tail.isascii():
            return head, tail
    return line, ""


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
