"""For whom briefings are written, and where they are written: both are uses of a circle."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from clearance.models import Marked
from vault.fields import SealedTextField


class Bureau(Marked):
    """起案の班: the officials who write drafts together. Its circle holds drafts and nothing else."""

    name = SealedTextField(_("名称"), max_plain_length=80)
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)

    class Meta(Marked.Meta):
        verbose_name = _("起案の班")
        verbose_name_plural = _("起案の班")
        constraints: ClassVar = [
            *Marked.Meta.constraints,
            models.UniqueConstraint(fields=["circle"], name="bureau_one_a_circle"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Audience(Marked):
    """宛先: a circle that briefings go to. Readers never see its name: whom else something reached tells of them."""

    class Kind(models.TextChoices):
        ROOM = "ROOM", _("対話の場の参加者")
        SECTOR = "SECTOR", _("業種")
        LIST = "LIST", _("名簿")
        EVERYONE = "EVERYONE", _("全利用者（公開のみ）")

    kind = models.CharField(_("宛先の種類"), max_length=8, choices=Kind.choices)
    name = SealedTextField(_("名称"), max_plain_length=80)
    sector = models.CharField(_("業種"), max_length=20, blank=True)
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)

    class Meta(Marked.Meta):
        verbose_name = _("宛先")
        verbose_name_plural = _("宛先")
        constraints: ClassVar = [
            *Marked.Meta.constraints,
            models.UniqueConstraint(fields=["circle"], name="audience_one_a_circle"),
            models.CheckConstraint(condition=Q(kind__in=["ROOM", "SECTOR", "LIST", "EVERYONE"]), name="audience_kind"),
            models.CheckConstraint(condition=Q(kind="SECTOR") ^ Q(sector=""), name="audience_sector_of_a_sector"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
