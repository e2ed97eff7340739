"""What readers did with a briefing. Who read what is itself a secret: each sees their own, officials who run the
audience see all (clearance.operations.EnableLedger)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Organisation, Person
from vault.fields import SealedTextField

from .briefings import Briefing


class Opening(models.Model):
    """閲覧: that a person opened a briefing, first and last; `glimpsed`, that so far a search has shown them
    passages of it and no more, which is no reading, but which a retraction has to reach."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    briefing = models.ForeignKey(Briefing, models.CASCADE, related_name="openings", db_index=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    first = models.DateTimeField(default=timezone.now)
    last = models.DateTimeField(default=timezone.now)
    glimpsed = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("閲覧の記録")
        verbose_name_plural = _("閲覧の記録")
        ordering: ClassVar = ["-first", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["briefing", "person"], name="opening_once")]

    def __str__(self) -> str:
        return str(self.pk)


class Acknowledgement(models.Model):
    """確認: that a person has taken note. One given before a section that asks again counts no more for its readers."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    briefing = models.ForeignKey(Briefing, models.CASCADE, related_name="acknowledgements")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("確認日時"), default=timezone.now)

    class Meta:
        verbose_name = _("確認の記録")
        verbose_name_plural = _("確認の記録")
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return str(self.pk)


class Reply(models.Model):
    """返答: 当社でも見られる・当社には当てはまらない・質問. A firm has one of the first two, the newest."""

    class Kind(models.TextChoices):
        SEEN = "SEEN", _("当社でも見られる")
        NOT_US = "NOT_US", _("当社には当てはまらない")
        QUESTION = "QUESTION", _("質問")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    briefing = models.ForeignKey(Briefing, models.CASCADE, related_name="replies")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    kind = models.CharField(_("返答"), max_length=8, choices=Kind.choices)
    text = SealedTextField(_("内容"), via="briefing", max_plain_length=4000, default="", blank=True)
    at = models.DateTimeField(_("返答日時"), default=timezone.now)

    class Meta:
        verbose_name = _("返答")
        verbose_name_plural = _("返答")
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=["SEEN", "NOT_US", "QUESTION"]), name="reply_kind"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Notice(models.Model):
    """お知らせ: to one person, that something they had read was retracted. It names no content, and outlives what it is
    about. What was corrected they see by itself: a section newer than their last look."""

    class Kind(models.TextChoices):
        RETRACTED = "RETRACTED", _("取り消されました")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    about = models.UUIDField()  # the briefing, which may be out of sight by now
    read_on = models.DateField()  # when the person had first opened it
    at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("お知らせ")
        verbose_name_plural = _("お知らせ")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["person", "-at", "-id"], name="notice_of_person")]

    def __str__(self) -> str:
        return str(self.pk)
