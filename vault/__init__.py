"""Envelope encryption: root key → marking key → item key → fields and files. The only app that knows ciphers."""

from django.utils.translation import gettext_lazy as _

UNREADABLE = _("この内容は開けません。保管中に書き換えられたか、鍵が一致しません。運用担当者にお知らせください。")


class Unreadable(Exception):
    """What was sealed does not open here: altered, moved to another row, or sealed under another key."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else str(UNREADABLE)
