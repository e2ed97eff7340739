"""What was found in a file beside what is seen in it, and taken out: told to the sender, never kept."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Trace(StrEnum):
    """The values are what the working processes write; see inside/ and mat2.py."""

    PLACE = "place"
    TIME = "time"
    PERSON = "person"
    DEVICE = "device"
    SOFTWARE = "software"
    COMMENT = "comment"
    EDITS = "edits"
    THUMBNAIL = "thumbnail"
    MORE_PICTURES = "more pictures"
    ATTACHMENT = "attachment"
    COLOURS = "colours"
    INVISIBLE = "invisible"
    TEXT_LAYER = "text layer"
    OTHER = "other"

    @property
    def label(self) -> Promise:
        return LABELS[self]


LABELS = {
    Trace.PLACE: _("撮影した場所"),
    Trace.TIME: _("作成や撮影の日時"),
    Trace.PERSON: _("作成者などの名前"),
    Trace.DEVICE: _("使った機器"),
    Trace.SOFTWARE: _("使ったソフト"),
    Trace.COMMENT: _("題名・説明・コメント"),
    Trace.EDITS: _("編集の記録"),
    Trace.THUMBNAIL: _("加工する前の縮小画像"),
    Trace.MORE_PICTURES: _("中に入っていた別の画像"),
    Trace.ATTACHMENT: _("中に入っていた別のファイル"),
    Trace.COLOURS: _("色の設定"),
    Trace.INVISIBLE: _("見えない文字"),
    Trace.TEXT_LAYER: _("ページの下に隠れた文字"),
    Trace.OTHER: _("そのほかの情報"),
}


def traces(values: str) -> tuple[Trace, ...]:
    """Of what a working process wrote, separated by commas; what is not known is left out."""
    known = {trace.value for trace in Trace}
    return tuple(Trace(value) for value in dict.fromkeys(values.split(",")) if value in known)
