"""Why a file cannot be cleaned, and what its sender can do instead."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LARGEST = 100 * 1024 * 1024


class Reason(StrEnum):
    UNKNOWN = "unknown"
    HEIC = "heic"
    OLD_OFFICE = "old office"
    ARCHIVE = "archive"
    NO_MAT2 = "no mat2"
    PROTECTED = "protected"
    BROKEN = "broken"
    PIXELS = "pixels"
    PAGES = "pages"
    SIZE = "size"
    TIME = "time"
    BUSY = "busy"
    FAILED = "failed"

    @property
    def text(self) -> Promise:
        return TEXTS[self]


TEXTS = {
    Reason.UNKNOWN: _(
        "この種類のファイルからは、作成者などの情報を取り除けません。写真（JPEG・PNG）かPDFに変えてから送ってください。"
    ),
    Reason.HEIC: _(
        "HEICという形式の写真からは、場所などの情報を取り除けません。写真を画面に大きく出してスクリーンショットを撮り、"
        "その画像を送ってください。iPhoneは「設定」→「カメラ」→「フォーマット」→「互換性優先」にすると、次からJPEGで撮れます。"
    ),
    Reason.OLD_OFFICE: _(
        "古い形式の文書（.doc・.xls・.pptなど）からは、作成者などの情報を取り除けません。PDFに変えてから送ってください。"
    ),
    Reason.ARCHIVE: _("ZIPなどにまとめたファイルは、中を調べられません。中のファイルを1つずつ送ってください。"),
    Reason.NO_MAT2: _(
        "この種類のファイルから情報を取り除く準備が、いまこちらにありません。文書は、PDFに変えれば取り除けます。"
    ),
    Reason.PROTECTED: _("パスワードで守られているため、開けません。パスワードを外してから送ってください。"),
    Reason.BROKEN: _("ファイルがこわれているため、中を読み取れません。別の形で保存し直してから送ってください。"),
    Reason.PIXELS: _("画像が大きすぎます（縦×横が1億1千万画素まで）。縮小してから送ってください。"),
    Reason.PAGES: _("ページが多すぎます（300ページまで）。分けて送ってください。"),
    Reason.SIZE: _("ファイルが大きすぎます（100MBまで）。縮小するか、分けて送ってください。"),
    Reason.TIME: _("情報を取り除くのに時間がかかりすぎました。縮小するか、分けて送ってください。"),
    Reason.BUSY: _("いま、ほかのファイルで混み合っています。少し待ってから、もう一度お試しください。"),
    Reason.FAILED: _(
        "このファイルからは、情報を取り除けませんでした。写真（JPEG・PNG）かPDFに変えると、取り除けることがあります。"
    ),
}


class Uncleanable(Exception):
    """The file is not cleaned. What came out of it before this was raised is not the file and must not be kept."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason

    @property
    def message(self) -> Promise:
        """What its sender is told, in the language it is read in."""
        return self.reason.text
