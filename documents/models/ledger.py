"""The ledger of readings: who took note of which version, when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Person

from .documents import Document
from .versions import Version


class Way(models.TextChoices):
    VIEW = "VIEW", _("画面で閲覧")
    DOWNLOAD = "DOWNLOAD", _("ダウンロード")


class Reading(models.Model):
    """One sitting: what one person did with one version in one way, without a pause of ten minutes.

    There for the reader, the stewards and the originator's people; to others, who read what is itself a secret.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    document = models.ForeignKey(Document, models.CASCADE, related_name="readings")
    version = models.ForeignKey(Version, models.CASCADE, related_name="readings")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("閲覧した方"))
    way = models.CharField(_("方法"), max_length=8, choices=Way.choices)
    sitting = models.PositiveIntegerField()
    began = models.DateTimeField(_("閲覧日時"), default=timezone.now)
    last = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("閲覧の記録")
        verbose_name_plural = _("閲覧の記録")
        ordering: ClassVar = ["-began", "-id"]
        indexes: ClassVar = [models.Index(fields=["document", "-began"])]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "person", "way", "sitting"], name="reading_one_a_sitting"),
            models.CheckConstraint(condition=Q(last__gte=F("began")), name="reading_times"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
