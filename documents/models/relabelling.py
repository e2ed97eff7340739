"""Requests to let more people read a document: one official proposes, another decides."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Person
from clearance.models import Marking
from vault.fields import SealedTextField

from .documents import Document


class Answer(models.TextChoices):
    NONE = "", _("承認待ち")
    APPROVED = "APPROVED", _("承認")
    REFUSED = "REFUSED", _("差戻し")
    OVERTAKEN = "OVERTAKEN", _("失効")


class RelabelRequest(models.Model):
    """From one marking to one other: an approval holds for this change and no other."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    document = models.ForeignKey(Document, models.CASCADE, related_name="relabel_requests")
    present = models.ForeignKey(Marking, models.PROTECT, related_name="+", verbose_name=_("現在の格付・取扱制限"))
    proposed = models.ForeignKey(Marking, models.PROTECT, related_name="+", verbose_name=_("変更後の格付・取扱制限"))
    reason = SealedTextField(_("変更の理由"), via="document", max_plain_length=1000)
    consent = SealedTextField(_("情報提供元の同意の記録"), via="document", max_plain_length=300, default="", blank=True)
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("申請した方"))
    proposed_at = models.DateTimeField(_("申請日時"), default=timezone.now)
    answer = models.CharField(_("結果"), max_length=9, choices=Answer.choices, blank=True)
    note = SealedTextField(_("差戻しの理由"), via="document", max_plain_length=1000, default="", blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, verbose_name=_("承認者"))
    answered_at = models.DateTimeField(_("承認日時"), null=True)

    class Meta:
        verbose_name = _("格付変更の申請の一覧")
        verbose_name_plural = _("格付変更の申請の一覧")
        ordering: ClassVar = ["-proposed_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document"], condition=Q(answer=""), name="relabelrequest_one_open"),
            models.CheckConstraint(condition=Q(answer__in=Answer.values), name="relabelrequest_answer"),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | Q(answer="OVERTAKEN") | ~Q(answered_by=F("proposed_by")),
                name="relabelrequest_two_officials",
            ),
            models.CheckConstraint(
                condition=Q(answer="") | Q(answered_at__isnull=False), name="relabelrequest_answered_some_day"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
