"""下書き: what is being written, and the second pair of eyes on it. Readers of the briefing see none of this."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Person
from clearance.models import Marked
from vault.fields import SealedJSONField, SealedTextField

from .audiences import Audience
from .briefings import Briefing


class State(models.TextChoices):
    WRITING = "WRITING", _("作成中")
    IN_REVIEW = "IN_REVIEW", _("確認待ち")
    RETURNED = "RETURNED", _("差戻し")
    APPROVED = "APPROVED", _("承認済み（公表待ち）")
    PUBLISHED = "PUBLISHED", _("公表済み")
    DROPPED = "DROPPED", _("取りやめ")


class Draft(Marked):
    """One briefing, or one correction of a briefing, in the making. Marked as high as its highest section may go.

    `content` is `briefings.content.Content` as JSON; `revision` counts its savings, so that nobody writes over what
    they have not seen and an approval holds for what was approved.
    """

    author = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("作成者"), db_index=False)
    content = SealedJSONField(_("内容"), max_plain_length=2_000_000)
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(_("保存日時"), default=timezone.now)
    saved_by = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(_("状態"), max_length=9, choices=State.choices, default=State.WRITING)
    audience = models.ForeignKey(Audience, models.PROTECT, related_name="+", null=True, verbose_name=_("宛先"))
    corrects = models.ForeignKey(Briefing, models.PROTECT, related_name="+", null=True, verbose_name=_("訂正する情報"))
    release_at = models.DateTimeField(_("公表日時"), null=True, blank=True)
    briefing = models.ForeignKey(Briefing, models.PROTECT, related_name="drafts", null=True, editable=False)

    class Meta(Marked.Meta):
        verbose_name = _("下書き")
        verbose_name_plural = _("下書き")
        indexes: ClassVar = [
            *Marked.Meta.indexes,
            models.Index(fields=["release_at"], condition=Q(state="APPROVED"), name="draft_to_be_released"),
        ]
        constraints: ClassVar = [
            *Marked.Meta.constraints,
            models.CheckConstraint(condition=Q(state__in=State.values), name="draft_state"),
            models.CheckConstraint(
                condition=~Q(state="PUBLISHED") | Q(briefing__isnull=False), name="draft_published_as_something"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["WRITING", "RETURNED", "DROPPED"]) | Q(audience__isnull=False),
                name="draft_is_for_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Review(models.Model):
    """確認: one revision of a draft, put before one other official. Only one is open at a time."""

    class Answer(models.TextChoices):
        NONE = "", _("確認待ち")
        APPROVED = "APPROVED", _("承認")
        RETURNED = "RETURNED", _("差戻し")
        TAKEN_BACK = "TAKEN_BACK", _("取下げ")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="reviews")
    revision = models.PositiveIntegerField()
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("依頼した方"))
    reviewer = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("確認する方"))
    asked_at = models.DateTimeField(_("依頼日時"), default=timezone.now)
    answer = models.CharField(_("結果"), max_length=10, choices=Answer.choices, blank=True)
    note = SealedTextField(_("差戻しの理由"), via="draft", max_plain_length=2000, default="", blank=True)
    answered_at = models.DateTimeField(_("回答日時"), null=True)

    class Meta:
        verbose_name = _("確認の依頼")
        verbose_name_plural = _("確認の依頼")
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draft"], condition=Q(answer=""), name="review_one_open"),
            models.CheckConstraint(
                condition=Q(answer__in=["", "APPROVED", "RETURNED", "TAKEN_BACK"]), name="review_answer"
            ),
            models.CheckConstraint(condition=~Q(reviewer=F("asked_by")), name="review_by_another_official"),
            models.CheckConstraint(
                condition=Q(answer="") | Q(answered_at__isnull=False), name="review_answered_some_day"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
