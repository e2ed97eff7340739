"""A document: what is under the marking. Its files are its versions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Person
from clearance.models import Indexed, Marked, Vouched
from vault.fields import SealedTextField

from ..kinds import Kind

TITLE_MOST = 200


class Retention(models.TextChoices):
    """保存期間 (公文書等の管理に関する法律施行令 別表)."""

    NONE = "", _("未登録")
    BELOW_1 = "<1", _("1年未満")
    Y1 = "1", _("1年")
    Y3 = "3", _("3年")
    Y5 = "5", _("5年")
    Y10 = "10", _("10年")
    Y20 = "20", _("20年")
    Y30 = "30", _("30年")


class Disposal(models.TextChoices):
    """保存期間の満了時の措置 (公文書等の管理に関する法律 第5条第5項)."""

    NONE = "", _("未登録")
    TRANSFER = "TRANSFER", _("国立公文書館等へ移管")
    DESTROY = "DESTROY", _("廃棄")


class Document(Indexed, Vouched):
    """What an organisation has handed over into a circle. Its title is sealed."""

    title = SealedTextField(_("題名"), max_plain_length=TITLE_MOST)
    originator = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("情報提供元"), editable=False
    )
    handed_over_by = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name=_("登録した方"), editable=False
    )
    kind = models.CharField(_("種類"), max_length=8, choices=Kind.choices, editable=False)
    # The record data of a public document (行政文書): it is destroyed only with a recorded consent (docs/glossary.md).
    record_file = SealedTextField(_("行政文書ファイル名"), max_plain_length=200, default="", blank=True)
    record_retention = models.CharField(_("保存期間"), max_length=3, choices=Retention.choices, blank=True)
    record_disposal = models.CharField(_("満了時の措置"), max_length=8, choices=Disposal.choices, blank=True)

    class Meta(Marked.Meta):
        verbose_name = _("文書")
        verbose_name_plural = _("文書")
        constraints: ClassVar = [
            *Marked.Meta.constraints,
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="document_kind"),
            models.CheckConstraint(
                condition=models.Q(record_retention__in=Retention.values), name="document_record_retention"
            ),
            models.CheckConstraint(
                condition=models.Q(record_disposal__in=Disposal.values), name="document_record_disposal"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def searched_text(self) -> str:
        return self.title

    @property
    def recorded(self) -> bool:
        """Whether all of the record data are there."""
        return bool(self.record_file and self.record_retention and self.record_disposal)
