"""What the commands on keys share: run as the owner, noted in the log, one sentence for a fault."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction
from django.utils.translation import gettext_lazy as _

from accounts.operator import OWNER, both
from audit.services import SYSTEM, record
from clearance.models import Marking
from clearance.noting import level_noted
from vault import keys
from vault.providers import KeyProviderUnavailable

# Longer than a process keeps a marking's key in memory, and than any request or task holds a transaction open.
SETTLE_SECONDS = keys.CACHE_SECONDS + 60


class KeyCommand(BaseCommand, ABC):
    """A command on keys: `work` reaches the rows over the owner's connection and may raise KeyProviderUnavailable."""

    def handle(self, *args: Any, **options: Any) -> None:
        if OWNER not in connections:
            raise CommandError(
                both(_("ENTAKU_DB_OWNER_PASSWORD を設定してください。鍵の入替えはデータベースの所有者として行います。"))
            )
        try:
            self.work(**options)
        except KeyProviderUnavailable as error:
            raise CommandError(str(error)) from error

    @abstractmethod
    def work(self, **options: Any) -> None:
        """What the command does."""

    @staticmethod
    def note(act: str, marking: str = "", **detail: str | int) -> None:
        """An event of the operator's, as high as the marking it names."""
        known = Marking.objects.using(OWNER).filter(text=marking).first()
        level = level_noted(known.level if known else None, marking)
        with transaction.atomic():
            record(actor=SYSTEM, act=act, target_type="vault.key", label=marking, level=level, detail=detail)
