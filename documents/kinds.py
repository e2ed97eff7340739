"""What kinds of files there are, what each is handed out as, and which file names promise which kind."""

from __future__ import annotations

from pathlib import PurePath

from django.db import models
from django.utils.translation import gettext_lazy as _

BINARY = "application/octet-stream"


class Kind(models.TextChoices):
    """The kind of a file, decided by its content. `ACTIVE` is what a computer would run or a browser would obey."""

    TEXT = "TEXT", _("テキスト")
    PDF = "PDF", _("PDF")
    WORD = "WORD", _("文書（Word）")
    SHEET = "SHEET", _("表計算（Excel）")
    SLIDES = "SLIDES", _("スライド（PowerPoint）")
    OFFICE = "OFFICE", _("オフィス文書（旧形式）")
    IMAGE = "IMAGE", _("画像")
    ARCHIVE = "ARCHIVE", _("圧縮ファイル")
    ACTIVE = "ACTIVE", _("実行ファイル・HTMLなど（画面では開けません）")
    OTHER = "OTHER", _("その他")


VIEWABLE = frozenset({Kind.TEXT, Kind.PDF})

# What a name promises. A name that ends otherwise promises nothing.
PROMISED: dict[str, Kind] = {
    **dict.fromkeys(("txt", "csv", "tsv", "md", "log", "json", "xml", "yaml", "yml", "ini"), Kind.TEXT),
    "pdf": Kind.PDF,
    **dict.fromkeys(("docx", "dotx"), Kind.WORD),
    **dict.fromkeys(("xlsx", "xltx"), Kind.SHEET),
    **dict.fromkeys(("pptx", "ppsx", "potx"), Kind.SLIDES),
    **dict.fromkeys(("doc", "xls", "ppt"), Kind.OFFICE),
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "webp", "tif", "tiff", "bmp"), Kind.IMAGE),
    **dict.fromkeys(("zip", "gz", "7z", "rar", "lzh", "xz", "bz2", "tar"), Kind.ARCHIVE),
}

# Names a computer runs, or a browser obeys, whatever their content looks like.
RUN_BY_NAME = frozenset(
    {
        *(
            "exe",
            "com",
            "scr",
            "pif",
            "msi",
            "msp",
            "dll",
            "cpl",
            "jar",
            "app",
            "iso",
            "img",
            "lnk",
            "url",
            "reg",
            "chm",
        ),
        *("bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "mjs", "wsf", "wsh", "hta", "sh", "py"),
        *("html", "htm", "xhtml", "mht", "mhtml", "svg", "svgz", "xsl", "xslt"),
        *("docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "ppsm", "potm"),
    }
)


def extension(name: str) -> str:
    """`pdf` of `計画.PDF`; empty where there is none."""
    return PurePath(name).suffix[1:].lower()


def kept_promise(name: str, kind: str) -> bool:
    """Whether a file of this kind is what its name promises."""
    ending = extension(name)
    promised = Kind.ACTIVE if ending in RUN_BY_NAME else PROMISED.get(ending)
    return promised is None or promised == kind
